"""Claiming, hanging, swapping, retiring: what a host does with a box."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from engagement.models import LiveEvent, LogEntry, Project, User
from engagement.problems import Refused
from sensors import codes, keyring, registering, segments, times
from sensors.gating import Row
from sensors.models import Campaign, Deployment, Device, DeviceKey, Observation, Segment, Site
from sensors.registering import AlreadyClaimed, NoSuchCode, NotAHost, Registered, Registration
from sensors.storing import Push, store
from sources.table import RoadTable
from tests.sensors.pushing import HOME


def given(**changed: object) -> Registration:
    fields: dict[str, object] = {"preset": "air-box", "lon": HOME[0], "lat": HOME[1], "shown_as": "cell100"}
    return Registration(**(fields | changed))  # type: ignore[arg-type]


def test_only_the_hash_of_a_key_is_kept(air_box: Registered) -> None:
    key = DeviceKey.objects.get()
    assert air_box.key is not None
    assert air_box.key.startswith(key.kid + "-")
    assert len(air_box.key) == 33
    assert key.digest == keyring.digest(air_box.key)
    assert air_box.key not in str(list(DeviceKey.objects.values()))


def test_a_printed_box_is_claimed_by_its_code_once(campaign: Campaign, volunteer: User, officer: User) -> None:
    printed = Device.objects.create(code=codes.new_code(), preset="air-box")
    typed = f"{printed.code[:4]} {printed.code[4:].lower()}"
    registered = registering.register(volunteer, campaign, given(code=typed))
    assert registered.device == printed
    assert Device.objects.get().owner == volunteer
    with pytest.raises(AlreadyClaimed), transaction.atomic():
        registering.register(officer, campaign, given(code=printed.code))


@pytest.mark.parametrize("code", ["ABCD1234", "00000000", "no code at all"])
def test_an_unknown_or_mistyped_code_is_refused_and_nothing_is_half_stored(
    campaign: Campaign, volunteer: User, code: str
) -> None:
    with pytest.raises(NoSuchCode):
        registering.register(volunteer, campaign, given(code=code))
    assert not Site.objects.exists()


def test_an_outsider_hangs_no_box(campaign: Campaign, outsider: User) -> None:
    with pytest.raises(NotAHost):
        registering.register(outsider, campaign, given())


def test_another_box_at_the_same_site_goes_on_with_its_series(air_box: Registered, volunteer: User) -> None:
    now = times.of(timezone.now())
    store([Push(keyring.door_of(air_box.device), now, [Row("pm10", now - 5_000_000, 11.0)])])
    swapped = registering.swap_box(volunteer, air_box.site, "air-box", chip_id="esp8266-99")
    store([Push(keyring.door_of(swapped.device), now, [Row("pm10", now, 12.0)])])

    assert Observation.objects.values("datastream").distinct().count() == 1
    assert keyring.find_now(air_box.key or "").refusal == "old-key"
    assert keyring.find_now(swapped.key or "").door is not None
    assert [each.until is None for each in Deployment.objects.order_by("since")] == [False, True]


def test_a_box_hangs_at_one_site_and_a_site_has_one_box(air_box: Registered, counter: Registered) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Deployment.objects.create(site=counter.site, device=Device.objects.create(code=codes.new_code()))
    registering.retire(counter.site.owner or User(), counter.site)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deployment.objects.create(site=counter.site, device=air_box.device)


def test_whoever_watches_learns_at_once_that_a_site_is_hidden_and_shown_again(
    air_box: Registered, volunteer: User
) -> None:
    now = times.of(timezone.now())
    store([Push(keyring.door_of(air_box.device), now, [Row("pm10", now, 11.0)])])
    LiveEvent.objects.all().delete()
    registering.show_as(volunteer, air_box.site, "hidden")
    registering.show_as(volunteer, air_box.site, "cell500")
    events = [(event.kind, event.payload["site"]) for event in LiveEvent.objects.filter(topic="values.bridge")]
    assert events == [("value.gone", air_box.site.pk), ("value", air_box.site.pk)]


def test_every_deed_is_in_the_log_and_no_text_or_place_of_the_host(air_box: Registered, volunteer: User) -> None:
    registering.renew_key(volunteer, air_box.device)
    registering.revoke_keys(volunteer, air_box.device)
    registering.move(volunteer, air_box.site, HOME[0] + 0.001, HOME[1])
    registering.retire(volunteer, air_box.site)
    verbs = list(LogEntry.objects.values_list("verb", flat=True))
    assert verbs == [
        "sensor.registered", "sensor.key-renewed", "sensor.keys-revoked", "sensor.moved", "sensor.keys-revoked",
        "sensor.retired",
    ]  # fmt: skip
    assert "Balcony" not in str(list(LogEntry.objects.values_list("details", flat=True)))


def test_a_key_is_good_from_its_first_to_its_last_moment(air_box: Registered) -> None:
    key, now = DeviceKey.objects.get(), timezone.now()
    key.valid_from, key.valid_until = now, now + timedelta(hours=1)
    moments = [now - timedelta(seconds=1), now, now + timedelta(minutes=59), now + timedelta(hours=1)]
    assert [key.opens(moment) for moment in moments] == [False, True, True, False]


def roads() -> RoadTable:
    """One street in two directions, 200 m, and a lane."""
    lonlat = np.array(
        [
            [24.9470, 60.1740],
            [24.9470, 60.1758],
            [24.9470, 60.1758],
            [24.9470, 60.1740],
            [24.95, 60.17],
            [24.951, 60.17],
        ]
    )
    many = {"free_speed_kmh": 30.0, "lanes": 1.0, "capacity_vph": 600.0}
    return RoadTable(
        node_id=np.array([1, 2, 3, 4]),
        node_lonlat=np.array([[24.9470, 60.1740], [24.9470, 60.1758], [24.95, 60.17], [24.951, 60.17]]),
        node_at_edge=np.zeros(4, dtype=bool),
        start=np.array([0, 1, 2]),
        end=np.array([1, 0, 3]),
        way_id=np.array([7, 7, 8]),
        name=np.array(["Bridge Street", "Bridge Street", "Lane"]),
        highway=np.array(["secondary"] * 3),
        length_m=np.array([200.0, 200.0, 56.0]),
        speed_source=np.array(["tagged"] * 3),
        lanes_source=np.array(["tagged"] * 3),
        oneway=np.array([False, False, True]),
        bridge=np.zeros(3, dtype=bool),
        coord_offsets=np.array([0, 2, 4, 6]),
        lonlat=lonlat,
        **{name: np.full(3, value) for name, value in many.items()},
    )


def test_a_counter_is_shown_in_the_middle_of_its_stretch_of_street(
    project: Project, campaign: Campaign, volunteer: User
) -> None:
    assert segments.index(project.scene_slug, roads()) == segments.index(project.scene_slug, roads()) == 2
    window = (24.94731, 60.17421)  # 17 m beside the street
    registered = registering.register(
        volunteer, campaign, given(preset="traffic-counter", lon=window[0], lat=window[1], shown_as="segment")
    )
    assert registered.site.segment == Segment.objects.get(name="Bridge Street")
    assert registered.site.public_point is not None
    assert registered.site.public_point.coords == (24.947, 60.1749)


def test_a_street_further_than_sixty_metres_is_not_counted(
    project: Project, campaign: Campaign, volunteer: User
) -> None:
    segments.index(project.scene_slug, roads())
    far = given(preset="traffic-counter", lon=24.9485, lat=60.1745, shown_as="segment")
    with pytest.raises(Refused, match="No street that we know"):
        registering.register(volunteer, campaign, far)
