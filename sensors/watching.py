"""Whatever changes what a key opens or what the public sees of a site empties the caches of all processes."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save

from engagement.models import Project
from sensors import keyring
from sensors.models import Campaign, Deployment, Device, DeviceKey, Site

WATCHED: tuple[type[Model], ...] = (Campaign, Deployment, Device, DeviceKey, Project, Site)


def _changed(sender: type[Model], **_: Any) -> None:
    keyring.bump()


def connect() -> None:
    """Called once at start-up."""
    for model in WATCHED:
        post_save.connect(_changed, sender=model, dispatch_uid=f"sensors.saved.{model.__name__}")
        post_delete.connect(_changed, sender=model, dispatch_uid=f"sensors.deleted.{model.__name__}")
