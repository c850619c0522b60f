"""What stands in the navigation of the desk; every room adds its own entries at start-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from engagement import roles


@dataclass(frozen=True)
class DeskEntry:
    """A page of the desk. ``count(user)`` says how many things wait there."""

    name: str
    label: str | Promise
    url_name: str
    roles: tuple[str, ...]
    count: Callable[[object], int] | None = None
    order: int = 50


_entries: dict[str, DeskEntry] = {}


def register(entry: DeskEntry) -> None:
    _entries[entry.name] = entry


def entries_for(user: object) -> list[DeskEntry]:
    """The entries that the person may open, in their order; one query, however many there are."""
    held = roles.held_anywhere(user)
    shown = [entry for entry in _entries.values() if held & {*entry.roles, roles.Role.ADMINISTRATOR}]
    return sorted(shown, key=lambda entry: (entry.order, entry.name))
