"""The page about people's data says what holds here and now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement.models import Project, Round
from privacy import about
from privacy.record_models import ProcessingRecord

pytestmark = pytest.mark.django_db


def test_the_days_of_every_round_that_people_may_see_stand_there(client: Client, open_round: Round) -> None:
    page = client.get("/about-your-data/").text
    assert "What if the bridge closed?" in page
    assert "Your receipt code opens your answer until" in page
    [entry] = about.dates(None)
    assert entry.rights_until == timezone.localdate() + timedelta(days=200)
    assert (entry.decide_by.isoformat() if entry.decide_by else "") == "2027-01-30"


def test_a_hidden_project_and_a_round_without_key_are_not_named(client: Client, open_round: Round) -> None:
    Project.objects.update(published=False)
    assert about.dates(None) == []
    Project.objects.update(published=True)
    Round.objects.update(key_destroyed_on=timezone.localdate())
    assert about.dates(None) == []
    assert "Days that matter" not in client.get("/about-your-data/").text


def test_numbers_follow_what_the_city_shortened(client: Client, settings: Any) -> None:
    assert "183 days after the decision" in " ".join(client.get("/about-your-data/").text.split())
    settings.LOGGIA_KEEP_DAYS = ["answers=90"]
    page = " ".join(client.get("/about-your-data/").text.split())
    assert "90 days after the decision" in page
    assert "183 days after the decision" not in page


def test_the_basis_and_who_answers_for_it_are_told(client: Client, project: Project, open_round: Round) -> None:
    ProcessingRecord.objects.create(
        project=project,
        basis="public-task",
        law="Land Use Act § 62",
        controller="City of Harbour",
        contact="dpo@h.example",
    )
    page = client.get("/about-your-data/").text
    for words in ("Land Use Act § 62", "City of Harbour", "dpo@h.example"):
        assert words in page


def test_the_page_speaks_arabic_whole(client: Client, open_round: Round) -> None:
    page = client.get("/about-your-data/", headers={"accept-language": "ar"}).text
    assert "أيام مهمة" in page
    assert "Days that matter" not in page
