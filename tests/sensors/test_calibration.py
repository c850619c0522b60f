"""Corrections: found again where they are known, robust, and judged on hours that they never saw."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from engagement.models import User
from engagement.problems import Refused
from sensors import backfilling, calibration, correcting, keyring, registering, rollups
from sensors.calibration import Line
from sensors.models import Campaign, CoLocation, Correction, Datastream, Latest, Observation, Rollup
from sensors.registering import Registered, Registration
from tests.sensors.pushing import HOME

LINE = Line(1.5, 0.8, 0.03)


def hours(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    raw, humidity = rng.uniform(4, 40, count), rng.uniform(45, 85, count)
    return raw, humidity, LINE.correct(raw, humidity)


def test_a_known_line_is_found_again() -> None:
    found = calibration.fit(*hours(300))
    assert (found.line.intercept, found.line.slope, found.line.per_humidity) == pytest.approx((1.5, 0.8, 0.03))
    assert (found.trained_hours, found.corrected.hours) == (100, 200)
    assert found.corrected.rmse == pytest.approx(0, abs=1e-9)


def test_a_fire_beside_the_reference_does_not_bend_the_line() -> None:
    raw, humidity, reference = hours(300)
    reference[10:20] += 400
    found = calibration.fit(raw, humidity, reference)
    assert found.line.slope == pytest.approx(0.8, abs=1e-6)


def test_too_few_hours_are_said_to_be_too_few() -> None:
    with pytest.raises(calibration.CannotFit, match="only 90 hours"):
        calibration.fit(*hours(90))


def test_corrected_dust_is_never_below_nothing_and_unknown_without_humidity() -> None:
    assert Line(-9.0, 1.0, 0.0).correct(np.array([4.0, 10.0]), np.array([50.0, np.nan])).tolist()[0] == 0.0
    assert np.isnan(Line(-9.0, 1.0, 0.1).correct(np.array([10.0]), np.array([np.nan]))[0])


def box(campaign: Campaign, host: User, lines: list[str]) -> Registered:
    registered = registering.register(host, campaign, Registration("air-box", *HOME, "cell100"))
    backfilling.take(keyring.door_of(registered.device), lines, backfilling.direct(), any_age=True)
    return registered


def side_by_side(campaign: Campaign, host: User, shared: Path) -> tuple[Registered, Registered]:
    """The unit and the reference monitor of the EPA's sample, by the road of the file door."""
    folder = shared / "sensors"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    with gzip.open(folder / "epa_colocation_unit1_minutes.csv.gz", "rt", encoding="utf-8-sig") as stream:
        minutes = list(csv.reader(stream.read().splitlines()[7:]))
    unit = [f"{stamp(row[0])},{row[3]},{row[5]}" for row in minutes if row and row[3] and row[5]]
    with gzip.open(folder / "epa_colocation_reference_hours.csv.gz", "rt") as stream:
        rows = [row for row in csv.DictReader(stream) if row["Param"].startswith("PM2.5") and row["QC Code"] == "0"]
    monitor = [f"{stamp(row['Date (LST)'] + ' ' + row['Time (LST)'])},{row['Value']}" for row in rows]
    return box(campaign, host, ["time,pm2_5,humidity", *unit]), box(campaign, host, ["time,pm2_5", *monitor])


def stamp(written: str) -> str:
    return f"{datetime.strptime(written, '%m/%d/%Y %H:%M').isoformat()}-05:00"  # noqa: DTZ007 (the zone is written behind)


def beside(unit: Registered, monitor: Registered, campaign: Campaign) -> CoLocation:
    series, reference = (Datastream.objects.get(site=each.site, observed_property="pm2_5") for each in (unit, monitor))
    since, until = (datetime.fromisoformat(f"2019-{day}T00:00:00+00:00") for day in ("08-01", "09-02"))
    return CoLocation.objects.create(campaign=campaign, series=series, reference=reference, since=since, until=until)


@pytest.mark.slow
@pytest.mark.django_db
def test_unit_1_comes_within_1_45_of_the_reference_and_its_raw_series_is_untouched(
    campaign: Campaign, volunteer: User, shared_data: Path
) -> None:
    unit, monitor = side_by_side(campaign, volunteer, shared_data)
    rollups.renew()
    raw = list(Observation.objects.order_by("pk").values_list("pk", "phenomenon_time", "result", "flags"))
    correction = correcting.fit(beside(unit, monitor, campaign))
    correcting.apply(correction)
    print(correction.report)
    assert correction.report["corrected"]["rmse"] <= 1.45 < correction.report["raw"]["rmse"]
    assert (
        list(
            Observation.objects.filter(pk__lte=raw[-1][0])
            .order_by("pk")
            .values_list("pk", "phenomenon_time", "result", "flags")
        )
        == raw
    )
    corrected = Datastream.objects.get(kind="corrected", site=unit.site)
    assert corrected.observations.count() > 40_000
    assert not Datastream.objects.filter(kind="corrected", site=monitor.site).exists()


@pytest.fixture
def pair(campaign: Campaign, volunteer: User) -> tuple[Registered, Registered, CoLocation]:
    """Two weeks of hours beside a reference of which the line is known."""
    raw, humidity, reference = hours(336)
    moments = [f"2019-08-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z" for hour in range(336)]
    unit = box(
        campaign,
        volunteer,
        [
            "time,pm2_5,humidity",
            *(f"{at},{value},{wet}" for at, value, wet in zip(moments, raw, humidity, strict=True)),
        ],
    )
    monitor = box(campaign, volunteer, ["time,pm2_5", *map("{},{}".format, moments, reference)])
    rollups.renew()
    return unit, monitor, beside(unit, monitor, campaign)


def test_a_correction_is_a_new_version_for_the_device_model_of_the_campaign(
    pair: tuple[Registered, Registered, CoLocation],
) -> None:
    _unit, _monitor, together = pair
    versions = [correcting.fit(together).version for _ in range(2)]
    assert versions == [1, 2]
    assert set(Correction.objects.values_list("preset", "observed_property")) == {("air-box", "pm2_5")}


def test_the_corrected_series_follows_late_readings(pair: tuple[Registered, Registered, CoLocation]) -> None:
    unit, _monitor, together = pair
    correcting.apply(correcting.fit(together))
    late = ["time,pm2_5,humidity", "2019-08-20T12:00:00Z,10,50", "2019-08-02T12:30:00Z,20,60"]
    backfilling.take(keyring.door_of(unit.device), late, backfilling.direct(), any_age=True)
    correcting.follow(rollups.renew())
    corrected = Datastream.objects.get(kind="corrected", site=unit.site)
    values = dict(corrected.observations.filter(phenomenon_time__minute=30).values_list("phenomenon_time", "result"))
    assert list(values.values()) == pytest.approx([1.5 + 16 + 1.8])
    assert Latest.objects.get(datastream=corrected).result == pytest.approx(1.5 + 8 + 1.5)
    rollups.renew()
    assert Rollup.objects.filter(datastream=corrected, period="h").count() == 337


def test_what_helps_nothing_is_not_kept(pair: tuple[Registered, Registered, CoLocation]) -> None:
    _unit, _monitor, together = pair
    rng = np.random.default_rng(3)
    for each in Rollup.objects.filter(datastream=together.reference, period="h"):
        each.mean = 1000 * rng.random()
        each.save()
    Rollup.objects.filter(datastream=together.reference, period="h", start__gte="2019-08-06T00:00Z").update(mean=21.0)
    with pytest.raises(Refused, match="further from the reference"):
        correcting.fit(together)
    assert not Correction.objects.exists()
