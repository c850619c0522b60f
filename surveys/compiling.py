"""A form made ready to work: its expressions parsed and checked, its choice lists turned into data for them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from surveys.expressions.dialect import EvaluationError, ExpressionError, Tree, parse
from surveys.expressions.lexer import NAME
from surveys.expressions.patterns import compiled as compiled_pattern
from surveys.ir import Form, Group, Item, Question

REFERENCE = re.compile(rf"\$\{{\s*({NAME})\s*\}}")
QUESTION_LOGIC = ("relevant", "constraint", "required", "calculation", "read_only", "choice_filter")
GROUP_LOGIC = ("relevant", "count")

# Known functions that a page on a phone cannot carry out, and why.
NOT_ON_PHONES = {
    "pulldata": "pulldata() reads a file beside the form, and such files cannot be uploaded here",
    "extract-signed": "extract-signed() needs a program of its own on the phone",
}


@dataclass(frozen=True)
class Problem:
    """Something about one item of a form that keeps it from being used. ``column`` is XLSForm's name of it."""

    path: str
    column: str
    reason: str


@dataclass(frozen=True)
class Compiled:
    """A form with its parsed logic: (path, column) → tree."""

    form: Form
    trees: Mapping[tuple[str, str], Tree]
    problems: tuple[Problem, ...]

    def tree(self, item: Item, column: str) -> Tree | None:
        return self.trees.get((item.path, column))

    @cached_property
    def paths(self) -> Mapping[str, tuple[str, ...]]:
        """Where each ``${name}`` lives: the names on the way from the root of the answers."""
        return {item.name: tuple(item.path.split("/")) for item in reversed(list(self.form.items.values()))}

    def in_repeat(self, path: str) -> bool:
        """Whether this item, or a group around it, repeats."""
        parts = path.split("/")
        around = (self.form.items.get("/".join(parts[:end])) for end in range(1, len(parts) + 1))
        return any(isinstance(item, Group) and item.repeats for item in around)


@lru_cache(maxsize=64)
def compiled(form: Form) -> Compiled:
    """The form's parsed logic; each form is compiled once per process."""
    trees: dict[tuple[str, str], Tree] = {}
    problems: list[Problem] = []
    for item in form.items.values():
        for column, source in logic(item):
            try:
                trees[item.path, column] = _checked(parse(source))
            except (ExpressionError, EvaluationError) as error:
                problems.append(Problem(item.path, column, str(error)))
    problems += _unknown_references(form, trees) + _circles(form, trees)
    return Compiled(form, trees, tuple(problems))


def logic(item: Item) -> Iterator[tuple[str, str]]:
    """Every expression of an item as (column, text)."""
    for column in QUESTION_LOGIC if isinstance(item, Question) else GROUP_LOGIC:
        if source := getattr(item, column):
            yield column, source
    if isinstance(item, Question) and item.dynamic_default:
        yield "default", item.default


def parts(tree: Tree) -> Iterator[tuple[Tree, ...]]:
    """Every branch of a tree, the tree itself first."""
    if isinstance(tree, tuple):
        yield tree
        for branch in tree:
            yield from parts(branch)


def calls(tree: Tree) -> set[str]:
    """The functions that a tree calls."""
    return {str(branch[1]) for branch in parts(tree) if branch[:1] == ("call",)}


def references(tree: Tree) -> set[str]:
    """The ``${names}`` that a tree reads, also inside ``jr:choice-name``'s text."""
    found = {str(branch[1]) for branch in parts(tree) if branch[:1] == ("ref",)}
    for branch in parts(tree):
        found |= {name for leaf in branch if isinstance(leaf, str) for name in REFERENCE.findall(leaf)}
    return found


def _checked(tree: Tree) -> Tree:
    """The tree, if pages can work with it. Raises ExpressionError or EvaluationError."""
    for name in sorted(calls(tree) & set(NOT_ON_PHONES)):
        raise ExpressionError(NOT_ON_PHONES[name])
    for branch in parts(tree):
        if branch[:2] == ("call", "regex") and isinstance(branch[3], str):
            compiled_pattern(branch[3])
    return tree


def _unknown_references(form: Form, trees: Mapping[tuple[str, str], Tree]) -> list[Problem]:
    names = [item.name for item in form.items.values()]
    found = []
    for (path, column), tree in trees.items():
        for name in sorted(references(tree)):
            if names.count(name) == 0:
                found.append(Problem(path, column, f"there is no question called {name}"))
            elif names.count(name) > 1:
                found.append(Problem(path, column, f"more than one question is called {name}; use one name only once"))
    return found


def _circles(form: Form, trees: Mapping[tuple[str, str], Tree]) -> list[Problem]:
    """Calculations and conditions that wait for each other: nobody could say what comes first."""
    by_name = {item.name: item.path for item in form.items.values()}
    needs: dict[str, set[str]] = defaultdict(set)
    for (path, column), tree in trees.items():
        if column in {"relevant", "calculation", "count"}:
            needs[path] |= {by_name[name] for name in references(tree) if name in by_name}
    for path, item in form.items.items():
        around = path.rpartition("/")[0]
        if around and (isinstance(item, Group) or item.calculation or item.relevant):
            needs[path].add(around)
    done: set[str] = set()
    for start in list(needs):
        if circle := _circle(start, needs, done):
            column = "calculation" if (circle[0], "calculation") in trees else "relevant"
            names = " → ".join(path.rpartition("/")[2] for path in circle)
            return [Problem(circle[0], column, f"this rests on itself: {names}")]
    return []


def _circle(start: str, needs: Mapping[str, set[str]], done: set[str]) -> list[str]:
    """A circle reachable from ``start``, or nothing; depth first, without recursion."""
    trail: list[str] = []
    waiting: list[tuple[str, bool]] = [(start, False)]
    while waiting:
        path, leaving = waiting.pop()
        if leaving:
            trail.pop()
            done.add(path)
        elif path in trail:
            return [*trail[trail.index(path) :], path]
        elif path not in done:
            trail.append(path)
            waiting.append((path, True))
            waiting += [(needed, False) for needed in sorted(needs.get(path, ()))]
    return []
