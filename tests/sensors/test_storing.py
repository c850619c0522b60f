"""Rows into the table: natural keys, newest values, batches."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensors import keyring, storing, times, writer
from sensors.gating import Row
from sensors.models import Datastream, Heard, Latest, Observation
from sensors.observation_table import StreamRow, insert, upsert_latest
from sensors.registering import Registered
from sensors.storing import Push, Report, store

SECOND = 1_000_000


@pytest.fixture
def stream(air_box: Registered) -> int:
    return Datastream.objects.create(site=air_box.site, observed_property="pm10", unit="ug/m3").pk


def put(rows: list[StreamRow]) -> list[float | None]:
    with transaction.atomic():
        return insert(rows)


def test_new_rows_are_new_and_stored_ones_tell_their_value(stream: int) -> None:
    start = times.of(timezone.now())
    assert put([StreamRow(stream, start, 1.5, 0), StreamRow(stream, start + SECOND, 2.5, 0)]) == [None, None]
    again = [
        StreamRow(stream, start + SECOND, 9.0, 0),
        StreamRow(stream, start, 1.5, 0),
        StreamRow(stream, start + 2 * SECOND, 3.5, 0),
    ]
    assert put(again) == [2.5, 1.5, None]


def test_of_equal_moments_in_one_batch_the_first_is_stored(stream: int) -> None:
    at = times.of(timezone.now())
    assert put([StreamRow(stream, at, 1.0, 0), StreamRow(stream, at, 2.0, 0), StreamRow(stream, at, 1.0, 0)]) == [
        None,
        1.0,
        1.0,
    ]
    assert Observation.objects.get().result == 1.0


def test_a_moment_of_the_device_is_stored_once_whenever_it_arrives(stream: int) -> None:
    at, stated = times.of(timezone.now()), times.microseconds("2001-01-01T00:00:00Z")
    assert put([StreamRow(stream, at, 1.0, 128, stated)]) == [None]
    assert put([StreamRow(stream, at + SECOND, 1.0, 128, stated)]) == [1.0]
    assert Observation.objects.count() == 1


def test_a_value_comes_back_bit_by_bit(stream: int) -> None:
    generator, at = random.Random(5), times.of(timezone.now())
    values = [generator.uniform(-1e6, 1e6) for _ in range(500)] + [0.1 + 0.2, 5e-324, 1.7976931348623157e308]
    put([StreamRow(stream, at + index * SECOND, value, 0) for index, value in enumerate(values)])
    assert list(Observation.objects.order_by("phenomenon_time").values_list("result", flat=True)) == values


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), min_size=1, max_size=60),
    st.randoms(use_true_random=False),
)
def test_shuffles_and_repetitions_store_the_same_moments(
    stream: int, drawn: list[tuple[int, int]], order: random.Random
) -> None:
    Observation.objects.all().delete()
    base = times.of(timezone.now())
    rows = [StreamRow(stream, base + second * SECOND, float(value), 0) for second, value in drawn]
    first = put(rows)
    order.shuffle(rows)
    again = put(rows)
    assert first.count(None) == len({row.time_us for row in rows}) == Observation.objects.count()
    assert None not in again


def test_the_newest_reading_is_the_newest_by_its_own_time(stream: int) -> None:
    at = times.of(timezone.now())
    with transaction.atomic():
        assert upsert_latest([StreamRow(stream, at, 1.0, 0), StreamRow(stream, at + 5, 2.0, 4)]) == {stream}
        assert upsert_latest([StreamRow(stream, at - 1, 9.0, 0)]) == set()
    latest = Latest.objects.get()
    assert (latest.result, latest.flags) == (2.0, 4)


def test_a_push_without_a_time_keeps_the_moment_of_its_first_arrival_for_two_minutes(air_box: Registered) -> None:
    door, at = keyring.door_of(air_box.device), times.of(timezone.now())

    def push(seconds: int, digest: str = "a") -> Report:
        arrived = at + seconds * SECOND
        return store([Push(door, arrived, [Row("pm10", arrived, 4.0)], digest=digest)]).reports[0]

    assert [push(0).created, push(5).duplicate, push(119).duplicate, push(121).created] == [1, 1, 1, 1]
    assert push(130, digest="b").created == 1
    heard = Heard.objects.get()
    assert (heard.pushes, heard.last_at) == (5, times.moment(at + 130 * SECOND))


def test_what_a_push_says_about_itself_is_stored_with_it_or_not_at_all(
    air_box: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(storing, "_announce", fails)
    at = times.of(timezone.now())
    with pytest.raises(DatabaseError):
        store([Push(keyring.door_of(air_box.device), at, [Row("pm10", at, 4.0)])])
    assert not Observation.objects.exists()
    assert not Latest.objects.exists()
    assert not Heard.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pushes_that_wait_together_are_committed_together(air_box: Registered) -> None:
    door, at = keyring.door_of(air_box.device), times.of(timezone.now())
    pushes = [Push(door, at, [Row("pm10", at + index * SECOND, float(index))]) for index in range(300)]
    own = writer.Writer(linger_s=0.5)
    commits: list[int] = []
    stored = own._stored

    def counted(batch: Sequence[Push]) -> list[storing.Outcome]:
        commits.append(len(batch))
        return stored(batch)

    own._stored = counted  # type: ignore[assignment, method-assign]
    answers = [own.submit(push) for push in pushes]
    reports = [answer.result(30).reports[0] for answer in answers]
    own.close()
    assert [report.created for report in reports] == [1] * 300
    assert sum(commits) == 300
    assert len(commits) < 30


@pytest.mark.django_db(transaction=True)
def test_a_writer_that_cannot_write_says_so_and_goes_on_when_it_can(air_box: Registered) -> None:
    door, at = keyring.door_of(air_box.device), times.of(timezone.now())
    own = writer.Writer()
    sound, own._stored = own._stored, _breaks  # type: ignore[method-assign]
    with pytest.raises(writer.Unavailable):
        own.submit(Push(door, at, [Row("pm10", at, 4.0)])).result(30)
    own._stored = sound  # type: ignore[method-assign]
    assert own.submit(Push(door, at, [Row("pm10", at, 4.0)])).result(30).reports[0].created == 1
    assert own._waiting_rows == 0
    own.close()
    assert connection.vendor in ("sqlite", "postgresql")


def _breaks(pushes: object) -> list[storing.Outcome]:
    raise DatabaseError("the database is away")
