"""Neighbours hour by hour: the mark comes and goes with the readings, and changes no figure."""

from __future__ import annotations

from datetime import UTC, timedelta

from django.utils import timezone

from engagement.models import User
from sensors import backfilling, comparing, keyring, registering, rollups
from sensors.models import Campaign, Observation, Rollup
from sensors.quality import Flag
from sensors.registering import Registered, Registration
from tests.sensors.pushing import HOME

MARKED = int(Flag.NEIGHBOUR)


def boxes(campaign: Campaign, host: User, *values: float, shown_as: str = "cell100") -> list[Registered]:
    hung = [
        registering.register(host, campaign, Registration("air-box", HOME[0] + place / 500, HOME[1], shown_as))
        for place in range(len(values))
    ]
    for box, value in zip(hung, values, strict=True):
        send(box, value)
    return hung


def send(box: Registered, value: float, minute: int = 0) -> None:
    begins = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    lines = [f"{(begins + timedelta(minutes=minute + each)).isoformat()},{value + each / 10}" for each in range(5)]
    backfilling.take(keyring.door_of(box.device), ["time,pm2_5", *lines], backfilling.direct())


def marked() -> set[int | None]:
    rows = Observation.objects.filter(flags=MARKED).values_list("datastream__site_id", flat=True)
    return set(rows)


def test_one_of_four_that_measures_ten_times_as_much_is_marked(campaign: Campaign, volunteer: User) -> None:
    *_others, odd = boxes(campaign, volunteer, 8, 9, 10, 120)
    touched = rollups.renew()
    assert comparing.compare(touched) == 5
    assert marked() == {odd.site.pk}
    assert comparing.compare(touched) == 0
    assert not Rollup.objects.filter(left_out__gt=0).exists()


def test_the_mark_goes_when_the_neighbours_follow(campaign: Campaign, volunteer: User) -> None:
    first, second, third, odd = boxes(campaign, volunteer, 8, 9, 10, 120)
    comparing.compare(rollups.renew())
    for box in (first, second, third):
        for minute in (10, 20):
            send(box, 110, minute)
    comparing.compare(rollups.renew())
    assert marked() == set()
    assert odd.site.datastreams.get().latest.flags == 0


def test_hidden_sites_are_compared_with_nobody(campaign: Campaign, volunteer: User) -> None:
    boxes(campaign, volunteer, 8, 9, 10, 120, shown_as="hidden")
    comparing.compare(rollups.renew())
    assert marked() == set()
