"""Where this site keeps its tiles."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from ar_scenes.store import Store


def store() -> Store:
    """The site's content-addressed files, ``DATA_DIR/tiles``."""
    return Store(Path(settings.DATA_DIR) / "tiles")
