"""Lists of nodes: counting, summing, indexing into repeats, choice lists as data."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Sequence
from typing import TypeVar

from surveys.expressions.errors import EvaluationError
from surveys.expressions.evaluation import Context, Evaluation, function
from surveys.expressions.functions.logic import Arguments, flat
from surveys.expressions.parser import Tree
from surveys.expressions.tree import Node
from surveys.expressions.values import NUMBER, Value, to_nodes, to_number, to_text

T = TypeVar("T")

PARK_MILLER_MODULUS = 2_147_483_647
PARK_MILLER_FACTOR = 16_807


@function("last")
def last(_run: Evaluation, _given: Arguments, context: Context) -> Value:
    return float(context.size)


@function("position")
def position(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Place in the list being looked through, or of a given node among its siblings of the same name."""
    if not given:
        return float(context.position)
    nodes = to_nodes(run.value(given[0], context), "position")
    if not nodes:
        return math.nan
    node = nodes[0]
    siblings = node.parent.children if node.parent else [node]
    return float(1 + [sibling for sibling in siblings if sibling.name == node.name].index(node))


@function("count")
def count(run: Evaluation, given: Arguments, context: Context) -> Value:
    return float(len(to_nodes(run.value(given[0], context), "count")))


@function("count-non-empty")
def count_non_empty(run: Evaluation, given: Arguments, context: Context) -> Value:
    return float(sum(node.value != "" for node in to_nodes(run.value(given[0], context), "count-non-empty")))


@function("sum")
def total(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The sum of what is a number; unanswered questions do not spoil it (JavaRosa)."""
    added = 0.0
    for node in to_nodes(run.value(given[0], context), "sum"):
        found = to_number(node.value, run.zone)
        # One by one from the left, as the phone adds: no cleverer summation, or the last digit would differ.
        added += 0.0 if math.isnan(found) else found
    return added


@function("max")
def largest(run: Evaluation, given: Arguments, context: Context) -> Value:
    return max(_numbers(run, given, context), default=math.nan)


@function("min")
def smallest(run: Evaluation, given: Arguments, context: Context) -> Value:
    return min(_numbers(run, given, context), default=math.nan)


def _numbers(run: Evaluation, given: Arguments, context: Context) -> list[float]:
    found = [to_number(value, run.zone) for value in flat(run, given, context)]
    return [number for number in found if not math.isnan(number)]


@function("id")
def by_id(_run: Evaluation, _given: Arguments, _context: Context) -> Value:
    """Answers carry no XML ids, so nothing is found."""
    return []


@function("name", "local-name")
def name(run: Evaluation, given: Arguments, context: Context) -> Value:
    nodes = to_nodes(run.value(given[0], context), "name") if given else [context.node]
    return nodes[0].name if nodes else ""


@function("namespace-uri")
def namespace_uri(_run: Evaluation, _given: Arguments, _context: Context) -> Value:
    return ""


@function("current")
def current(_run: Evaluation, _given: Arguments, context: Context) -> Value:
    return [context.origin]


@function("instance")
def instance(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The list called so, as the document's node above its ``root``."""
    found = run.surroundings.instances.get(run.text(given[0], context))
    return [] if found is None else [found]


@function("indexed-repeat")
def indexed_repeat(run: Evaluation, given: Arguments, context: Context) -> Value:
    """``indexed-repeat(question, repeat, n, …)``: the question inside the n-th repeat; pairs may follow for inner ones."""
    if len(given) % 2 == 0:
        raise EvaluationError("indexed-repeat() takes a question, then pairs of a repeat and its number")
    found = _everywhere(run, given[0], context)
    pairs = [
        (_everywhere(run, given[at], context), run.number(given[at + 1], context)) for at in range(1, len(given), 2)
    ]
    # Outer repeats first, however the form's author ordered the pairs.
    for repeats, index in sorted(pairs, key=lambda pair: len(pair[0][0].path) if pair[0] else 0):
        inside = [repeat for repeat in repeats if any(_holds(repeat, node) for node in found)]
        if not 1 <= index <= len(inside):
            return []
        chosen = inside[int(index) - 1]
        found = [node for node in found if _holds(chosen, node)]
    return found


def _everywhere(run: Evaluation, tree: Tree, context: Context) -> list[Node]:
    if isinstance(tree, tuple) and tree[0] == "ref":
        return run.referred(str(tree[1]), context, everywhere=True)
    return to_nodes(run.value(tree, context), "indexed-repeat")


def _holds(outer: Node, inner: Node) -> bool:
    return any(above is outer for above in inner.ancestors())


@function("randomize")
def randomize(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The nodes in another order: by chance, or always the same for the same seed."""
    nodes = to_nodes(run.value(given[0], context), "randomize")
    if len(given) == 1:
        shuffled = list(nodes)
        secrets.SystemRandom().shuffle(shuffled)
        return shuffled
    seed = run.value(given[1], context)
    return shuffled_by(
        nodes, math.trunc(seed) if isinstance(seed, float) and math.isfinite(seed) else seeded(to_text(seed))
    )


def seeded(text: str) -> int:
    """A whole number of any seed: numbers lose their fraction, other texts are hashed (JavaRosa since 2024)."""
    if NUMBER.fullmatch(text):
        return math.trunc(float(text))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True) if text else 0


def shuffled_by(listed: Sequence[T], seed: int) -> list[T]:
    """Inside-out shuffle driven by the Park–Miller generator, as the ODK XForms specification asks.

    Source: S. K. Park, K. W. Miller, *Random number generators: good ones are hard to find* (1988).
    """
    state = abs(seed) % PARK_MILLER_MODULUS * (1 if seed > 0 else -1)
    if state <= 0:
        state += PARK_MILLER_MODULUS - 1
    shuffled: list[T] = []
    for at, entry in enumerate(listed):
        state = state * PARK_MILLER_FACTOR % PARK_MILLER_MODULUS
        other = math.floor((state - 1) / (PARK_MILLER_MODULUS - 1) * (at + 1))
        shuffled.append(entry)
        shuffled[at], shuffled[other] = shuffled[other], entry
    return shuffled
