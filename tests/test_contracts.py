"""The walls of the house hold: a planted import is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("engagement", "surveys", "sensors", "privacy", "scenarios", "ar_scenes", "sources")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([str(tool), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    """The packages alone, so that a planted line never touches the real ones."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "migrations"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_its_contracts() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("scenarios/planning.py", "import surveys.models", "Privacy firewall"),
        ("ar_scenes/views.py", "from sensors import models", "Privacy firewall"),
        ("surveys/responding.py", "import sensors.writer", "Rooms are layers"),
        ("engagement/receipts.py", "import surveys.models", "The core imports no room"),
        ("surveys/views.py", "import engagement.settings", "Only composition modules"),
        ("scenarios/library/graph.py", "import django.db", "Calculations know no Django"),
    ],
)
def test_a_planted_import_is_found(copy_of_the_house: Path, file: str, line: str, contract: str) -> None:
    planted = copy_of_the_house / file
    planted.write_text(f"{line}\n{planted.read_text() if planted.exists() else ''}".replace(
        "from __future__ import annotations\n", "", 1
    ))  # fmt: skip
    result = lint(copy_of_the_house)
    assert result.returncode != 0
    broken = [row for row in result.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(contract in row for row in broken), result.stdout
