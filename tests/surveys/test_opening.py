from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from engagement.models import LogEntry, Project, Round, User
from surveys import opening, versions
from surveys.models import Opening, SurveyVersion
from tests.surveys.forms import form, xlsx

pytestmark = pytest.mark.django_db
SMALL = "type | name | label\ntext | a | A"


def plan(first: int = -1, last: int = 10, population: str = "Residents") -> opening.Plan:
    now = timezone.now()
    return opening.Plan(population, now + timedelta(days=first), now + timedelta(days=last), 400)


def test_uploading_the_same_form_again_makes_no_second_version(project: Project, officer: User) -> None:
    first = versions.upload(officer, project, xlsx(survey=SMALL), slug="bridge")
    again = versions.upload(officer, project, xlsx(survey=SMALL), slug="bridge")
    other = versions.upload(officer, project, xlsx(survey=SMALL + "\ntext | b | B"), slug="bridge")
    assert (first.created, again.created, other.created) == (True, False, True)
    assert again.version == first.version
    assert other.version.number == 2
    assert list(LogEntry.objects.values_list("verb", flat=True)) == ["survey.uploaded", "survey.uploaded"]


def test_a_survey_of_another_project_is_not_overwritten(project: Project, version: SurveyVersion) -> None:
    other = Project.objects.create(slug="other", title={"en": "Other"})
    with pytest.raises(versions.SlugTaken) as refused:
        versions.store(None, other, form(SMALL), slug="bridge")
    assert refused.value.status == 409


def test_a_round_opens_with_a_day_on_which_its_key_is_destroyed(version: SurveyVersion, officer: User) -> None:
    round = opening.open_round(officer, version, plan())
    assert round.is_open()
    assert round.destroy_key_on == timezone.localtime(round.closes_at).date() + timedelta(days=180)
    assert Opening.objects.get(round=round).version == version
    assert version.survey.current_opening() == Opening.objects.get(round=round)


def test_a_survey_has_one_round_at_a_time(version: SurveyVersion, asked: Round) -> None:
    with pytest.raises(opening.CannotOpen, match="Another round"):
        opening.open_round(None, version, plan())
    opening.close_round(None, asked)
    assert opening.open_round(None, version, plan(first=0)).is_open()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (plan(last=-2), "The last day must come after the first."),
        (plan(population=" "), "Say who may answer."),
    ],
)
def test_a_round_that_makes_no_sense_does_not_open(version: SurveyVersion, wrong: opening.Plan, told: str) -> None:
    with pytest.raises(opening.CannotOpen, match=told):
        opening.open_round(None, version, wrong)


def test_a_form_that_asks_nothing_does_not_open(project: Project) -> None:
    version, _new = versions.store(None, project, form("type | name | label\nnote | a | A"), slug="notes")
    with pytest.raises(opening.CannotOpen, match="asks nothing"):
        opening.open_round(None, version, plan())


def test_closing_twice_changes_nothing(asked: Round, officer: User) -> None:
    closed = opening.close_round(officer, asked).closes_at
    assert opening.close_round(officer, asked).closes_at == closed
    assert LogEntry.objects.filter(verb="round.closed").count() == 1
