from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement import outbound, receipts
from engagement.models import Job, LogEntry, Project, Round, User
from surveys import webhooks
from surveys.hook_models import Delivery, Webhook
from surveys.models import Survey
from surveys.receipts import SurveyReceipts
from surveys.responding import accept
from tests.listening import System, system
from tests.surveys.conftest import sent

__all__ = ["system"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def hook(project: Project, officer: User, system: str) -> Iterator[Webhook]:
    yield webhooks.add(officer, project, system)


def bodies() -> list[dict[str, object]]:
    return [json.loads(body) for _path, _headers, body in System.got]


def run_due() -> None:
    for delivery in list(webhooks._due()):
        webhooks.attempt(delivery)


def test_ten_responses_are_one_message_without_answers(survey: Survey, asked: Round, hook: Webhook) -> None:
    for _turn in range(11):
        accept(survey, sent())
    assert Job.objects.filter(kind="surveys.webhooks").count() == 1
    run_due()
    delivery = Delivery.objects.get()
    assert bodies() == [
        {"id": str(delivery.pk), "event": "response.received", "survey": "bridge", "round": str(asked.pk), "count": 10}
    ]
    assert (delivery.state, delivery.told, delivery.payload) == ("delivered", "HTTP 200", {})
    assert System.got[0][1]["Loggia-Delivery"] == str(delivery.pk)


def test_a_withdrawal_is_sent_and_the_resident_is_told(survey: Survey, asked: Round, hook: Webhook) -> None:
    given = sent()
    accept(survey, given)
    report = SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    assert "1 connected system is told that your row is gone." in report.deleted
    run_due()
    (told,) = bodies()
    assert (told["event"], told["response"], told["why"]) == ("response.deleted", str(given.id), "withdrawn")


def test_what_does_not_arrive_is_tried_again_later_and_given_up_in_the_end(hook: Webhook) -> None:
    System.status = 503
    webhooks.tell(hook.project, "response.deleted", {"response": "1"})
    run_due()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.told) == ("waiting", 1, "HTTP 503")
    assert delivery.due_at > timezone.now() + timedelta(seconds=20)
    assert not webhooks.is_anything_due()
    for _turn in range(11):
        Delivery.objects.update(due_at=timezone.now())
        run_due()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.payload) == ("given-up", 12, {})


def test_waits_double_up_to_six_hours() -> None:
    waits = [webhooks.wait_after(attempts).total_seconds() for attempts in (1, 2, 3, 11, 12)]
    assert waits == [30, 60, 120, 21_600, 21_600]


def test_a_stopped_system_is_told_nothing_more(hook: Webhook, officer: User) -> None:
    webhooks.tell(hook.project, "response.deleted", {"response": "1"})
    webhooks.stop(officer, hook)
    assert webhooks.tell(hook.project, "response.deleted", {"response": "2"}) == 0
    run_due()
    assert System.got == []
    assert Delivery.objects.get().state == "given-up"
    assert set(LogEntry.objects.values_list("verb", flat=True)) >= {"webhook.added", "webhook.stopped"}


def test_the_desk_connects_a_system_and_refuses_addresses_inside(
    client: Client, survey: Survey, officer: User, settings: Any
) -> None:
    client.force_login(officer)
    door = "/desk/projects/bridge/webhooks/"
    page = client.post(door, {"url": "https://127.0.0.1/x"})
    assert page.status_code == 422
    assert "private network" in page.content.decode()
    settings.LOGGIA_OUTBOUND_PRIVATE = ["127.0.0.0/8"]
    assert client.post(door, {"url": "http://127.0.0.1:9/x"}).status_code == 302
    hook = Webhook.objects.get()
    assert hook.secret in client.get(door).content.decode()
    assert client.post(f"{door}{hook.pk}/stop/").status_code == 302
    assert not Webhook.objects.get().active


def test_planners_connect_nothing(client: Client, survey: Survey, planner: User) -> None:
    client.force_login(planner)
    assert client.get("/desk/projects/bridge/webhooks/").status_code == 403


def test_an_address_that_became_private_is_given_up(hook: Webhook, settings: Any) -> None:
    webhooks.tell(hook.project, "response.deleted", {"response": "1"})
    settings.LOGGIA_OUTBOUND_PRIVATE = []
    run_due()
    assert (Delivery.objects.get().state, System.got) == ("given-up", [])
    with pytest.raises(outbound.AddressRefused):
        outbound.resolved(hook.url)
