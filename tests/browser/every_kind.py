"""A survey with every kind of question, put into a running demo and opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.running import RunningSite
from tests.surveys.forms import xlsx

SURVEY = """
type | name | label::English (en) | label::Arabic (ar) | hint::English (en) | required | constraint | constraint_message::English (en) | relevant | parameters | appearance | calculation | choice_filter
note | welcome | This asks a little of **everything**. | هذا يسأل قليلا عن كل شيء. | | | | | | | | | |
text | name | What shall we call you? | ماذا نناديك؟ | Any word will do. | yes | | | | | | | |
integer | people | How many live with you? | كم يسكن معك؟ | | | . < 20 | Fewer than 20, please. | | | | | |
decimal | hours | How many hours are you out? | كم ساعة تكون في الخارج؟ | | | | | | | | | |
date | day | Which day? | أي يوم؟ | | | | | | | | | |
time | hour | At what time? | في أي وقت؟ | | | | | | | | | |
dateTime | moment | When exactly? | متى بالضبط؟ | | | | | | | | | |
select_one feelings | feel | How is it in the street? | كيف الشارع؟ | | | | | | | likert | | |
select_one lands | land | Where are you from? | من أين أنت؟ | | | | | | | minimal | | |
select_multiple towns | seen | Which have you seen? | ماذا رأيت؟ | | | | | | | columns | | land = ${land} |
rank feelings | order | Put these in order. | رتّب هذه. | | | | | | | | | |
range | scale | How much? | كم؟ | | | | | | start=1 end=5 step=1 | | | |
geopoint | place | Where? | أين؟ | | | | | | | | | |
geotrace | way | Which way do you go? | أي طريق؟ | | | | | | | | | |
geoshape | zone | Which area do you mean? | أي منطقة؟ | | | | | | | | | |
begin_repeat | spot | Places of yours | أماكنك | | | | | | | | | |
text | called | What is it called? | ما اسمه؟ | | | | | | | | | |
select_one feelings | there | How is it at ${called}? | كيف هو ${called}؟ | | | | | | | | | |
end_repeat | | | | | | | | | | | | |
image | photo | A photo | صورة | | | | | | | | | |
acknowledge | fine | May we use this? | هل يمكننا استعماله؟ | | | | | | | | | |
calculate | total | | | | | | | | | | count(${spot}) + ${people} | |
"""
CHOICES = """
list_name | name | label::English (en) | label::Arabic (ar) | media::image | land
feelings | good | Good | جيد | safe |
feelings | fair | Fair | مقبول | |
feelings | bad | Bad | سيئ | none |
lands | fi | Finland | فنلندا | |
lands | se | Sweden | السويد | |
towns | hki | Helsinki | هلسنكي | | fi
towns | tku | Turku | توركو | | fi
towns | sto | Stockholm | ستوكهولم | | se
"""
SETTINGS = """
form_title | form_id | default_language | title::Arabic (ar)
A little of everything | everything | English (en) | قليل من كل شيء
"""
HOME = "/surveys/everything/"
OPEN = """
from datetime import timedelta
from django.utils import timezone
from surveys import opening
from surveys.models import Survey
survey = Survey.objects.get(slug="everything")
now = timezone.now()
plan = opening.Plan("Everybody", now - timedelta(1), now + timedelta(9), without_figures=True)
if survey.current_opening() is None:
    opening.open_round(None, survey.latest, plan)
"""
STORED = """
import json, sys
from pathlib import Path
from surveys.models import Response
found = Response.objects.filter(version__survey__slug="everything").values_list("answers", flat=True)
Path({out!r}).write_text(json.dumps(list(found)))
"""


def open_everything(site: RunningSite, folder: Path) -> None:
    """Put the survey into the site's project of the bridge and open it. Safe to repeat."""
    file = folder / "everything.xlsx"
    file.write_bytes(xlsx(survey=SURVEY, choices=CHOICES, settings=SETTINGS))
    site.manage("import_survey", str(file), "--survey", "everything", "--project", "pitkasilta")
    site.manage("shell", "-c", OPEN)


def stored(site: RunningSite, folder: Path) -> list[dict[str, Any]]:
    """The answers of every response to it."""
    out = folder / "stored.json"
    site.manage("shell", "-c", STORED.format(out=str(out)))
    found: list[dict[str, Any]] = json.loads(out.read_text())
    return found
