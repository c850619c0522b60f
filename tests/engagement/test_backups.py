"""A backup comes back whole, a damaged one is refused, and what was withdrawn since stays gone."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.running import RunningSite

pytestmark = pytest.mark.slow  # each command is a process of its own, as operators run it
WRITTEN = """
from engagement import audit
from engagement.models import Project
from django.conf import settings
Project.objects.create(slug="bridge", title={"en": "What if?"})
audit.record(None, "project.created", "project:bridge")
(settings.DATA_DIR / "tiles" / "ab").mkdir(parents=True)
(settings.DATA_DIR / "tiles" / "ab" / "tile.glb").write_bytes(b"a tile")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> RunningSite:
    """A site on SQLite with one project, one file and its keys."""
    made = RunningSite(tmp_path_factory.mktemp("site"))
    for name in ("DATABASE_URL", "CONTACTS_URL", "REDIS_URL"):
        made.environment.pop(name, None)
    made.manage("migrate", "--verbosity", "0")
    made.manage("shell", "-c", WRITTEN)
    return made


@pytest.fixture(scope="module")
def backup(site: RunningSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(site.told("backup", "--to", str(tmp_path_factory.mktemp("backups"))).strip())


def elsewhere(site: RunningSite, folder: Path) -> RunningSite:
    """Another machine: an empty data folder."""
    other = RunningSite(folder)
    other.environment = {**site.environment, "LOGGIA_DATA_DIR": str(folder)}
    return other


def test_keys_and_sockets_are_in_no_backup(backup: Path) -> None:
    names = {path.name for path in backup.rglob("*")}
    assert "tile.glb" in names
    assert not names & {"keys", "sockets", "django", "receipts"}
    manifest = json.loads((backup / "manifest.json").read_text())
    assert manifest["left_out"] == ["keys"]
    assert set(manifest["databases"]) == {"default", "contacts"}


def test_a_backup_comes_back_on_an_empty_machine_table_by_table(
    site: RunningSite, backup: Path, tmp_path: Path
) -> None:
    other = elsewhere(site, tmp_path / "host")
    said = other.told("restore", str(backup), "--verify")
    assert said.startswith("Restored 2 databases, ")
    assert "each table equals the backup" in said
    with sqlite3.connect(tmp_path / "host" / "loggia.sqlite3") as opened:
        assert opened.execute("SELECT slug FROM engagement_project").fetchall() == [("bridge",)]
    assert (tmp_path / "host" / "tiles" / "ab" / "tile.glb").read_bytes() == b"a tile"
    assert "The log holds: 1 entries" in other.told("verify_log")


def test_a_restore_does_not_replace_data_without_being_told_to(site: RunningSite, backup: Path) -> None:
    with pytest.raises(RuntimeError, match="say --force to replace what is here"):
        site.told("restore", str(backup))


def test_a_changed_backup_is_refused_before_anything_is_touched(
    site: RunningSite, backup: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(backup, damaged)
    (damaged / "files" / "tiles" / "ab" / "tile.glb").write_bytes(b"another")
    with pytest.raises(RuntimeError, match=r"files/tiles/ab/tile\.glb is missing or was changed"):
        elsewhere(site, tmp_path / "host").told("restore", str(damaged))
    assert not (tmp_path / "host" / "loggia.sqlite3").exists()
    with pytest.raises(RuntimeError, match=r"holds no manifest\.json"):
        elsewhere(site, tmp_path / "host").told("restore", str(tmp_path))


def test_the_drill_proves_it_and_leaves_nothing(site: RunningSite) -> None:
    report = json.loads(site.told("drill").strip().splitlines()[-1])
    assert report["tables_equal"] > 40
    assert "each table equals the backup" in report["said"]
