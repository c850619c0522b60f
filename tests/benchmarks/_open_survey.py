"""In the site's own surroundings: open a survey of the ten questions, print how many statements a response takes."""

from __future__ import annotations

import os
import random
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")
django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from engagement.models import Charter, Project
from surveys import opening, versions
from tests.benchmarks._ten_questions import some_answers, xlsform
from tests.benchmarks.submissions import DOOR, body
from tests.surveys.forms import form

CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SELECT pg_advisory_xact_lock")


def main() -> None:
    project = Project.objects.create(slug="bench", title={"en": "Bench"}, languages=["en"], published=True)
    now = timezone.now()
    Charter.objects.create(project=project, decider="Council", decide_by=now.date() + timedelta(days=90))
    version, _new = versions.store(None, project, form(*xlsform()), slug="bench")
    plan = opening.Plan("Everybody", now - timedelta(days=1), now + timedelta(days=30), 10_000)
    opening.open_round(None, version, plan)
    settings.ALLOWED_HOSTS = ["*"]
    chance = random.Random(7)
    client = Client()
    for _turn in range(2):  # the first one parses the form
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(DOOR, body(some_answers(chance), chance), content_type="application/json")
        assert answer.status_code == 201, answer.content
    print(sum(not query["sql"].startswith(CONTROL) for query in captured.captured_queries))


if __name__ == "__main__":
    main()
