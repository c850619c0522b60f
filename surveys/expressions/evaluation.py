"""Trees → values. The phone's ``evaluate.js`` follows this file step by step; the same vectors test both."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from surveys.expressions.axes import AXES, matches
from surveys.expressions.errors import EvaluationError
from surveys.expressions.parser import Tree
from surveys.expressions.tree import Node
from surveys.expressions.values import Moment, Value, to_boolean, to_number, to_text

# Steps of work that one evaluation may take: a second or two on a slow machine, far more than a form needs.
MAX_WORK = 500_000

COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True)
class Surroundings:
    """Everything an expression may look at beside the node where it stands.

    ``paths`` says where each ``${name}`` lives (names below the root element), ``instances`` are the choice lists
    by name, ``choice_label`` answers ``jr:choice-name``: (path of the question, choice) → its label.
    """

    document: Node
    now: datetime
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    instances: Mapping[str, Node] = field(default_factory=dict)
    choice_label: Callable[[str, str], str] = lambda _path, name: name
    language: str = "en"
    version: str = ""

    @property
    def zone(self) -> tzinfo:
        assert self.now.tzinfo is not None, "an evaluation needs an aware time"
        return self.now.tzinfo


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expression stands: its node, and the place of that node in the list being looked through.

    ``origin`` is the node of the whole expression, what ``current()`` means.
    """

    node: Node
    position: int
    size: int
    origin: Node


class Evaluation:
    """One expression at work; counts its steps so that no form can keep a server busy."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self.zone = surroundings.zone
        self.work = 0

    def value(self, tree: Tree, context: Context) -> Value:
        self.spend(1)
        if not isinstance(tree, tuple):
            return tree
        kind = tree[0]
        handler = HANDLERS.get(kind) if isinstance(kind, str) else None
        if handler is None:
            raise EvaluationError(f"Not a tree of this dialect: {tree!r:.80}")
        return handler(self, tree, context)

    def spend(self, steps: int) -> None:
        self.work += steps
        if self.work > MAX_WORK:
            raise EvaluationError("This expression takes too long")

    def text(self, tree: Tree, context: Context) -> str:
        return to_text(self.value(tree, context))

    def number(self, tree: Tree, context: Context) -> float:
        return to_number(self.value(tree, context), self.zone)

    def boolean(self, tree: Tree, context: Context) -> bool:
        return to_boolean(self.value(tree, context))

    def referred(self, name: str, context: Context, *, everywhere: bool = False) -> list[Node]:
        """The nodes of ``${name}``: below the closest ancestor that holds it, or ``everywhere`` in the answers."""
        path = self.surroundings.paths.get(name)
        if path is None:
            raise EvaluationError(f"There is no question called {name}")
        node, below = self._anchor(path, context.origin, everywhere=everywhere)
        found = [node]
        for step in path[below:]:
            found = [child for parent in found for child in parent.children if child.name == step]
            self.spend(len(found))
        return found

    def _anchor(self, path: tuple[str, ...], origin: Node, *, everywhere: bool) -> tuple[Node, int]:
        """Where to start descending to ``path``, and how many of its names are above that."""
        if not everywhere:
            for ancestor in (origin, *origin.ancestors()):
                above = ancestor.path
                if len(above) < len(path) and path[: len(above)] == above and ancestor.parent is not None:
                    return ancestor, len(above)
        return self.surroundings.document.children[0], 0


Function = Callable[[Evaluation, tuple[Tree, ...], Context], Value]
FUNCTIONS: dict[str, Function] = {}


def function(*names: str) -> Callable[[Function], Function]:
    """Declare a function of the dialect under its names. It gets its arguments as trees, so that ``if`` can be lazy."""

    def declare(body: Function) -> Function:
        FUNCTIONS.update(dict.fromkeys(names, body))
        return body

    return declare


def evaluate(tree: Tree, node: Node, surroundings: Surroundings) -> Value:
    """What ``tree`` is worth at ``node``.

    Raises:
        EvaluationError: it has no value here, or takes too long.
    """
    return Evaluation(surroundings).value(tree, Context(node, 1, 1, node))


def _reference(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    return run.referred(str(tree[1]), context)


def _and(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    return all(run.boolean(part, context) for part in tree[1:])


def _or(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    return any(run.boolean(part, context) for part in tree[1:])


def _plus(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    total = run.number(tree[1], context)
    for part in tree[2:]:
        total += run.number(part, context)
    return total


def _negative(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    return -run.number(tree[1], context)


def _arithmetic(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    left, right = run.number(tree[1], context), run.number(tree[2], context)
    if tree[0] == "*":
        return left * right
    return _divided(left, right) if tree[0] == "div" else _remainder(left, right)


def _divided(left: float, right: float) -> float:
    if right != 0:
        return left / right
    if left == 0 or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1, right)


def _remainder(left: float, right: float) -> float:
    """What is left of a division, with the sign of the dividend (XPath, unlike Python's ``%``)."""
    if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)


def _comparison(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    return compared(str(tree[0]), run.value(tree[1], context), run.value(tree[2], context), run)


def compared(sign: str, left: Value, right: Value, run: Evaluation) -> bool:
    """XPath 1.0 §3.4: with a list it is true if it is true for one of its nodes."""
    if isinstance(left, list) and not isinstance(right, bool):
        return any(compared(sign, node.value, right, run) for node in left)
    if isinstance(right, list) and not isinstance(left, bool):
        return any(compared(MIRRORED[sign], node.value, left, run) for node in right)
    if sign in COMPARED:
        return COMPARED[sign](to_number(left, run.zone), to_number(right, run.zone))
    return _equal(left, right, run.zone) == (sign == "=")


def _equal(left: Value, right: Value, zone: tzinfo) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) == to_boolean(right)
    if isinstance(left, (float, int, Moment)) or isinstance(right, (float, int, Moment)):
        return to_number(left, zone) == to_number(right, zone)
    return left == right


def _union(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    found: list[Node] = []
    for part in tree[1:]:
        value = run.value(part, context)
        if not isinstance(value, list):
            raise EvaluationError("“|” joins lists of questions, not single values")
        found += value
    return in_order(found)


def in_order(nodes: list[Node]) -> list[Node]:
    """Each node once, in the order of the document."""
    return sorted(dict.fromkeys(nodes), key=lambda node: node.order)


def _path(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    start = tree[1]
    if start == ".":
        found = [context.node]
    elif start == "/":
        found = [_document(context.node)]
    else:
        value = run.value(start, context)
        if not isinstance(value, list):
            raise EvaluationError("Only questions can be followed by “/”")
        found = value
    for step in tree[2:]:
        assert isinstance(step, tuple)
        found = in_order([hit for node in found for hit in _step(run, step, node, context)])
    return found


def _document(node: Node) -> Node:
    return next((above for above in node.ancestors() if above.parent is None), node)


def _step(run: Evaluation, step: tuple[Tree, ...], node: Node, context: Context) -> list[Node]:
    axis, test = str(step[0]), str(step[1])
    if axis == "child" and test == "text()":
        found = [node] if matches(node, test) else []
    else:
        found = [hit for hit in AXES[axis](node) if matches(hit, test)]
    run.spend(len(found) + 1)
    for predicate in step[2:]:
        found = _kept(run, predicate, found, context)
    return found


def _filter(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    found = run.value(tree[1], context)
    if not isinstance(found, list):
        raise EvaluationError("Only a list of questions can be narrowed by […]")
    for predicate in tree[2:]:
        found = _kept(run, predicate, found, context)
    return found


def _kept(run: Evaluation, predicate: Tree, nodes: list[Node], context: Context) -> list[Node]:
    kept = []
    for position, node in enumerate(nodes, start=1):
        inner = replace(context, node=node, position=position, size=len(nodes))
        value = run.value(predicate, inner)
        wanted = position == value if isinstance(value, float) else to_boolean(value) or _present(value)
        if wanted:
            kept.append(node)
    return kept


def _present(value: Value) -> bool:
    """In a predicate a list is true when it holds a node at all, as XPath says: ``item[label]``."""
    return isinstance(value, list) and bool(value)


def _call(run: Evaluation, tree: tuple[Tree, ...], context: Context) -> Value:
    function = FUNCTIONS.get(str(tree[1]))
    if function is None:
        raise EvaluationError(f"{tree[1]}() is not available here")
    return function(run, tree[2:], context)


HANDLERS: dict[str, Function] = {
    "ref": _reference, "and": _and, "or": _or, "+": _plus, "neg": _negative,
    "*": _arithmetic, "div": _arithmetic, "mod": _arithmetic,
    "=": _comparison, "!=": _comparison, "<": _comparison, "<=": _comparison, ">": _comparison, ">=": _comparison,
    "|": _union, "path": _path, "filter": _filter, "call": _call,
}  # fmt: skip
