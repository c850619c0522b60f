"""Socket × role × object, by the same rules as the routes; a foreign Origin gets no socket at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import connections

from engagement import moderation
from engagement.asgi import application, sockets
from engagement.models import Membership, Project, QueueItem, User
from tests.access.rows import SOCKETS
from tests.conftest import person

pytestmark = pytest.mark.django_db(transaction=True)
SUBPROTOCOL = {"ws/scenes/<slug:slug>/": ["twin.tiles.v1"]}


@pytest.fixture(autouse=True)
def closed_connections() -> Iterator[None]:
    yield
    connections.close_all()


@pytest.fixture
def elsewhere(db: None) -> Project:
    return Project.objects.create(slug="elsewhere", title={"en": "Elsewhere"})


@pytest.fixture
def foreign(elsewhere: Project) -> User:
    return person("foreign@town.example", "officer", elsewhere)


def test_every_socket_has_a_row_and_every_row_a_socket() -> None:
    known = {str(route.pattern) for route in sockets}
    assert known - SOCKETS.keys() == set(), "Write a row into tests/access/rows.py: who may open this socket?"
    assert SOCKETS.keys() - known == set(), "These rows are of sockets that are gone."


@pytest.mark.parametrize("pattern", sorted(SOCKETS))
async def test_a_foreign_origin_is_refused_on_every_socket(pattern: str) -> None:
    path = "/" + pattern.replace("<slug:slug>", "x").replace("<uuid:job_id>", "5f0c9dd2-6a5e-4c0e-9d0c-1b1a8d0e7a11")
    for origin in (b"https://elsewhere.example", b"null"):
        socket = WebsocketCommunicator(application, path, headers=[(b"origin", origin), (b"host", b"localhost")])
        await socket.send_input({"type": "websocket.connect"})
        # A close before the handshake is what a server answers with 403.
        assert (await socket.receive_output(5))["type"] == "websocket.close", origin


async def opened(path: str, user: User) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(URLRouter(sockets), path)
    socket.scope["user"] = user
    assert (await socket.connect())[0]
    return socket


async def next_kind(socket: WebsocketCommunicator) -> str:
    """The kind of the next event, or ``closed <code>``."""
    output = await socket.receive_output(5)
    if output["type"] == "websocket.close":
        return f"closed {output['code']}"
    return str(json.loads(output["text"])["kind"])


async def test_a_socket_closes_when_the_role_that_opened_it_is_taken_away(officer: User) -> None:
    socket = await opened("/ws/desk/", officer)
    assert await next_kind(socket) == "snapshot"
    await sync_to_async(_take_roles)(officer)
    assert await next_kind(socket) == "closed 4404"
    await socket.disconnect()


def _take_roles(user: User) -> None:
    for membership in Membership.objects.filter(user=user):
        membership.delete()


async def test_a_new_role_in_another_project_is_heard_without_opening_again(officer: User, elsewhere: Project) -> None:
    socket = await opened("/ws/desk/", officer)
    assert await next_kind(socket) == "snapshot"
    await Membership.objects.acreate(user=officer, project=elsewhere, role="officer")
    assert await next_kind(socket) == "snapshot"
    await socket.disconnect()


async def test_a_person_who_is_locked_out_loses_the_open_socket(officer: User) -> None:
    socket = await opened("/ws/desk/", officer)
    assert await next_kind(socket) == "snapshot"
    officer.is_active = False
    await officer.asave()
    assert await next_kind(socket) == "closed 4404"
    await socket.disconnect()


async def test_news_of_a_queue_reaches_officers_of_its_project_alone(
    officer: User, foreign: User, waiting_remark: QueueItem
) -> None:
    mine, theirs = await opened("/ws/desk/", officer), await opened("/ws/desk/", foreign)
    assert [await next_kind(socket) for socket in (mine, theirs)] == ["snapshot", "snapshot"]
    await sync_to_async(moderation.rule)(waiting_remark, officer, "approved")
    assert await next_kind(mine) == "queue.ruled"
    assert await theirs.receive_nothing(0.2)
    for socket in (mine, theirs):
        await socket.disconnect()


async def test_a_desk_socket_asks_for_the_second_factor_too(officer: User, settings: Any) -> None:
    settings.LOGGIA_REQUIRE_MFA = True
    socket = await opened("/ws/desk/", officer)
    assert await next_kind(socket) == "closed 4404"
    await socket.disconnect()
