"""Pushes of unmodified airrohr firmware (sensor.community) to its "custom API".

Every value is a pair of strings; the box names itself in the header ``X-Sensor``. P1 is PM10, P2 is PM2.5. The payload
has no time: the moment of arrival counts. Format: https://github.com/opendata-stuttgart/sensors-software
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from sensors import phenomena
from sensors.decoding import Decoded, Kind, Reading, Unreadable
from sensors.refusals import Refusal

PASCAL_PER_HECTOPASCAL = 100.0

# What the firmware measures about itself; nothing that the public could use.
HOUSEKEEPING = frozenset({"samples", "min_micro", "max_micro", "interval", "signal", "signal_dbm", "uptime"})
PARTICLE_SENSORS = ("SDS_", "PMS_", "HPM_", "NPM_", "SPS30_", "IPS_", "")
CLIMATE_SENSORS = ("BME280_", "BMP280_", "BMP_", "HTU21D_", "SHT3X_", "SCD30_", "DHT_", "DS18B20_", "")
# Further classes of the particle sensors (PM0.1, PM1, PM4, number counts) are read by no model yet.
UNUSED = frozenset({"P0", "P01", "P4", "N05", "N1", "N10", "N25", "N4", "NS", "TS", "N03", "N5", "N01"})

NAMES: dict[str, str] = {
    **{f"{box}P1": phenomena.PM10.code for box in PARTICLE_SENSORS},
    **{f"{box}P2": phenomena.PM2_5.code for box in PARTICLE_SENSORS},
    **{f"{box}temperature": phenomena.TEMPERATURE.code for box in CLIMATE_SENSORS},
    **{f"{box}humidity": phenomena.HUMIDITY.code for box in CLIMATE_SENSORS},
    **{f"{box}pressure": phenomena.PRESSURE.code for box in CLIMATE_SENSORS},
    "DNMS_noise_LAeq": phenomena.NOISE.code,
    "noise_LAeq": phenomena.NOISE.code,
}


def decode(body: bytes) -> Decoded:
    """The readings of one push. Raises Unreadable when it is no airrohr push."""
    try:
        pushed = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable(Refusal("unreadable", {"problem": "the body is not JSON"})) from None
    pairs = pushed.get("sensordatavalues") if isinstance(pushed, dict) else None
    if not isinstance(pairs, list):
        raise Unreadable(Refusal("unreadable", {"problem": "there is no list called sensordatavalues"}))
    decoded, kept = Decoded(), dict[str, str]()
    for pair in pairs:
        if isinstance(pair, dict):
            _take(pair, decoded, kept)
    return decoded


def _take(pair: Mapping[str, object], decoded: Decoded, kept: dict[str, str]) -> None:
    name = str(pair.get("value_type", ""))[:40]
    code = NAMES.get(name)
    if code is None:
        if name not in HOUSEKEEPING and name.rpartition("_")[2] not in UNUSED:
            decoded.refused.append(Refusal("unknown-value", {"name": name}))
        return
    value = number(pair.get("value"))
    if value is None:
        decoded.refused.append(Refusal("no-number", {"name": name, "value": str(pair.get("value"))[:40]}))
    elif code in kept:
        decoded.refused.append(Refusal("twice", {"name": name, "kept": kept[code]}))
    else:
        kept[code] = name
        scale = PASCAL_PER_HECTOPASCAL if code == phenomena.PRESSURE.code else 1.0
        decoded.readings.append(Reading(code, None, value / scale))


def number(written: object) -> float | None:
    """The finite number in a string or a JSON number, None where there is none."""
    if not isinstance(written, str | int | float) or isinstance(written, bool):
        return None
    try:
        value = float(written)
    except (ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None


KIND = Kind(
    name="airrohr",
    label=_("airrohr firmware"),
    properties=(
        phenomena.PM10,
        phenomena.PM2_5,
        phenomena.TEMPERATURE,
        phenomena.HUMIDITY,
        phenomena.PRESSURE,
        phenomena.NOISE,
    ),
    decode=decode,
    sample=json.dumps(
        {
            "esp8266id": "1234567",
            "software_version": "NRZ-2020-133",
            "sensordatavalues": [
                {"value_type": "SDS_P1", "value": "18.37"},
                {"value_type": "SDS_P2", "value": "7.90"},
                {"value_type": "BME280_temperature", "value": "6.31"},
                {"value_type": "BME280_pressure", "value": "100812.94"},
                {"value_type": "BME280_humidity", "value": "71.42"},
                {"value_type": "samples", "value": "4982551"},
                {"value_type": "min_micro", "value": "28"},
                {"value_type": "max_micro", "value": "20157"},
                {"value_type": "interval", "value": "145000"},
                {"value_type": "signal", "value": "-61"},
            ],
        }
    ).encode(),
)
