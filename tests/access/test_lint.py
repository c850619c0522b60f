"""No view reaches an object past the access functions: a table read in a view names who asks, or is filtered by it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOORS = (
    "views",
    "desk_views",
    "decision_views",
    "pin_views",
    "tiles_views",
    "api",
    "tiles_api",
    "pages_api",
    "consumers",
)
ROOMS = ("engagement", "surveys", "sensors", "privacy", "scenarios", "ar_scenes")
# Each of these asks who is there, or stands for things that everybody may see.
ASKS = {"visible_to", "accessible_to", "hosted_by", "public", "published", "projects_of", "none", "_projects", "_host"}
# Names that a view gets from an access function or that belong to what it got.
BOUND = {"project", "projects", "mine", "survey", "found", "scene", "site", "box", "device", "round", "stream"}


def doors() -> list[Path]:
    found = [ROOT / room / f"{name}.py" for room in ROOMS for name in DOORS]
    return [path for path in found if path.is_file()] + [
        path for room in ROOMS for path in sorted((ROOT / room / "views").glob("*.py"))
    ]


def statement_of(tree: ast.AST, node: ast.AST) -> str:
    holders = [one for one in ast.walk(tree) if isinstance(one, ast.stmt) and node in ast.walk(one)]
    return ast.unparse(min(holders, key=lambda one: len(ast.unparse(one))))


def unasked(path: Path) -> list[str]:
    """Statements that read a table and say neither who asks nor what was asked for before."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            words = statement_of(tree, node)
            names = {part.attr for part in ast.walk(ast.parse(words)) if isinstance(part, ast.Attribute)}
            names |= {part.id for part in ast.walk(ast.parse(words)) if isinstance(part, ast.Name)}
            if not names & (ASKS | BOUND):
                wrong.append(f"{path.relative_to(ROOT).as_posix()}:{node.lineno}: {words[:160]}")
    return wrong


KNOWN = {
    "engagement/views/health.py": "jobs and heartbeats: how the machine is, of no project",
    "engagement/views/forms.py": "whether a short name is taken, which the address tells anyway",
    "engagement/views/hearing.py": "the project that the holder of a letter's secret link asked about",
    "ar_scenes/tiles_api.py": "the newest sequence number of the outbox, of no project",
}


@pytest.mark.parametrize("path", doors(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_view_reaches_an_object_past_the_access_functions(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() in KNOWN:
        return
    assert unasked(path) == []


def test_the_lint_finds_a_planted_bypass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = tmp_path / "views.py"
    planted.write_text("def view(request, pk):\n    return QueueItem.objects.get(pk=pk)\n")
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    assert unasked(planted) == ["views.py:2: return QueueItem.objects.get(pk=pk)"]
