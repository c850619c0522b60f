"""What the embedded database needs once, outside of any transaction."""

from __future__ import annotations

from typing import Any

from django.db import connections


def switch_to_wal(*, using: str, **_: Any) -> None:
    """Readers and one writer side by side. Done after migrating, once: per connection, two starting processes collide."""
    connection = connections[using]
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
