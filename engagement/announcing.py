"""Open sockets hear at once when somebody's roles change: the news is in the transaction that changed them."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save

from engagement import live, roles
from engagement.models import Membership, User


def connect() -> None:
    """Called once, when the site starts."""
    for signal in (post_save, post_delete):
        signal.connect(_membership_changed, sender=Membership, dispatch_uid=f"engagement.roles.{id(signal)}")
    post_save.connect(_user_changed, sender=User, dispatch_uid="engagement.roles.user")


def _membership_changed(instance: Membership, **_: Any) -> None:
    live.publish(roles.topic_of(instance.user_id), roles.CHANGED, {})


def _user_changed(instance: User, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    """Signing in writes ``last_login`` alone, which opens and closes nothing."""
    if not created and (update_fields or frozenset()) != frozenset({"last_login"}):
        live.publish(roles.topic_of(instance.pk), roles.CHANGED, {})
