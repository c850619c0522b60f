"""The hub: nothing is lost in silence, everything comes in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.db import connections, transaction
from django.urls import path

from engagement import live
from engagement.consumers import LiveConsumer, Outbox
from engagement.live import Event, Hub
from engagement.models import LiveEvent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def closed_connections() -> Iterator[None]:
    yield
    connections.close_all()


class Listener:
    def __init__(self) -> None:
        self.events: asyncio.Queue[Event] = asyncio.Queue()

    def deliver(self, event: Event) -> None:
        self.events.put_nowait(event)

    async def next(self) -> Event:
        return await asyncio.wait_for(self.events.get(), 5)


class Bridge(LiveConsumer):
    async def topics(self) -> list[str]:
        return ["bridge"]


async def publish(number: int, topic: str = "bridge") -> None:
    await sync_to_async(live.publish)(topic, "count", {"n": number})


async def test_a_client_first_gets_the_current_values_then_each_event_in_order() -> None:
    live.snapshot_provider("bridge")(lambda _topic: [{"n": 7}])
    hub, listener = Hub(), Listener()
    await hub.subscribe("bridge", listener)
    assert (await listener.next()).payload == {"items": [{"n": 7}]}
    for number in range(3):
        await publish(number)
    assert [(await listener.next()).payload["n"] for _ in range(3)] == [0, 1, 2]


async def test_a_client_that_comes_back_gets_what_it_missed() -> None:
    hub, first, second = Hub(), Listener(), Listener()
    await hub.subscribe("bridge", first)
    await first.next()
    await publish(1)
    seen = (await first.next()).seq
    hub.unsubscribe(first)
    await publish(2)
    await publish(3)
    await hub.subscribe("bridge", second, since=seen)
    assert [(await second.next()).payload["n"] for _ in range(2)] == [2, 3]


async def test_a_client_that_was_away_too_long_gets_current_values_instead() -> None:
    live.snapshot_provider("bridge")(lambda _topic: [{"n": 9}])
    await publish(1)
    last = await LiveEvent.objects.alatest("id")
    await LiveEvent.objects.all().adelete()
    await LiveEvent.objects.acreate(pk=last.pk + 50, topic="other", kind="x", payload={})
    listener = Listener()
    await Hub().subscribe("bridge", listener, since=last.pk)
    event = await listener.next()
    assert (event.kind, event.payload) == ("snapshot", {"items": [{"n": 9}]})


async def test_clients_that_come_at_once_get_each_event_once() -> None:
    hub, listeners = Hub(), [Listener() for _ in range(30)]
    await asyncio.gather(*(hub.subscribe("bridge", listener) for listener in listeners))
    for number in range(5):
        await publish(number)
    for listener in listeners:
        got = [await listener.next() for _ in range(6)]
        assert [event.payload.get("n") for event in got] == [None, 0, 1, 2, 3, 4]
    await publish(5)
    assert [(await listener.next()).payload["n"] for listener in listeners] == [5] * 30


async def test_topics_do_not_mix() -> None:
    hub, listener = Hub(), Listener()
    await hub.subscribe("bridge", listener)
    await listener.next()
    await publish(1, "elsewhere")
    await publish(2)
    assert (await listener.next()).payload["n"] == 2


async def test_an_event_of_a_transaction_that_fails_is_never_heard() -> None:
    hub, listener = Hub(), Listener()
    await hub.subscribe("bridge", listener)
    await listener.next()

    def fail() -> None:
        with transaction.atomic():
            live.publish("bridge", "count", {"n": 13})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await sync_to_async(fail)()
    await publish(14)
    assert (await listener.next()).payload["n"] == 14


async def test_a_socket_gets_events_as_json_and_resumes_by_sequence_number() -> None:
    app = URLRouter([path("ws/bridge/", Bridge.as_asgi())])
    socket = WebsocketCommunicator(app, "/ws/bridge/")
    assert (await socket.connect())[0]
    assert json.loads(await socket.receive_from(5))["kind"] == "snapshot"
    await publish(5)
    event = json.loads(await socket.receive_from(5))
    assert (event["kind"], event["n"]) == ("count", 5)
    await socket.disconnect()
    await publish(6)
    again = WebsocketCommunicator(app, f"/ws/bridge/?since={event['seq']}")
    assert (await again.connect())[0]
    assert json.loads(await again.receive_from(5))["n"] == 6
    await again.disconnect()


async def test_a_client_that_does_not_read_is_told_to_come_back() -> None:
    closed: list[int] = []

    class Slow(Bridge):
        async def close(self, code: int | None = None, reason: str | None = None) -> None:
            closed.append(code or 0)

    consumer = Slow()
    consumer.outbox = Outbox(limit=200)
    big = live.encode(1, "bridge", "count", {"text": "x" * 80})
    consumer.deliver(big)
    consumer.deliver(big)
    await asyncio.sleep(0)
    assert closed == [1013]
