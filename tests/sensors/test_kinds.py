"""What every kind of payload promises, and the peculiarities of each."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engagement import units
from sensors import decoding, times
from sensors.decoding import Decoded, Reading, Unreadable
from sensors.kinds import airrohr, csv, telraam
from sensors.presets import PRESETS
from tests.conftest import SHARED_DATA

KINDS = list(decoding.kinds().values())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_sample_of_a_kind_decodes_whole_into_its_own_properties(kind: decoding.Kind) -> None:
    decoded = kind.decode(kind.sample)
    assert decoded.readings
    assert decoded.refused == []
    assert {reading.code for reading in decoded.readings} <= {measured.code for measured in kind.properties}
    assert len(kind.sample) <= kind.max_bytes


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_units_of_a_kind_are_ucum_and_its_limits_lie_within_one_another(kind: decoding.Kind) -> None:
    for measured in kind.properties:
        assert units.parse(measured.unit).symbol == measured.symbol
        assert measured.possible[0] <= measured.plausible[0] < measured.plausible[1] <= measured.possible[1]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"a": [1, 2]}', b"[" * 5000])
def test_nonsense_is_unreadable_and_never_an_error_of_ours(kind: decoding.Kind, body: bytes) -> None:
    with pytest.raises(Unreadable) as unreadable:
        kind.decode(body)
    assert unreadable.value.refusal.sentence().startswith("A push was not what the door understands")


def test_every_preset_sends_a_kind_that_exists() -> None:
    assert {preset.kind for preset in PRESETS.values()} <= set(decoding.kinds())


def airrohr_push(*pairs: tuple[str, object]) -> bytes:
    return json.dumps({"sensordatavalues": [{"value_type": name, "value": value} for name, value in pairs]}).encode()


def test_airrohr_calls_pm10_p1_and_gives_pascals() -> None:
    decoded = airrohr.decode(airrohr_push(("SDS_P1", "18.4"), ("SDS_P2", "7.9"), ("BMP280_pressure", "100812.94")))
    assert decoded.readings == [
        Reading("pm10", None, 18.4),
        Reading("pm2_5", None, 7.9),
        Reading("pressure", None, 1008.1294),
    ]


def test_of_two_sensors_for_the_same_property_the_first_counts_and_the_second_is_told() -> None:
    decoded = airrohr.decode(airrohr_push(("BME280_temperature", "6.3"), ("temperature", "7.1")))
    assert decoded.readings == [Reading("temperature", None, 6.3)]
    assert decoded.refused[0].sentence() == (
        "temperature measures what BME280_temperature measured already in the same push; the first is kept."
    )


def test_what_airrohr_says_about_itself_is_passed_over_in_silence() -> None:
    decoded = airrohr.decode(airrohr_push(("samples", "4982551"), ("signal", "-61 dBm"), ("SPS30_N10", "12.1")))
    assert decoded == Decoded()


def test_an_hour_with_the_camera_off_for_more_than_half_is_flagged() -> None:
    hour = {"date": "2026-11-20T07:00:00.000Z", "car": 30, "uptime": 0.49}
    decoded = telraam.decode(json.dumps(hour).encode())
    begins = times.microseconds("2026-11-20T07:00:00Z")
    assert decoded.readings == [Reading("cars", begins, 30.0, 64, 1), Reading("uptime", begins, 0.49, 0, 1)]


def test_a_report_without_a_zone_is_refused_with_how_to_write_it() -> None:
    decoded = telraam.decode(b'[{"date": "2026-11-20 07:00:00", "car": 3}]')
    assert decoded.readings == []
    assert decoded.refused[0].sentence().startswith("2026-11-20 07:00:00 has no time zone. Write it like")


def test_csv_takes_our_names_those_of_the_boxes_and_units_in_brackets() -> None:
    text = "time,P1,Humidity (%),pressure [Pa],temp\n2026-11-20T07:00:00Z,14.2,88,100812.94,3\n"
    (part,) = csv.read(text.splitlines())
    assert [(reading.code, reading.value) for reading in part.readings] == [
        ("pm10", 14.2),
        ("humidity", 88.0),
        ("pressure", 1008.1294),
    ]
    assert [refusal.sentence() for refusal in part.refused] == ["temp is a value that we do not keep."]


def test_csv_with_semicolons_understands_a_decimal_comma_and_a_byte_order_mark() -> None:
    decoded = csv.decode("\ufefftime;pm2_5\r\n2026-11-20T07:00:00+02:00;8,1\r\n".encode())
    assert decoded.readings == [Reading("pm2_5", times.microseconds("2026-11-20T05:00:00Z"), 8.1, 0, 2)]


def test_csv_takes_one_value_per_line_too() -> None:
    decoded = csv.decode(b"time,property,value\n2026-11-20T07:00:00Z,noise,55.5\n2026-11-20T07:00:00Z,colour,4\n")
    assert [(reading.code, reading.value) for reading in decoded.readings] == [("noise", 55.5)]
    assert [(refusal.code, refusal.row) for refusal in decoded.refused] == [("unknown-value", 3)]


def test_csv_says_the_line_of_what_it_refuses_and_goes_on() -> None:
    decoded = csv.decode(
        b"time,pm10\nyesterday,3\n2026-11-20T07:00:00,3\n2026-11-20T07:00:00Z,much\n2026-11-20T08:00:00Z,4\n"
    )
    assert [(refusal.code, refusal.row) for refusal in decoded.refused] == [
        ("no-time", 2),
        ("no-zone", 3),
        ("no-number", 4),
    ]
    assert len(decoded.readings) == 1


def test_both_hours_of_the_autumn_clock_change_are_kept_apart() -> None:
    lines = [
        "date,car",
        *(f"2022-10-30 0{hour}:00:00 {zone},1" for hour, zone in [(1, "CEST"), (2, "CET"), (2, "CET"), (3, "CET")]),
    ]
    (part,) = csv.read(lines, ZoneInfo("Europe/Paris"))
    hours = [times.moment(reading.time_us or 0).strftime("%d %H:%M") for reading in part.readings]
    assert hours == ["29 23:00", "30 00:00", "30 01:00", "30 02:00"]


def test_a_year_of_telraam_hours_keeps_every_one_of_them() -> None:
    path = SHARED_DATA / "sensors" / "telraam_chateaubourg_2022.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    import gzip

    with gzip.open(path, "rt") as stream:
        lines = stream.read().splitlines()
    one = [lines[0], *(line for line in lines if line.startswith("9000001844"))]
    moments = {r.time_us for part in csv.read(one, ZoneInfo("Europe/Paris")) for r in part.readings if r.code == "cars"}
    assert len(moments) == len(one) - 1 == 8509


def test_times_go_into_microseconds_and_back() -> None:
    us = times.microseconds("2026-11-22T16:00:00.25+02:00")
    assert times.iso(us) == "2026-11-22T14:00:00.250000Z"
    assert times.sqlite_text(us) == "2026-11-22 14:00:00.250000"
    assert times.from_sqlite_text(times.sqlite_text(us)) == us
    assert times.moment(us) == datetime.fromisoformat("2026-11-22T14:00:00.25+00:00")
