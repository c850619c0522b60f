from __future__ import annotations

import json

from ar_scenes.protocol import Frame, Kind
from ar_scenes.sending import MOST_WAITING, Outgoing, Wanted


def tile(request: int) -> Wanted:
    return Wanted(Kind.TILE, f"{request:016x}", "glb", request)


def drained(outgoing: Outgoing) -> list[int]:
    found = []
    while (entry := outgoing.next()) is not None:
        assert isinstance(entry, Wanted)
        found.append(entry.id)
    return found


def test_smaller_priority_goes_first_and_equals_in_order_of_arrival() -> None:
    outgoing = Outgoing(100)
    for request, priority in ((1, 5.0), (2, 1.0), (3, 5.0), (4, -1.0)):
        outgoing.want(tile(request), priority)
    assert drained(outgoing) == [4, 2, 1, 3]


def test_overlays_go_before_tiles_and_values_before_both() -> None:
    outgoing = Outgoing(100)
    outgoing.want(tile(1), -100.0)
    outgoing.want(Wanted(Kind.OVERLAY, "0" * 16, "bin", 2), 0.0)
    outgoing.add_values([{"site": "a", "phenomenon": "NO2", "value": 1}], seq=3)
    first = outgoing.next()
    assert isinstance(first, Frame)
    assert first.kind is Kind.VALUES
    assert drained(outgoing) == [2, 1]


def test_the_same_request_again_changes_its_priority() -> None:
    outgoing = Outgoing(100)
    outgoing.want(tile(1), 1.0)
    outgoing.want(tile(2), 2.0)
    outgoing.want(tile(1), 3.0)
    assert drained(outgoing) == [2, 1]


def test_what_is_cancelled_never_goes_and_ten_thousand_cancels_leave_nothing_behind() -> None:
    outgoing = Outgoing(100)
    for request in range(1, 10_001):
        assert outgoing.want(tile(request), 0.0)
        outgoing.cancel(request)
    outgoing.cancel(77)
    assert drained(outgoing) == []
    assert len(outgoing._heap) <= 2 * MOST_WAITING
    assert not outgoing._asked


def test_only_so_many_requests_wait() -> None:
    outgoing = Outgoing(100)
    assert all(outgoing.want(tile(request), 0.0) for request in range(1, MOST_WAITING + 1))
    assert not outgoing.want(tile(MOST_WAITING + 1), 0.0)
    assert outgoing.want(tile(1), 9.0)  # a change of priority is no new request


def test_without_credit_only_urgent_frames_go() -> None:
    outgoing = Outgoing(10)
    outgoing.want(tile(1), 0.0)
    outgoing.want(tile(2), 0.0)
    assert outgoing.next() == tile(1)
    outgoing.spend(500)  # one frame may be larger than the window
    assert outgoing.credit == -490
    outgoing.urgent.append(Frame(Kind.NOTICE))
    assert outgoing.next() == Frame(Kind.NOTICE)
    assert outgoing.next() is None
    assert outgoing.is_waiting
    outgoing.grant(490)
    assert outgoing.next() is None
    outgoing.grant(1)
    assert outgoing.next() == tile(2)


def test_of_waiting_values_only_the_latest_of_a_series_is_kept() -> None:
    outgoing = Outgoing(0)
    outgoing.add_values([{"site": "a", "phenomenon": "NO2", "value": 1}], seq=1, snapshot=True)
    outgoing.add_values([{"site": "a", "phenomenon": "NO2", "value": 2}], seq=2)
    outgoing.add_values([{"site": "a", "phenomenon": "noise", "value": 50}], seq=3)
    outgoing.grant(1)
    frame = outgoing.next()
    assert isinstance(frame, Frame)
    assert json.loads(frame.payload) == {
        "snapshot": True,
        "seq": 3,
        "values": [{"site": "a", "phenomenon": "NO2", "value": 2}, {"site": "a", "phenomenon": "noise", "value": 50}],
    }
    assert outgoing.next() is None


def test_credit_is_capped() -> None:
    outgoing = Outgoing(4_000_000)
    outgoing.grant(4_000_000)
    assert outgoing.credit == 4_194_304
