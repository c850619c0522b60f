"""How often one box may push."""

from __future__ import annotations

from sensors.ingesting import Doors
from sensors.pacing import Pace
from sensors.registering import Registered
from tests.sensors.pushing import basic, send


def test_a_burst_is_taken_then_two_a_second() -> None:
    pace = Pace(burst=3, per_s=2)
    assert [pace.wait_s(1, 10.0) for _ in range(4)] == [0, 0, 0, 1]
    assert pace.wait_s(1, 10.4) == 1
    assert pace.wait_s(1, 10.5) == 0
    assert pace.wait_s(2, 10.5) == 0


def test_who_waited_long_has_no_more_than_a_burst() -> None:
    pace = Pace(burst=2, per_s=2)
    assert [pace.wait_s(1, at) for at in (0.0, 1000.0, 1000.0, 1000.0)] == [0, 0, 0, 1]


async def test_a_box_in_a_loop_is_told_when_to_come_again(
    doors: Doors, air_box: Registered, counter: Registered
) -> None:
    doors.pace = Pace(burst=1, per_s=0.1)
    body = b'{"sensordatavalues": [{"value_type": "SDS_P1", "value": "12"}]}'
    first = await send(doors, "/ingest/airrohr/", body, basic(air_box.key or ""))
    second = await send(doors, "/ingest/airrohr/", body, basic(air_box.key or ""))
    other = await send(doors, "/ingest/telraam/", b"{}", basic(counter.key or ""))
    assert (first.status, second.status, other.status) == (201, 429, 422)
    assert second.headers["retry-after"] == "10"
    assert second.body["type"] == "/problems/too-often"
