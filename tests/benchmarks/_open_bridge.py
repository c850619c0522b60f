"""In the site's own surroundings: a survey for the stories of ``tests.faults``; prints the token of its OpenRosa door."""

from __future__ import annotations

import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")
django.setup()

from django.utils import timezone

from engagement.models import Charter, Project
from surveys import opening, versions
from surveys.openrosa import submissions
from tests.surveys.forms import form

SHEET = """
type | name | label | constraint
select_one modes | mode | How do you cross? |
integer | minutes | How many minutes? | . > 0
text | remark | What else? |
"""
CHOICES = "list_name | name | label\nmodes | car | Car\nmodes | bike | Bike"


def main() -> None:
    project = Project.objects.create(slug="bridge", title={"en": "Bridge"}, languages=["en"], published=True)
    now = timezone.now()
    Charter.objects.create(project=project, decider="Council", decide_by=now.date() + timedelta(days=90))
    version, _new = versions.store(None, project, form(SHEET, CHOICES), slug="bridge")
    plan = opening.Plan("Everybody", now - timedelta(days=1), now + timedelta(days=30), 1_000)
    opening.open_round(None, version, plan)
    print(submissions.key_of(version.survey).token)


if __name__ == "__main__":
    main()
