"""The boxes that volunteers have: which payload they send and what it measures."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Preset:
    """One kind of box. ``every_s``: how often it sends when all is well; later than three times that, it is offline."""

    name: str
    label: str | Promise
    about: str | Promise
    kind: str
    every_s: int
    counts_street: bool = False
    settings_steps: tuple[str | Promise, ...] = ()


AIR_BOX = Preset(
    "air-box",
    _("Air-quality box"),
    _("A box with airrohr firmware (sensor.community): fine dust, temperature, humidity, air pressure, noise."),
    kind="airrohr",
    every_s=145,
    settings_steps=(
        _("Open the box's own page in your Wi-Fi and choose Configuration, then APIs."),
        _("Tick “Send data to custom API” and “HTTPS” if the address below begins with https."),
        _("Type in server, path, port, user and password as they stand below, and save."),
        _("After five minutes the first readings should be here."),
    ),
)
TRAFFIC_COUNTER = Preset(
    "traffic-counter",
    _("Window traffic counter"),
    _(
        "A camera behind a window that counts cars, lorries, bicycles and people on foot and keeps no picture (Telraam)."
    ),
    kind="telraam",
    every_s=3600,
    counts_street=True,
    settings_steps=(
        _("Open the settings of the counter and choose “Send hourly reports to another server”."),
        _("Type in the address and the key as they stand below, and save."),
        _("The first report comes at the next full hour of daylight."),
    ),
)
FILE_ONLY = Preset(
    "file",
    _("Another box, by file"),
    _("A box that keeps its readings itself; you send them as a CSV file."),
    kind="csv",
    every_s=7 * 24 * 3600,
    settings_steps=(
        _("Write the readings as CSV: a column “time” and one column for each property, such as pm2_5."),
        _("Send the file to the address below with the key as password."),
    ),
)

PRESETS: dict[str, Preset] = {preset.name: preset for preset in (AIR_BOX, TRAFFIC_COUNTER, FILE_ONLY)}


def get(name: str) -> Preset:
    """The preset; a box whose preset was dropped from the program counts as one that sends files."""
    return PRESETS.get(name, FILE_ONLY)
