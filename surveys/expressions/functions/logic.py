"""Truth, choice between values, and what stays once it is there."""

from __future__ import annotations

from surveys.expressions.errors import EvaluationError
from surveys.expressions.evaluation import Context, Evaluation, function
from surveys.expressions.parser import Tree
from surveys.expressions.values import Value, to_boolean, to_number, to_text

Arguments = tuple[Tree, ...]


@function("true")
def true(_run: Evaluation, _given: Arguments, _context: Context) -> Value:
    return True


@function("false")
def false(_run: Evaluation, _given: Arguments, _context: Context) -> Value:
    return False


@function("boolean")
def boolean(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.boolean(given[0], context)


@function("not")
def negation(run: Evaluation, given: Arguments, context: Context) -> Value:
    return not run.boolean(given[0], context)


@function("boolean-from-string")
def boolean_from_string(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.text(given[0], context).strip().lower() in {"true", "1"}


@function("if")
def if_then_else(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.value(given[1] if run.boolean(given[0], context) else given[2], context)


@function("coalesce")
def coalesce(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The first argument unless it is empty."""
    first = run.value(given[0], context)
    return first if to_text(first) not in {"", "NaN"} else run.value(given[1], context)


@function("once")
def once(run: Evaluation, given: Arguments, context: Context) -> Value:
    """What the question holds already, else the argument: worked out a single time."""
    return context.origin.value or run.value(given[0], context)


@function("depend")
def depend(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The first argument; the others only say what it depends on."""
    return run.value(given[0], context)


@function("lang")
def lang(run: Evaluation, given: Arguments, context: Context) -> Value:
    asked, spoken = run.text(given[0], context).lower(), run.surroundings.language.lower()
    return asked == spoken or spoken.startswith(f"{asked}-")


@function("checklist")
def checklist(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Whether at least ``min`` and at most ``max`` of the rest are true; −1 means no bound."""
    low, high = run.number(given[0], context), run.number(given[1], context)
    count = sum(to_boolean(value) for value in flat(run, given[2:], context))
    return (low < 0 or count >= low) and (high < 0 or count <= high)


@function("weighted-checklist")
def weighted_checklist(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Whether the weights of what is true add up to between ``min`` and ``max``. Pairs: value, weight."""
    low, high = run.number(given[0], context), run.number(given[1], context)
    rest = [run.value(argument, context) for argument in given[2:]]
    if len(rest) == 2 and isinstance(rest[0], list) and isinstance(rest[1], list):
        rest = [node.value for pair in zip(rest[0], rest[1], strict=False) for node in pair]
    if len(rest) % 2:
        raise EvaluationError("weighted-checklist() needs a weight after each value")
    pairs = zip(rest[::2], rest[1::2], strict=True)
    total = sum(to_number(weight, run.zone) for value, weight in pairs if to_boolean(value))
    return low <= total <= high


def flat(run: Evaluation, given: Arguments, context: Context) -> list[Value]:
    """The arguments' values, each list as its nodes' texts."""
    values: list[Value] = []
    for argument in given:
        value = run.value(argument, context)
        values += [node.value for node in value] if isinstance(value, list) else [value]
    return values
