"""A room that the core does not know: remarks that are moderated, given and withdrawn by receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils.functional import Promise

from engagement import moderation, receipts
from engagement.models import Project, QueueItem, Receipt, Round, Ruling, User
from engagement.moderation import Content
from engagement.receipts import Gift, GiftItem, Outcome, WithdrawalReport


class Remarks:
    """Moderated kind and receipt handler in one; keeps texts in memory."""

    kind = "test.remark"
    label: str | Promise = "Remark on the map"

    def __init__(self) -> None:
        self.texts: dict[str, Content] = {}
        self.applied: list[tuple[str, str]] = []
        self.codes: dict[str, str] = {}

    def content(self, ref: str) -> Content | None:
        return self.texts.get(ref)

    def contents(self, refs: Sequence[str]) -> dict[str, Content]:
        return {ref: self.texts[ref] for ref in refs if ref in self.texts}

    def redact(self, ref: str, text: str) -> None:
        self.texts[ref] = replace(self.texts[ref], text=text)

    def apply(self, ref: str, ruling: Ruling | None) -> None:
        self.applied.append((ref, ruling.outcome if ruling else "waiting"))

    def gifts(self, code: str, receipt: Receipt) -> list[Gift]:
        ref = self.codes.get(code)
        if ref is None or ref not in self.texts:
            return []
        ruling = moderation.ruling_for(self.kind, ref)
        item = GiftItem("What should we know?", self.texts[ref].text, "rejected" if ruling else "waiting", ruling)
        return [Gift("Crossing the bridge", "", date(2026, 11, 3), "counted", [item])]

    def export(self, code: str, receipt: Receipt) -> Mapping[str, Any]:
        return {"survey": "bridge", "answers": {"remark": self.texts[self.codes[code]].text}}

    def withdraw(self, code: str, receipt: Receipt) -> WithdrawalReport:
        del self.texts[self.codes[code]]
        return WithdrawalReport(["One response with one text"], ["The totals of 1 November"])


@pytest.fixture
def remarks() -> Iterator[Remarks]:
    room = Remarks()
    moderation.register_kind(room)
    receipts.register_handler(room)
    yield room
    moderation._kinds.pop(room.kind)
    receipts._handlers.pop(room.kind)


@pytest.fixture
def council_decided() -> Iterator[None]:
    def decided(receipt: Receipt) -> list[Outcome]:
        return [
            Outcome(
                date(2026, 11, 20),
                "decision",
                "The bridge closes for cars only",
                "Walking stays open.",
                "/decisions/1/brief",
            )
        ]

    receipts.register_outcome(decided)
    yield
    receipts._outcomes.remove(decided)


@pytest.fixture
def waiting_remark(remarks: Remarks, project: Project) -> QueueItem:
    remarks.texts["r1"] = Content(
        text="Ask my neighbour at number 12 <b>now</b>", place="Harbour Street", language="fi"
    )
    return moderation.enqueue(remarks.kind, "r1", project=project, language="fi")


@pytest.fixture
def code(remarks: Remarks, waiting_remark: QueueItem, open_round: Round) -> str:
    """A receipt code with which the waiting remark was given."""
    fresh = receipts.new_code()
    remarks.codes[fresh] = "r1"
    receipts.remember(fresh, project=open_round.project, round=open_round, kind=remarks.kind)
    return fresh


@pytest.fixture
def desk_of() -> Any:
    """A browser in which the person is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def council_decided_later() -> Iterator[Callable[[], None]]:
    """Call it when the council decides."""

    def decided(receipt: Receipt) -> list[Outcome]:
        day = date(2026, 11, 20)
        return [
            Outcome(day, "decision", "The bridge closes for cars only", "Walking stays open.", "/decisions/1/brief")
        ]

    def decide() -> None:
        receipts.register_outcome(decided)

    yield decide
    receipts._outcomes[:] = [known for known in receipts._outcomes if known is not decided]
