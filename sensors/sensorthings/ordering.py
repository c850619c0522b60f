"""The order of a list, and the place in it where the next page begins (keyset paging: no page is counted off)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.lookups import Exact, GreaterThan, IsNull, LessThan

from sensors.sensorthings import literals
from sensors.sensorthings.problems import BadQuery


@dataclass(frozen=True)
class Term:
    """One thing that a list is ordered by."""

    kind: str
    expression: Any
    descending: bool
    nullable: bool

    @property
    def is_time_of_reading(self) -> bool:
        """There is an index of the readings of a series by this."""
        return bool(self.expression == F("phenomenon_time"))

    def ordered(self, name: str) -> Any:
        reference = F(name)
        if not self.nullable:
            return reference.desc() if self.descending else reference.asc()
        return reference.desc(nulls_last=True) if self.descending else reference.asc(nulls_last=True)

    def beyond(self, name: str, value: object) -> Q | None:
        """Rows behind a value in this order; None where there are none."""
        if value is None:
            return None
        lookup = LessThan if self.descending else GreaterThan
        behind = Q(lookup(F(name), Value(value)))
        return behind | Q(IsNull(F(name), True)) if self.nullable else behind

    def level(self, name: str, value: object) -> Q:
        return Q(IsNull(F(name), True)) if value is None else Q(Exact(F(name), Value(value)))


def annotated(rows: QuerySet[Any], terms: list[Term]) -> QuerySet[Any]:
    for index, term in enumerate(terms):
        rows = rows.annotate(**{f"order{index}": term.expression})
    return rows


def order(terms: list[Term]) -> list[Any]:
    return [term.ordered(f"order{index}") for index, term in enumerate(terms)]


def token_of(row: dict[str, Any], terms: list[Term]) -> str:
    """Where this row stands in the order, as text for a link."""
    stand = [_written(row[f"order{index}"]) for index in range(len(terms))]
    return base64.urlsafe_b64encode(json.dumps(stand).encode()).decode().rstrip("=")


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date | time) else value


def _plain_text(value: Any) -> str:
    """Raises ValueError for what no text of a database holds."""
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    value.encode()
    return value


_READERS: dict[str, Callable[[Any], object]] = {
    "number": lambda value: value if isinstance(value, float) else literals.number(str(value)),
    "text": _plain_text,
    "flag": bool,
    "moment": literals.moment,
    "date": date.fromisoformat,
    "clock": time.fromisoformat,
}


def behind(terms: list[Term], token: str) -> Q:
    """Rows behind the one that a token tells of. Raises BadQuery for a token that this order did not make."""
    try:
        padded = token + "=" * (-len(token) % 4)
        stand = json.loads(base64.urlsafe_b64decode(padded.encode()))
        values = [
            None if value is None else _READERS[term.kind](value) for term, value in zip(terms, stand, strict=True)
        ]
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError, AttributeError):
        raise BadQuery("This $skiptoken belongs to no link of ours. Begin again without it.") from None
    found, level = Q(), Q()
    for index, (term, value) in enumerate(zip(terms, values, strict=True)):
        name = f"order{index}"
        if (beyond := term.beyond(name, value)) is not None:
            found |= level & beyond
        level &= term.level(name, value)
    return found
