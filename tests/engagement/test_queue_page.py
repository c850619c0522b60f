"""The officer's queue, by plain forms; the keys are tested in tests/js/desk.test.mjs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement import moderation
from engagement.models import LogEntry, Project, QueueItem, Ruling, User
from engagement.moderation import Content
from tests.conftest import person
from tests.engagement.conftest import Remarks

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def queue_of_three(remarks: Remarks, project: Project) -> list[QueueItem]:
    for number in range(3):
        remarks.texts[f"q{number}"] = Content(text=f"Remark number {number}", language="en")
        item = moderation.enqueue(remarks.kind, f"q{number}", project=project, language="en")
        QueueItem.objects.filter(pk=item.pk).update(waiting_since=timezone.now() - timedelta(hours=9 - number))
    return list(QueueItem.objects.all())


def test_the_queue_shows_the_oldest_item_as_it_was_written(
    desk_of: SignIn, officer: User, waiting_remark: QueueItem
) -> None:
    always = {"days": [0, 1, 2, 3, 4, 5, 6], "opens": "00:00", "closes": "23:59:59"}
    Project.objects.update(office_hours=always)
    QueueItem.objects.update(waiting_since=timezone.now() - timedelta(hours=26, minutes=30))
    page = desk_of(officer).get("/desk/queue/").text
    assert "Ask my neighbour at number 12 &lt;b&gt;now&lt;/b&gt;" in page
    assert "26 office hours" in page
    assert "1 is past its day." in page
    assert "Suomi" in page
    assert "Harbour Street" in page


def test_approving_goes_on_to_the_next_item_and_offers_to_undo(
    desk_of: SignIn, officer: User, queue_of_three: list[QueueItem], remarks: Remarks
) -> None:
    first, second, _third = queue_of_three
    answer = desk_of(officer).post(f"/desk/queue/{first.pk}/", {"outcome": "approved"})
    assert answer["Location"] == f"/desk/queue/{second.pk}/?ruled={first.pk}"
    assert remarks.applied == [("q0", "approved")]
    page = desk_of(officer).get(answer["Location"]).text
    assert 'value="undo" data-key="u"' in page
    assert "Remark number 1" in page


def test_a_rejection_without_ground_or_reason_is_refused_and_keeps_what_was_typed(
    desk_of: SignIn, officer: User, waiting_remark: QueueItem
) -> None:
    answer = desk_of(officer).post(
        f"/desk/queue/{waiting_remark.pk}/", {"outcome": "rejected", "reason": "It names a person."}
    )
    assert answer.status_code == 422
    assert "Choose a ground" in answer.text
    assert "It names a person.</textarea>" in answer.text
    assert not Ruling.objects.exists()


def test_a_rejection_carries_reason_log_entry_and_a_ready_sentence_in_the_authors_language(
    desk_of: SignIn, officer: User, queue_of_three: list[QueueItem]
) -> None:
    first = queue_of_three[0]
    browser = desk_of(officer)
    assert 'data-canned="The words attack a person or a group."' in browser.get(f"/desk/queue/{first.pk}/").text
    browser.post(
        f"/desk/queue/{first.pk}/", {"outcome": "rejected", "ground": "insult", "reason": "The words attack a person."}
    )
    ruling = Ruling.objects.get()
    assert (ruling.ground, ruling.reason, ruling.moderator) == ("insult", "The words attack a person.", officer)
    entry = LogEntry.objects.get(verb="moderation.rejected")
    assert "attack" not in str(entry.details)


def test_undoing_lets_the_item_wait_again(desk_of: SignIn, officer: User, waiting_remark: QueueItem) -> None:
    browser = desk_of(officer)
    browser.post(f"/desk/queue/{waiting_remark.pk}/", {"outcome": "approved"})
    browser.post(f"/desk/queue/{waiting_remark.pk}/", {"outcome": "undo"})
    waiting_remark.refresh_from_db()
    assert waiting_remark.state == "waiting"


def test_a_withdrawn_text_is_said_to_be_withdrawn(
    desk_of: SignIn, officer: User, waiting_remark: QueueItem, remarks: Remarks
) -> None:
    del remarks.texts["r1"]
    assert "There is nothing left to decide." in desk_of(officer).get(f"/desk/queue/{waiting_remark.pk}/").text


def test_only_officers_of_the_project_reach_its_queue(
    desk_of: SignIn, waiting_remark: QueueItem, outsider: User, planner: User
) -> None:
    elsewhere = Project.objects.create(slug="elsewhere", title={"en": "Elsewhere"})
    foreign = person("foreign@town.example", "officer", elsewhere)
    path = f"/desk/queue/{waiting_remark.pk}/"
    assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"
    assert desk_of(outsider).get(path).status_code == 403
    assert desk_of(planner).get(path).status_code == 403
    assert desk_of(foreign).get(path).status_code == 404
    assert desk_of(foreign).post(path, {"outcome": "approved"}).status_code == 404
    assert "number 12" not in desk_of(foreign).get("/desk/queue/").text
    assert not Ruling.objects.exists()


def test_a_ruling_needs_the_form_token_of_the_site(officer: User, waiting_remark: QueueItem) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(officer)
    assert strict.post(f"/desk/queue/{waiting_remark.pk}/", {"outcome": "approved"}).status_code == 403
    assert not Ruling.objects.exists()


def test_a_long_queue_costs_no_more_queries_than_a_short_one(
    desk_of: SignIn, officer: User, remarks: Remarks, project: Project, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        remarks.texts[f"n{number}"] = Content(text=f"Remark {number}")
        moderation.enqueue(remarks.kind, f"n{number}", project=project)
    browser = desk_of(officer)
    with django_assert_max_num_queries(12):
        page = browser.get("/desk/queue/")
    assert "48 more not shown here." in page.text


def test_the_desk_counts_what_waits_for_the_person(
    desk_of: SignIn, officer: User, planner: User, waiting_remark: QueueItem
) -> None:
    assert '<span class="count">1</span><strong>Queue</strong>' in desk_of(officer).get("/desk/").text
    assert "<strong>Queue</strong>" not in desk_of(planner).get("/desk/").text


def test_the_desk_is_closed_to_outsiders(desk_of: SignIn, outsider: User, client: Client) -> None:
    assert client.get("/desk/")["Location"] == "/accounts/login/?next=/desk/"
    assert desk_of(outsider).get("/desk/").status_code == 403


def test_an_appeal_is_answered_by_another_person_only(
    desk_of: SignIn, officer: User, second_officer: User, waiting_remark: QueueItem, remarks: Remarks
) -> None:
    from engagement import appeals

    ruling = moderation.rule(waiting_remark, officer, "rejected", ground="insult", reason="It attacks a person.")
    appeal = appeals.make(ruling, "It was a joke.")
    assert "It was a joke." not in desk_of(officer).get("/desk/appeals/").text
    own = desk_of(officer).post(f"/desk/appeals/{appeal.pk}/", {"upheld": "yes", "text": "Fine."})
    assert own.status_code == 409
    assert "It was a joke." in desk_of(second_officer).get("/desk/appeals/").text
    desk_of(second_officer).post(f"/desk/appeals/{appeal.pk}/", {"upheld": "yes", "text": "You are right."})
    appeal.refresh_from_db()
    assert (appeal.upheld, appeal.answered_by) == (True, second_officer)
    assert remarks.applied[-1] == ("r1", "approved")


def test_a_colleague_sees_who_has_an_item_open_and_gets_another_one(
    desk_of: SignIn, officer: User, second_officer: User, queue_of_three: list[QueueItem]
) -> None:
    first, _second, _third = queue_of_three
    desk_of(officer).get(f"/desk/queue/{first.pk}/")
    page = desk_of(second_officer).get(f"/desk/queue/{first.pk}/").text
    assert "Officer has this item open. Take another one." in page
    assert 'data-key="a"' not in page
    assert "Remark number 1</blockquote>" in desk_of(second_officer).get("/desk/queue/").text
    late = desk_of(second_officer).post(f"/desk/queue/{first.pk}/", {"outcome": "approved"})
    assert late.status_code == 409
    assert "Officer has this item open until" in late.text
    assert not Ruling.objects.exists()


def test_what_could_name_somebody_is_blanked_beside_the_original(
    desk_of: SignIn, officer: User, queue_of_three: list[QueueItem], remarks: Remarks
) -> None:
    first = queue_of_three[0]
    remarks.texts["q0"] = Content(text="Write to anna.virtanen@posti.example", language="en")
    browser = desk_of(officer)
    page = browser.get(f"/desk/queue/{first.pk}/").text
    assert "Write to ▇▇▇</blockquote>" in page
    browser.post(f"/desk/queue/{first.pk}/", {"outcome": "redacted", "redacted": "Write to ▇▇▇"})
    assert remarks.texts["q0"].text == "Write to ▇▇▇"
    assert "anna.virtanen@posti.example" in browser.get(f"/desk/queue/{first.pk}/").text
    browser.post(f"/desk/queue/{first.pk}/", {"outcome": "undo"})
    assert remarks.texts["q0"].text == "Write to anna.virtanen@posti.example"


def test_a_remark_that_says_the_same_is_merged_with_the_first(
    desk_of: SignIn, officer: User, queue_of_three: list[QueueItem]
) -> None:
    first, second, _third = queue_of_three
    desk_of(officer).post(f"/desk/queue/{second.pk}/", {"outcome": "merged", "into": str(first.pk)})
    ruling = Ruling.objects.get()
    assert (ruling.outcome, ruling.ground, ruling.merged_into) == ("rejected", "duplicate", first)
    assert ruling.reason == "Another remark says the same; it is shown for both."


def test_several_items_get_one_decision_and_one_reason(
    desk_of: SignIn, officer: User, second_officer: User, queue_of_three: list[QueueItem]
) -> None:
    first, second, third = queue_of_three
    desk_of(second_officer).get(f"/desk/queue/{third.pk}/")
    ticked = {"item": [str(one.pk) for one in queue_of_three]}
    browser = desk_of(officer)
    unsaid = browser.post("/desk/queue/several/", {**ticked, "outcome": "rejected", "ground": "insult"})
    assert unsaid.status_code == 422
    said = {"outcome": "rejected", "ground": "advertising", "reason": "All of them sell bicycles."}
    page = browser.post("/desk/queue/several/", {**ticked, **said}, follow=True).text
    assert "2 items decided." in page
    assert "Second has this item open until" in page
    assert set(Ruling.objects.values_list("item", "reason")) == {
        (first.pk, "All of them sell bicycles."),
        (second.pk, "All of them sell bicycles."),
    }
