"""The resident's receipt: a code that only its holder has.

The *outcome* half (project and round) lasts. The *rights* half (see, correct, withdraw) works through the handlers that
rooms register; they find what was given by a pseudonym under the round's key, so it ends when that key is destroyed.
A code is made on the phone, or by the server for a page without JavaScript, *before* anything is sent: a repeated post
then shows the same receipt.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, runtime_checkable

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from engagement import keys
from engagement.models import Project, Receipt, Round, Ruling
from engagement.problems import Refused
from engagement.receipt_codes import ALPHABET, RANDOM_CHARACTERS, check_character, grouped, new_code

__all__ = ["ALPHABET", "new_code"]


class BadReceipt(Refused):
    status = 404
    code = "unknown-receipt"
    title = _("This code is not known.")


def normalise(code: str) -> str:
    """The code as we write it, whatever way it was typed. Raises BadReceipt with the reason."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    letters = letters.replace("O", "0").replace("I", "1").replace("L", "1")
    if len(letters) != RANDOM_CHARACTERS + 1 or any(letter not in ALPHABET for letter in letters):
        raise BadReceipt(_("A receipt code has 8 groups of two characters. Please compare it with your receipt."))
    if check_character(letters[:-1]) != letters[-1]:
        raise BadReceipt(_("One character of this code seems to be wrong. Please compare it with your receipt."))
    return grouped(letters)


def digest(code: str) -> str:
    return hmac.new(keys.secret("receipts"), normalise(code).encode(), hashlib.sha256).hexdigest()


def remember(code: str, *, project: Project, round: Round | None, kind: str) -> Receipt:
    """Keep the outcome half, in one statement. Sending the same code again changes nothing."""
    receipt = Receipt(digest=digest(code), project=project, round=round, kind=kind)
    Receipt.objects.bulk_create([receipt], ignore_conflicts=True)
    return receipt


def find(code: str) -> Receipt:
    receipt = Receipt.objects.filter(digest=digest(code)).select_related("project", "round").first()
    if receipt is None:
        raise BadReceipt(
            _("Nothing was received with this code yet. If your phone was offline, open the survey once to send it.")
        )
    return receipt


@dataclass(frozen=True)
class GiftItem:
    """One answered question as the resident gave it."""

    label: str
    value: str
    state: str = "counted"
    ruling: Ruling | None = None


@dataclass(frozen=True)
class Gift:
    """Something that was given with this code and what became of it."""

    title: str
    text: str
    given_on: date | None
    state: str
    items: list[GiftItem] = field(default_factory=list)
    ruling: Ruling | None = None


@dataclass(frozen=True)
class WithdrawalReport:
    """What was deleted, what stands, and why."""

    deleted: list[str]
    stands: list[str]


@dataclass(frozen=True)
class Outcome:
    """A step of "you said, we did"."""

    when: date
    kind: str
    title: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Onward:
    """Where a person goes on, with the cookie that opens the draft there (its path and lifetime in seconds)."""

    url: str
    cookie: str
    token: str
    path: str
    seconds: int


class ReceiptHandler(Protocol):
    """How a room serves the rights half. Each method may raise Refused with a sentence (key destroyed, withdrawn)."""

    kind: str

    def gifts(self, code: str, receipt: Receipt) -> list[Gift]: ...
    def export(self, code: str, receipt: Receipt) -> Mapping[str, Any]: ...
    def withdraw(self, code: str, receipt: Receipt) -> WithdrawalReport: ...


@runtime_checkable
class Correctable(Protocol):
    """A handler whose gifts can be changed. ``why_not_correct`` is empty when they can be now."""

    def why_not_correct(self, code: str, receipt: Receipt) -> str: ...
    def begin_correction(self, code: str, receipt: Receipt) -> Onward: ...


_handlers: dict[str, ReceiptHandler] = {}
_outcomes: list[Callable[[Receipt], list[Outcome]]] = []


def register_handler(handler: ReceiptHandler) -> None:
    _handlers[handler.kind] = handler


def register_outcome(source: Callable[[Receipt], list[Outcome]]) -> Callable[[Receipt], list[Outcome]]:
    if source not in _outcomes:
        _outcomes.append(source)
    return source


def handler_for(receipt: Receipt) -> ReceiptHandler:
    return _handlers[receipt.kind]


def correctable(receipt: Receipt) -> Correctable | None:
    """The handler if what was given can be corrected at all."""
    handler = handler_for(receipt)
    return handler if isinstance(handler, Correctable) else None


def outcomes(receipt: Receipt) -> list[Outcome]:
    """What became of the round, oldest first; knows the round, never the answer."""
    found = [outcome for source in _outcomes for outcome in source(receipt)]
    return sorted(found, key=lambda outcome: outcome.when)


def as_text(gifts: list[Gift]) -> str:
    """What was given, to be read without a computer's help: one question and its answer below each other."""
    blocks = []
    for gift in gifts:
        head = f"{gift.title}, {date_format(gift.given_on)}" if gift.given_on else gift.title
        blocks += [head, *([gift.text] if gift.text else []), *(f"{item.label}\n  {item.value}" for item in gift.items)]
    return "\n\n".join(blocks) + "\n"
