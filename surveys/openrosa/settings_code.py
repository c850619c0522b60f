"""ODK Collect's settings as a QR code: scanned once, a phone knows where the survey is.

Source: https://docs.getodk.org/collect-import-export/: JSON, deflated by zlib, as base64.
"""

from __future__ import annotations

import base64
import json
import zlib

from django.conf import settings

from surveys.models import Survey


def address(token: str) -> str:
    """The server address to write into an app."""
    return f"{settings.LOGGIA_BASE_URL.rstrip('/')}/odk/{token}"


def code(survey: Survey, token: str) -> str:
    """What the QR code says: server, name of the project, send when there is a network, nothing kept after sending."""
    chosen = {
        "general": {
            "protocol": "odk_default",
            "server_url": address(token),
            "username": "",
            "password": "",
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            "delete_send": True,
            "analytics": False,
        },
        "project": {"name": str(survey), "icon": "◳", "color": "#12656b"},
        "admin": {},
    }
    return base64.b64encode(zlib.compress(json.dumps(chosen).encode())).decode()
