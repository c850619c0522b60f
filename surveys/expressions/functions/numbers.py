"""Numbers: XPath's own, and the ones that OpenRosa takes from XPath 3."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from decimal import Decimal

from surveys.expressions.evaluation import Context, Evaluation, function
from surveys.expressions.functions.logic import Arguments
from surveys.expressions.values import Value, to_number

MOST_PLACES = 30


@function("number")
def number(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.number(given[0], context) if given else to_number([context.node], run.zone)


@function("int")
def integer(run: Evaluation, given: Arguments, context: Context) -> Value:
    return _if_finite(math.trunc, run.number(given[0], context))


@function("floor")
def floor(run: Evaluation, given: Arguments, context: Context) -> Value:
    return _if_finite(math.floor, run.number(given[0], context))


@function("ceiling")
def ceiling(run: Evaluation, given: Arguments, context: Context) -> Value:
    return _if_finite(math.ceil, run.number(given[0], context))


def _if_finite(rounding: Callable[[float], int], value: float) -> float:
    return float(rounding(value)) if math.isfinite(value) else value


@function("round")
def rounded(run: Evaluation, given: Arguments, context: Context) -> Value:
    """To ``places`` decimals (may be negative); a half goes up, as XPath says: −2.5 becomes −2."""
    value = run.number(given[0], context)
    places = run.number(given[1], context) if len(given) == 2 else 0.0
    if not math.isfinite(value):
        return value
    if not math.isfinite(places) or abs(places) > MOST_PLACES:
        return math.nan
    return _half_up(value, math.trunc(places))


def _half_up(value: float, places: int) -> float:
    """Shifting the written decimals is exact, multiplying by a power of ten is not: 1.005 must become 1.01."""
    shifted = float(Decimal(repr(value)).scaleb(places))
    below = math.floor(shifted)
    whole = below + 1 if shifted - below >= 0.5 else below
    return float(Decimal(whole).scaleb(-places))


@function("pi")
def pi(_run: Evaluation, _given: Arguments, _context: Context) -> Value:
    return math.pi


@function("random")
def random(_run: Evaluation, _given: Arguments, _context: Context) -> Value:
    return secrets.SystemRandom().random()


@function("pow")
def power(run: Evaluation, given: Arguments, context: Context) -> Value:
    return _safely(math.pow, run.number(given[0], context), run.number(given[1], context))


@function("atan2")
def arc_tangent_of(run: Evaluation, given: Arguments, context: Context) -> Value:
    return math.atan2(run.number(given[0], context), run.number(given[1], context))


def _logarithm(value: float) -> float:
    return -math.inf if value == 0 else math.log(value)


def _decimal_logarithm(value: float) -> float:
    return -math.inf if value == 0 else math.log10(value)


UNARY: dict[str, Callable[[float], float]] = {
    "abs": abs, "sqrt": math.sqrt, "exp": math.exp, "exp10": lambda value: math.pow(10.0, value),
    "log": _logarithm, "log10": _decimal_logarithm,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos, "atan": math.atan,
}  # fmt: skip


def _safely(calculation: Callable[..., float], *values: float) -> float:
    """IEEE's answers where Python raises: NaN outside the domain, infinity beyond the range."""
    try:
        return calculation(*values)
    except ValueError:
        # 0 to a negative power is the one domain error that IEEE answers with infinity.
        return math.inf if len(values) == 2 and values[0] == 0 else math.nan
    except OverflowError:
        odd = len(values) == 2 and values[0] < 0 and values[1] % 2 == 1
        return -math.inf if odd else math.inf


def _declare(name: str, calculation: Callable[[float], float]) -> None:
    @function(name)
    def unary(run: Evaluation, given: Arguments, context: Context) -> Value:
        return _safely(calculation, run.number(given[0], context))


for _name, _calculation in UNARY.items():
    _declare(_name, _calculation)
