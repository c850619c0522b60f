from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from engagement import receipts
from engagement.models import Project, Round
from surveys import opening, versions
from surveys.models import Survey, SurveyVersion
from surveys.responding import Sent
from tests.surveys.forms import form

SURVEY = """
type | name | label::English (en) | label::Finnish (fi) | hint::English (en) | required | constraint | constraint_message::English (en) | relevant | parameters | calculation
select_one modes | mode | How do you cross today? | Miten ylität sillan? | The usual way | yes | | | | |
select_multiple wishes | matters | What matters most? | Mikä on tärkeintä? | | | count-selected(.) <= 2 | Please choose two at most. | | |
integer | minutes | How many minutes does it take? | Montako minuuttia? | | | . > 0 and . < 300 | Between 1 and 299 minutes, please. | ${mode} != 'never' | |
range | affected | How much would it change? | Kuinka paljon? | | | | | | start=1 end=5 step=1 |
geopoint | place | Where does it worry you? | Missä? | | | | | | |
text | remark | What else? | Mitä muuta? | | | | | | |
image | photo | Show it | Näytä se | | | | | ${remark} != '' | |
calculate | hours | | | | | | | | | round(${minutes} div 60, 2)
"""
CHOICES = """
list_name | name | label::English (en) | label::Finnish (fi) | media::image
modes | car | Car | Auto | car
modes | bike | Bike | Pyörä | bike
modes | never | Never | En koskaan |
wishes | quiet | Quiet | Hiljaisuus |
wishes | safe | Safety | Turvallisuus |
wishes | fast | Speed | Nopeus |
"""
SETTINGS = """
form_title | form_id | default_language | title::Finnish (fi)
The old bridge | bridge | English (en) | Vanha silta
"""


def photo_data() -> dict[str, str]:
    """A small photo as a phone sends it."""
    import base64
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(stream, "JPEG")
    return {"type": "image/jpeg", "data": base64.b64encode(stream.getvalue()).decode()}


@pytest.fixture
def version(project: Project) -> SurveyVersion:
    """The first version of the survey ``bridge``."""
    return versions.store(None, project, form(SURVEY, CHOICES, SETTINGS), slug="bridge")[0]


@pytest.fixture
def survey(version: SurveyVersion) -> Survey:
    return version.survey


@pytest.fixture
def asked(version: SurveyVersion) -> Round:
    """An open round of the survey ``bridge``."""
    now = timezone.now()
    return opening.open_round(
        None,
        version,
        opening.Plan("Residents of Old Harbour", now - timedelta(days=2), now + timedelta(days=20), 400),
    )


def sent(answers: dict[str, Any] | None = None, **more: Any) -> Sent:
    """A response that is ready to be sent."""
    given = {"mode": "bike", "minutes": "12"} if answers is None else answers
    options: dict[str, Any] = {"id": uuid4(), "code": receipts.new_code(), "language": "en", **more}
    assert isinstance(options["id"], UUID)
    return Sent(answers=given, **options)
