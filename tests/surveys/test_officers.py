"""What officers see beside the desk's own pages: the preview, photos that wait, and the live count."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.test import Client

from engagement.models import Project, Round, User
from surveys.models import Attachment, Survey
from surveys.responding import accept
from surveys.routing import websocket_urlpatterns
from tests.surveys.conftest import photo_data, sent


@pytest.mark.django_db
def test_an_officer_looks_at_every_question_before_anything_opens(
    client: Client, survey: Survey, officer: User
) -> None:
    client.force_login(officer)
    page = client.get("/desk/surveys/bridge/v1/preview/").content.decode()
    assert "How do you cross today?" in page
    assert "${remark} != &#x27;&#x27;" in page
    assert "/desk/surveys/bridge/v1/preview/" in client.get("/desk/surveys/bridge/").content.decode()


@pytest.mark.django_db
def test_a_preview_is_for_officers_of_the_project_alone(client: Client, survey: Survey, outsider: User) -> None:
    assert client.get("/desk/surveys/bridge/v1/preview/").status_code == 302
    client.force_login(outsider)
    assert client.get("/desk/surveys/bridge/v1/preview/").status_code == 403


@pytest.mark.django_db
def test_a_photo_is_shown_to_officers_of_its_project_alone(
    client: Client, survey: Survey, asked: Round, officer: User, planner: User
) -> None:
    accept(survey, sent({"mode": "bike", "minutes": "3", "remark": "x", "photo": photo_data()}))
    path = f"/desk/surveys/photos/{Attachment.objects.get().pk}/"
    assert client.get(path).status_code == 302
    client.force_login(planner)
    assert client.get(path).status_code == 403
    client.force_login(officer)
    shown = client.get(path)
    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "private, no-store"
    assert shown.content[:2] == b"\xff\xd8"


def socket(path: str) -> WebsocketCommunicator:
    found = WebsocketCommunicator(URLRouter(websocket_urlpatterns), path)
    found.scope["user"] = AnonymousUser()
    return found


@pytest.mark.django_db(transaction=True)
async def test_the_live_count_comes_in_steps_of_ten(survey: Survey, asked: Round) -> None:
    for _turn in range(9):
        await sync_to_async(accept)(survey, sent())
    viewer = socket("/ws/results/bridge/")
    await viewer.connect()
    first: dict[str, Any] = json.loads(await viewer.receive_from(5))
    assert first["items"] == [{"count": 0}]
    await sync_to_async(accept)(survey, sent())
    assert json.loads(await viewer.receive_from(5))["count"] == 10
    await viewer.disconnect()
    await sync_to_async(connections.close_all)()


@pytest.mark.django_db(transaction=True)
async def test_a_hidden_survey_has_no_live_count(survey: Survey, project: Project) -> None:
    await sync_to_async(Project.objects.update)(published=False)
    viewer = socket("/ws/results/bridge/")
    await viewer.connect()
    assert (await viewer.receive_output(5))["code"] == 4404
    await sync_to_async(connections.close_all)()
