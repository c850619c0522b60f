"""The socket, message by message of docs/reference/twin-tiles-v1.md."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import numpy as np
import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.urls import path

from ar_scenes import overlays
from ar_scenes.consumers import SceneConsumer
from ar_scenes.features import manifest_of
from ar_scenes.models import Scene
from ar_scenes.protocol import GZIP, LAST, NAME, Frame, Kind
from ar_scenes.scenes import build_tiles
from ar_scenes.storage import store
from engagement import live
from engagement.live import hub
from engagement.models import Project, User
from scenarios.models import Scenario as WhatIf
from scenarios.running import OverlayInput

pytestmark = pytest.mark.django_db(transaction=True)

WAIT = 10


class Viewer:
    """A client at the socket of one scene."""

    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(message))

    async def frame(self) -> Frame:
        data = await self.socket.receive_from(WAIT)
        assert isinstance(data, bytes)
        return Frame.decode(data)

    async def told(self, kind: Kind) -> dict[str, Any]:
        """The next frame, which is JSON of that kind."""
        frame = await self.frame()
        assert frame.kind is kind, frame
        found: dict[str, Any] = json.loads(gzip.decompress(frame.payload) if frame.flags & GZIP else frame.payload)
        return found

    async def closed(self) -> int:
        message = await self.socket.receive_output(WAIT)
        assert message["type"] == "websocket.close"
        return int(message["code"])

    async def hello(self, **more: Any) -> dict[str, Any]:
        """Say hello; returns the manifest."""
        await self.say(type="hello", caps=more.pop("caps", []), **more)
        await self.told(Kind.WELCOME)
        return await self.told(Kind.MANIFEST)


Open = Callable[..., Awaitable[Viewer]]


@pytest.fixture(autouse=True)
async def closed_connections() -> AsyncIterator[None]:
    yield
    # The hub and asynchronous code have threads with connections of their own.
    await hub._in_thread(connections.close_all)
    await sync_to_async(connections.close_all)()
    connections.close_all()


@pytest.fixture
async def viewer(scene: Scene) -> AsyncIterator[Open]:
    opened: list[WebsocketCommunicator] = []

    async def enter(
        slug: str = "town", *, protocols: tuple[str, ...] = (NAME,), user: object = None, **seconds: float
    ) -> Viewer:
        app = URLRouter([path("ws/scenes/<slug:slug>/", SceneConsumer.as_asgi(**seconds))])
        socket = WebsocketCommunicator(app, f"/ws/scenes/{slug}/", subprotocols=list(protocols))
        socket.scope["user"] = user or AnonymousUser()
        connected, chosen = await socket.connect(WAIT)
        assert connected
        assert chosen == (NAME if NAME in protocols else None)
        opened.append(socket)
        return Viewer(socket)

    yield enter
    for socket in opened:
        await socket.disconnect()


def tiles_of(scene: Scene) -> list[dict[str, Any]]:
    manifest = manifest_of(scene.manifest_hash)
    assert manifest is not None
    return list(manifest["tiles"])


async def test_hello_is_answered_with_welcome_and_manifest(viewer: Open, scene: Scene) -> None:
    client = await viewer()
    await client.say(type="hello", caps=["gzip"])
    welcome = await client.told(Kind.WELCOME)
    assert welcome == {
        "protocol": "twin.tiles.v1",
        "scene": "town",
        "title": {"en": "Town", "fi": "Kaupunki"},
        "manifest": scene.manifest_hash,
        "attribution": "© OpenStreetMap contributors",
        "licence": "ODbL-1.0",
        "simulated": False,
        "project": None,
        "overlays": [],
    }
    frame = await client.frame()
    assert (frame.kind, frame.flags, frame.id, frame.hash) == (Kind.MANIFEST, GZIP, 0, scene.manifest_hash)
    manifest = json.loads(gzip.decompress(frame.payload))
    assert manifest["features"] == 41
    assert manifest["tiles"] == tiles_of(scene)


async def test_a_current_manifest_is_not_sent_again_and_nothing_is_pushed(viewer: Open, scene: Scene) -> None:
    client = await viewer()
    await client.say(type="hello", caps=[], manifest=scene.manifest_hash, push=100_000)
    await client.told(Kind.WELCOME)
    assert await client.frame() == Frame(Kind.NOT_MODIFIED, hash=scene.manifest_hash or "")
    assert await client.socket.receive_nothing()


async def test_the_first_view_is_pushed_coarse_to_fine_until_the_offer_is_reached(viewer: Open, scene: Scene) -> None:
    client = await viewer()
    tiles = tiles_of(scene)
    await client.hello(push=tiles[0]["bytes"] + 1)
    for tile in tiles[:2]:
        frame = await client.frame()
        assert (frame.kind, frame.id, frame.hash) == (Kind.TILE, 0, tile["hash"])
    assert await client.socket.receive_nothing()


async def test_a_tile_comes_by_hash_and_by_key_plain_or_compressed(viewer: Open, scene: Scene) -> None:
    tile = tiles_of(scene)[-1]
    raw = store().read(tile["hash"], "glb")
    client = await viewer()
    await client.hello()
    await client.say(type="get", id=7, hash=tile["hash"], priority=1.5)
    assert await client.frame() == Frame(Kind.TILE, raw or b"", id=7, hash=tile["hash"])
    packed = await viewer()
    await packed.hello(caps=["gzip"])
    await packed.say(type="get", id=8, key=tile["key"])
    frame = await packed.frame()
    assert (frame.kind, frame.id, frame.hash, frame.flags) == (Kind.TILE, 8, tile["hash"], GZIP)
    assert gzip.decompress(frame.payload) == raw


async def test_a_tile_that_the_client_has_is_answered_in_sixteen_bytes(viewer: Open, scene: Scene) -> None:
    tile = tiles_of(scene)[0]
    client = await viewer()
    await client.hello()
    await client.say(type="get", id=8, key=tile["key"], have=tile["hash"])
    data = await client.socket.receive_from(WAIT)
    assert len(data) == 16
    assert Frame.decode(data) == Frame(Kind.NOT_MODIFIED, id=8, hash=tile["hash"])


@pytest.mark.parametrize("named", [{"hash": "0123456789abcdef"}, {"key": "nowhere"}])
async def test_an_unknown_tile_is_an_error_and_the_connection_stays(viewer: Open, named: dict[str, str]) -> None:
    client = await viewer()
    await client.hello()
    await client.say(type="get", id=3, **named)
    frame = await client.frame()
    assert (frame.kind, frame.id, frame.flags) == (Kind.ERROR, 3, 0)
    assert json.loads(frame.payload) == {
        "type": "about:blank",
        "title": "No such tile",
        "status": 404,
        "code": "no-such-tile",
        "detail": f"This build of the scene has no tile {next(iter(named.values()))}. Read the manifest again.",
    }
    await client.say(type="get", id=4, key="root")
    assert (await client.frame()).id == 4


async def test_a_file_that_is_no_tile_of_the_scene_is_no_tile(viewer: Open, scene: Scene) -> None:
    other = store().put(b"a tile of an unpublished scene", "glb")
    client = await viewer()
    await client.hello()
    await client.say(type="get", id=3, hash=other.hash)
    assert (await client.told(Kind.ERROR))["code"] == "no-such-tile"


async def test_without_credit_tiles_wait_go_by_priority_and_can_be_cancelled(viewer: Open, scene: Scene) -> None:
    tiles = tiles_of(scene)
    client = await viewer()
    await client.hello(credit=1)
    await client.say(type="get", id=1, hash=tiles[0]["hash"])
    assert (await client.frame()).id == 1  # one frame may exceed the window
    await client.say(type="get", id=2, hash=tiles[0]["hash"], priority=9)
    await client.say(type="get", id=3, hash=tiles[1]["hash"], priority=1)
    await client.say(type="get", id=4, hash=tiles[1]["hash"], priority=2)
    await client.say(type="cancel", id=4)
    await client.say(type="cancel", id=99)
    assert await client.socket.receive_nothing()
    await client.say(type="credit", bytes=tiles[0]["bytes"] + 16)
    assert (await client.frame()).id == 3
    await client.say(type="credit", bytes=1_000_000)
    assert (await client.frame()).id == 2
    assert await client.socket.receive_nothing()


async def test_ten_thousand_cancels_leave_a_working_connection_or_an_honest_end(viewer: Open, scene: Scene) -> None:
    client = await viewer()
    await client.hello()
    for number in range(1, 5_000):
        await client.say(type="cancel", id=number)
    await client.say(type="get", id=1, key="root")
    assert (await client.frame()).kind is Kind.TILE
    for number in range(1, 5_002):
        await client.say(type="cancel", id=number)
    assert (await client.told(Kind.ERROR))["code"] == "too-many"
    assert await client.closed() == 4429


@pytest.mark.parametrize(
    ("sent", "code", "close"),
    [
        ({"text_data": "{"}, "malformed", 4400),
        ({"bytes_data": b"\x01\x02"}, "malformed", 4400),
        ({"text_data": '{"type":"get","id":1,"key":"root"}'}, "malformed", 4400),
        ({"text_data": '{"type":"hello","caps":[],"camera":[1,2,3]}'}, "malformed", 4400),
        ({"text_data": "x" * 65_537}, "too-large", 4413),
    ],
)
async def test_what_is_no_message_is_refused_and_the_connection_ends(
    viewer: Open, sent: dict[str, Any], code: str, close: int
) -> None:
    client = await viewer()
    await client.socket.send_to(**sent)
    frame = await client.frame()
    assert (frame.kind, frame.flags) == (Kind.ERROR, LAST)
    assert json.loads(frame.payload)["code"] == code
    assert await client.closed() == close


async def test_a_second_hello_ends_the_connection(viewer: Open) -> None:
    client = await viewer()
    await client.hello()
    await client.say(type="hello", caps=[])
    assert (await client.told(Kind.ERROR))["code"] == "malformed"
    assert await client.closed() == 4400


async def test_an_unpublished_scene_looks_absent(viewer: Open, scene: Scene) -> None:
    await Scene.objects.filter(pk=scene.pk).aupdate(published=False)
    errors = []
    for slug in ("town", "nowhere"):
        client = await viewer(slug)
        errors.append((await client.told(Kind.ERROR), await client.closed()))
    assert [code for _, code in errors] == [4404, 4404]
    assert errors[0][0]["detail"].replace("town", "nowhere") == errors[1][0]["detail"]


async def test_another_subprotocol_is_told_the_right_one(viewer: Open) -> None:
    client = await viewer(protocols=("twin.tiles.v2",))
    assert (await client.told(Kind.ERROR))["code"] == "no-such-protocol"
    assert await client.closed() == 4406


async def test_a_client_that_never_says_hello_is_parted_from(viewer: Open) -> None:
    client = await viewer(hello_s=0.01)
    assert (await client.told(Kind.ERROR))["code"] == "too-slow"
    assert await client.closed() == 4408


async def test_a_stalled_client_is_parted_from_only_while_something_waits(viewer: Open, scene: Scene) -> None:
    idle = await viewer(stall_s=0.02)
    await idle.hello()
    assert await idle.socket.receive_nothing()
    stalled = await viewer(stall_s=0.02)
    await stalled.hello(credit=1)
    for number in (1, 2):
        await stalled.say(type="get", id=number, key="root")
    assert (await stalled.frame()).id == 1
    assert (await stalled.told(Kind.ERROR))["code"] == "too-slow"
    assert await stalled.closed() == 4408


@pytest.fixture
def project_of_town(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setitem(live._providers, "values.", lambda topic: [reading(38.0, topic=topic)])
    return Project.objects.create(slug="bridge", scene_slug="town", published=True)


def reading(value: float, **more: Any) -> dict[str, Any]:
    return {"site": "quay", "name": "Quay", "lon": 24.95, "lat": 60.17, "phenomenon": "NO2", "value": value,
            "unit": "ug/m3", "time": "2026-11-22T10:00:00Z", "flags": [], "simulated": True, **more}  # fmt: skip


async def test_values_come_first_as_they_are_then_as_they_arrive(viewer: Open, project_of_town: Project) -> None:
    client = await viewer()
    await client.hello()
    await client.say(type="values", on=True)
    first = await client.told(Kind.VALUES)
    assert (first["snapshot"], first["values"]) == (True, [reading(38.0, topic="values.bridge")])
    await sync_to_async(live.publish)("values.bridge", "value", reading(41.5))
    second = await client.told(Kind.VALUES)
    assert (second["snapshot"], second["values"]) == (False, [reading(41.5)])
    assert second["seq"] > first["seq"]
    await client.say(type="values", on=False)
    await client.say(type="get", id=1, key="root")
    await client.frame()
    await sync_to_async(live.publish)("values.bridge", "value", reading(50.0))
    assert await client.socket.receive_nothing(1.5)


async def test_a_scene_without_a_project_has_no_values(viewer: Open) -> None:
    client = await viewer()
    await client.hello()
    await client.say(type="values", on=True)
    assert await client.told(Kind.VALUES) == {"snapshot": True, "seq": 0, "values": []}


async def test_an_overlay_is_announced_fetched_and_fits_the_slots(
    viewer: Open, scene: Scene, town_run: OverlayInput
) -> None:
    client = await viewer()
    manifest = await client.hello(caps=["gzip"])
    overlay = await sync_to_async(overlays.lay)(town_run)
    assert overlay is not None
    notice = await client.told(Kind.NOTICE)
    assert notice["notice"] == "overlay.added"
    assert notice["overlay"]["counts"] == {"-2": 1, "-1": 0, "0": 0, "1": 0, "2": 1, "closed": 1, "not_modelled": 1}
    await client.say(type="overlay", id=9, overlay=notice["overlay"]["id"])
    frame = await client.frame()
    assert (frame.kind, frame.id, frame.hash) == (Kind.OVERLAY, 9, notice["overlay"]["hash"])
    payload = gzip.decompress(frame.payload)
    size = int.from_bytes(payload[:4], "little")
    head = json.loads(payload[4 : 4 + size])
    assert (head["slots"], head["manifest"], head["unit"]) == (manifest["slots"], scene.manifest_hash, "veh/h")
    assert head["closed"] == ["way/3"]
    section = {s["name"]: s for s in head["sections"]}["class"]
    body = payload[4 + size :]
    classes = np.frombuffer(body, "<i1", section["bytes"], section["offset"])
    assert sorted(set(classes.tolist())) == [-128, -127, -2, 2]
    again = await viewer()
    await again.say(type="hello", caps=[])
    assert (await again.told(Kind.WELCOME))["overlays"] == [notice["overlay"]]


async def test_what_planners_have_not_published_is_neither_announced_nor_had(
    viewer: Open, town_run: OverlayInput, planner_of_town: User
) -> None:
    await WhatIf.objects.aupdate(published=False)
    client = await viewer()
    await client.hello()
    overlay = await sync_to_async(overlays.lay)(town_run)
    assert overlay is not None
    await client.say(type="overlay", id=5, overlay=str(overlay.pk))
    assert (await client.told(Kind.ERROR))["code"] == "no-such-overlay"
    planner = await viewer(user=planner_of_town)
    await planner.say(type="hello", caps=[])
    assert [found["id"] for found in (await planner.told(Kind.WELCOME))["overlays"]] == [str(overlay.pk)]
    what_if = await WhatIf.objects.aget()
    for published, notice in ((True, "overlay.added"), (False, "overlay.removed")):
        what_if.published = published
        await sync_to_async(what_if.save)()
        told = await client.told(Kind.NOTICE)
        assert (told["notice"], told["overlay"]["id"]) == (notice, str(overlay.pk))


async def test_an_unknown_overlay_is_an_error_and_the_connection_stays(viewer: Open) -> None:
    client = await viewer()
    await client.hello()
    await client.say(type="overlay", id=5, overlay=str(uuid.uuid4()))
    assert (await client.told(Kind.ERROR))["code"] == "no-such-overlay"
    await client.say(type="get", id=6, key="root")
    assert (await client.frame()).id == 6


async def test_a_new_build_is_noticed_and_old_tiles_stay_to_be_had(
    viewer: Open, scene: Scene, town: Any, settings: Any
) -> None:
    client = await viewer()
    old = await client.hello()
    smaller = town.take(np.arange(len(town) - 1))

    def rebuild() -> None:
        smaller.save(settings.DATA_DIR / "scenes/town.npz")
        build_tiles(scene)

    await sync_to_async(rebuild)()
    notice = await client.told(Kind.NOTICE)
    assert notice == {"notice": "tiles.built", "manifest": scene.manifest_hash}
    await client.say(type="get", id=1, hash=old["tiles"][0]["hash"])
    assert (await client.frame()).kind is Kind.TILE


async def test_any_event_of_the_scene_is_a_notice(viewer: Open, scene: Scene) -> None:
    client = await viewer()
    await client.hello()
    await sync_to_async(live.publish)("scene.town", "pin.approved", {"pin": {"id": "1"}})
    assert await client.told(Kind.NOTICE) == {"notice": "pin.approved", "pin": {"id": "1"}}


@pytest.mark.parametrize(("origin", "let_in"), [("http://localhost:8000", True), ("https://evil.example", False)])
async def test_a_foreign_page_is_refused_before_the_handshake(scene: Scene, origin: str, let_in: bool) -> None:
    from engagement.asgi import application

    headers = [(b"origin", origin.encode()), (b"host", b"localhost:8000")]
    socket = WebsocketCommunicator(application, "/ws/scenes/town/", headers=headers, subprotocols=[NAME])
    connected, _ = await socket.connect(WAIT)
    assert connected is let_in
    if let_in:
        await socket.disconnect()
