"""Dates and times. A date is a wall-calendar day; a date with time is a moment shown in the answerer's zone."""

from __future__ import annotations

import math
import re

from surveys.expressions.evaluation import Context, Evaluation, function
from surveys.expressions.functions.logic import Arguments
from surveys.expressions.parser import Tree
from surveys.expressions.values import Moment, Value, moment, moment_of_days, to_text

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII)


@function("today")
def today(run: Evaluation, _given: Arguments, _context: Context) -> Value:
    return Moment(run.surroundings.now.replace(hour=0, minute=0, second=0, microsecond=0))


@function("now")
def now(run: Evaluation, _given: Arguments, _context: Context) -> Value:
    return Moment(run.surroundings.now, has_time=True)


@function("date")
def date(run: Evaluation, given: Arguments, context: Context) -> Value:
    """A date of a text or of days since 1970-01-01; empty where there is none."""
    found = _moment(run, given[0], context, has_time=False)
    if found is None:
        return ""
    return Moment(found.when.replace(hour=0, minute=0, second=0, microsecond=0))


@function("date-time")
def date_time(run: Evaluation, given: Arguments, context: Context) -> Value:
    found = _moment(run, given[0], context, has_time=True)
    return "" if found is None else Moment(found.when, has_time=True)


@function("decimal-date-time", "decimal-date")
def decimal_date_time(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Days since 1970-01-01T00:00Z, with fraction."""
    value = run.value(given[0], context)
    if isinstance(value, float):
        return value
    found = _moment(run, given[0], context, has_time=True)
    return math.nan if found is None else found.utc_days


@function("decimal-time")
def decimal_time(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The part of the day that is over at a time of day: ``decimal-time('06:00')`` is 0.25."""
    value = run.value(given[0], context)
    if isinstance(value, Moment):
        return value.time_of_day
    if isinstance(value, float):
        return value - math.floor(value) if math.isfinite(value) else math.nan
    text = to_text(value).strip()
    match = TIME.fullmatch(text)
    found = moment(f"1970-01-01T{text}" if match else text, run.zone)
    return math.nan if found is None else found.time_of_day


@function("format-date", "format-date-time")
def format_date(run: Evaluation, given: Arguments, context: Context) -> Value:
    """``%Y %y %m %n %b %d %e %H %h %M %S %3 %a %%``; names of months and days in English, as everywhere in ODK."""
    found = _moment(run, given[0], context, has_time=True)
    if found is None:
        return ""
    return re.sub("%(.)", lambda sign: _part(sign[1], found), run.text(given[1], context))


def _part(sign: str, found: Moment) -> str:
    when = found.when
    parts = {
        "Y": f"{when.year:04}", "y": f"{when.year % 100:02}",
        "m": f"{when.month:02}", "n": str(when.month), "b": MONTHS[when.month - 1],
        "d": f"{when.day:02}", "e": str(when.day), "a": DAYS[when.weekday()],
        "H": f"{when.hour:02}", "h": str(when.hour), "M": f"{when.minute:02}", "S": f"{when.second:02}",
        "3": f"{when.microsecond // 1000:03}", "%": "%",
    }  # fmt: skip
    return parts.get(sign, f"%{sign}")


def _moment(run: Evaluation, tree: Tree, context: Context, *, has_time: bool) -> Moment | None:
    value = run.value(tree, context)
    if isinstance(value, Moment):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return moment_of_days(value, run.zone, has_time=has_time)
    return moment(to_text(value), run.zone)
