"""What a host types into a box, and the same as a QR code."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from sensors import presets
from sensors.models import Device

HIDDEN = "••••••"


@dataclass(frozen=True)
class Setting:
    """``secret`` is shown only while the key is."""

    label: str | Promise
    value: str
    secret: bool = False


def of(device: Device, key: str | None = None) -> list[Setting]:
    """The settings for the kind of box; without a key its place is dotted."""
    kind = presets.get(device.preset).kind
    shown = key or HIDDEN
    if kind == "airrohr":
        base = urlsplit(settings.LOGGIA_BASE_URL)
        port = base.port or (443 if base.scheme == "https" else 80)
        return [
            Setting(_("Server"), base.hostname or ""),
            Setting(_("Path"), "/ingest/airrohr/"),
            Setting(_("Port"), str(port)),
            Setting(_("User"), device.code),
            Setting(_("Password"), shown, secret=True),
        ]
    return [
        Setting(_("Address"), address(device)),
        Setting(_("Key, as password or as header X-Api-Key"), shown, secret=True),
    ]


def address(device: Device) -> str:
    """Where the box sends its pushes, files of history included."""
    kind = presets.get(device.preset).kind
    path = f"/api/v1/sensors/{device.code}/observations.csv" if kind == "csv" else f"/ingest/{kind}/"
    return settings.LOGGIA_BASE_URL.rstrip("/") + path


def whole_address(device: Device, key: str) -> str:
    """An address with the key in it, for boxes that know no password."""
    kind = presets.get(device.preset).kind
    return f"{settings.LOGGIA_BASE_URL.rstrip('/')}/ingest/{kind}/{key}/"


def qr(text: str) -> SafeString:
    """The text as a QR code, SVG without colours of its own."""
    drawn = segno.make(text, error="m").svg_inline(scale=5, border=4, svgclass="qr", lineclass="qr-dots", omitsize=True)
    return mark_safe(drawn)  # squares and our own class names
