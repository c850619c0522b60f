"""A backup is a folder: a copy of each database, the files of the data folder, and a manifest with digests of all.

``keys/`` is left out on purpose: who finds a backup can read what is published and what is pseudonymous, and cannot open
receipts, sessions or tombstones. The keys are copied once, by hand, to another place. What residents have withdrawn since
the backup was made stays gone: their tombstones lie in ``keys/`` and are replayed after every restore.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.management.operations import databases
from engagement.problems import Refused
from privacy import erasure

FORMAT = 1
MANIFEST = "manifest.json"
LEFT_OUT = ("keys", "sockets", "backups", "lan")
CHUNK = 1024 * 1024


class NoBackup(Refused):
    status = 404
    code = "no-backup"
    title = _("This folder holds no backup.")


class Damaged(Refused):
    status = 422
    code = "damaged-backup"
    title = _("This backup is damaged.")


class WouldOverwrite(Refused):
    status = 409
    code = "would-overwrite"
    title = _("There is data here already.")


@dataclass(frozen=True)
class Restored:
    """What came back, and what went again because it had been erased since."""

    databases: int
    tables: int
    files: int
    erased_again: dict[str, int]
    verified: bool


def back_up(folder: Path) -> Path:
    """Make a backup below ``folder`` while the site runs; it appears under its name only when it is whole."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = Path(tempfile.mkdtemp(prefix=".backup-", dir=folder))
    try:
        # Files first: what a file holds is never changed, so a row of the later copy finds its file, and none too many harms.
        files = {name: _copied(path, draft / "files" / name) for name, path in _files()}
        copies: dict[str, Any] = {}
        for alias in databases.aliases():
            file = draft / f"{alias}.{databases.suffix(alias)}"
            copies[alias] = {"tables": databases.copy(alias, file), "file": file.name, "sha256": _digest(file)}
        made = {"format": FORMAT, "made_at": timezone.now().isoformat(), "left_out": ["keys"]}
        (draft / MANIFEST).write_text(json.dumps({**made, "databases": copies, "files": files}, indent=1))
        target = folder / f"loggia-{timezone.now():%Y%m%dT%H%M%S%fZ}"
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def check(backup: Path) -> dict[str, Any]:
    """The manifest of a backup whose every file is as it was written.

    Raises:
        NoBackup, Damaged: naming the first file that is missing or changed.
    """
    try:
        manifest: dict[str, Any] = json.loads((backup / MANIFEST).read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        raise NoBackup(f"{backup} holds no {MANIFEST}. Give the folder that bin/manage backup has printed.") from None
    wanted = {entry["file"]: entry["sha256"] for entry in manifest["databases"].values()}
    wanted |= {f"files/{name}": digest for name, digest in manifest["files"].items()}
    for name, digest in wanted.items():
        if not (backup / name).is_file() or _digest(backup / name) != digest:
            raise Damaged(f"{name} is missing or was changed since the backup was made. Take an older backup.")
    return manifest


def restore(backup: Path, *, verify: bool, force: bool = False) -> Restored:
    """Put a backup back: databases, files, then migrations, then what was erased since goes again.

    Args:
        verify: compare every table with the digest that the backup noted, before anything is migrated.
        force: replace data that is there.

    Raises:
        NoBackup, Damaged, WouldOverwrite.
    """
    manifest = check(backup)
    if not force and _has_data():
        raise WouldOverwrite("Stop the site and say --force to replace what is here. Make a backup of it first.")
    for alias, entry in manifest["databases"].items():
        if databases.suffix(alias) != Path(entry["file"]).suffix[1:]:
            raise Damaged(f"The backup of {alias!r} is of another kind of database than this site uses.")
        databases.put_back(alias, backup / entry["file"])
    if verify:
        _compare(manifest)
    for name in manifest["files"]:
        _copied(backup / "files" / name, settings.DATA_DIR / name)
    call_command("migrate", verbosity=0)
    again = erasure.erase_again()
    tables = sum(len(entry["tables"]) for entry in manifest["databases"].values())
    return Restored(len(manifest["databases"]), tables, len(manifest["files"]), again, verify)


def _compare(manifest: dict[str, Any]) -> None:
    for alias, entry in manifest["databases"].items():
        now = databases.digests(alias)
        different = sorted(name for name, digest in entry["tables"].items() if now.get(name) != digest)
        if different:
            raise Damaged(f"After the restore these tables differ from the backup: {', '.join(different)}.")


def _has_data() -> bool:
    """Whether somebody uses this site already; a database without our tables is empty."""
    from engagement.models import Project, User

    if "engagement_user" not in connections["default"].introspection.table_names():
        return False
    return User.objects.exists() or Project.objects.exists()


def _files() -> Iterator[tuple[str, Path]]:
    """Files of the data folder by their name in it, without keys, sockets and the databases themselves."""
    own = {Path(str(connections[alias].settings_dict["NAME"])).name for alias in databases.aliases()}
    for path in sorted(settings.DATA_DIR.rglob("*")):
        name = path.relative_to(settings.DATA_DIR)
        is_database = any(path.name.startswith(database) for database in own) or ".sqlite3" in path.name
        if path.is_file() and name.parts[0] not in LEFT_OUT and not is_database and not path.name.startswith("."):
            yield name.as_posix(), path


def _copied(source: Path, target: Path) -> str:
    """Copy one file and return the digest of what was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found = hashlib.sha256()
    with source.open("rb") as old, target.open("wb") as new:
        while chunk := old.read(CHUNK):
            found.update(chunk)
            new.write(chunk)
    return found.hexdigest()


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
