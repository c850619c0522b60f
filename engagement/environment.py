"""Typed readers of environment variables: one place that says which exist and what they mean."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class BadEnvironment(Exception):
    """A setting is missing or unreadable; the text says which and what to write."""


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    value = text(name).lower()
    if value in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
        return value in {"1", "true", "yes", "on"} if value else default
    raise BadEnvironment(f"{name}={value!r} is neither yes nor no. Write {name}=1 or {name}=0.")


def number(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise BadEnvironment(f"{name}={value!r} is not a whole number.") from None


def words(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).resolve()


def database(name: str, *, default_file: Path, max_age: int | None = None, spatial: bool = True) -> dict[str, Any]:
    """The Django entry for ``postgis://user:password@host:port/name`` or, when unset, a SQLite file.

    A socket folder is given as ``?host=/folder``. Without ``spatial`` neither PostGIS nor SpatiaLite is asked for.
    """
    url = text(name)
    if not url:
        return _sqlite(default_file, max_age, spatial=spatial)
    parts = urlsplit(url)
    if parts.scheme not in {"postgis", "postgres", "postgresql"}:
        raise BadEnvironment(f"{name} starts with {parts.scheme!r}. Write postgis://user:password@host:port/name.")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis" if spatial else "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": max_age,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def _sqlite(file: Path, max_age: int | None, *, spatial: bool) -> dict[str, Any]:
    return {
        "ENGINE": "django.contrib.gis.db.backends.spatialite" if spatial else "django.db.backends.sqlite3",
        "NAME": str(file),
        "CONN_MAX_AGE": max_age,
        "OPTIONS": {
            # Without IMMEDIATE two thirds of read-then-write transactions fail with "database is locked".
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: an acknowledged answer survives a power cut, not only a killed process. Deleted rows are overwritten.
            "init_command": "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;",
        },
        # In memory with a shared cache, threads die with "table is locked".
        "TEST": {"NAME": str(file.parent / f"test_{file.name}")},
    }
