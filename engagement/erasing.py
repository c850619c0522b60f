"""Who is told when a row is erased: holders of copies that we cannot reach ourselves, such as exports and webhooks.

A room that erases calls :func:`announce` inside the transaction in which the rows go. A room that has given copies away
registers a holder once, when the site starts::

    erasing.register_holder("exports", note_for_holders)

    def note_for_holders(erased: Erased) -> list[str]:
        ...  # write "delete row <erased.ref>" for every holder, queue a delivery; return sentences for the resident
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from engagement.models import Project, Round

Why = Literal["withdrawn", "corrected", "retention"]


@dataclass(frozen=True)
class Erased:
    """One thing that is being erased.

    ``kind`` is the room's receipt kind (``survey``), ``ref`` the id under which exports and webhooks named the row: for
    a survey ``str(response.pk)``. ``parts`` are ids of what hung on it (texts, photos, places). After ``corrected``
    another version of the row follows under the same ``ref``; the copy that was given away is out of date.
    """

    kind: str
    ref: str
    project: Project
    round: Round | None = None
    why: Why = "withdrawn"
    parts: tuple[str, ...] = ()


Holder = Callable[[Erased], list[str]]
_holders: dict[str, Holder] = {}


def register_holder(name: str, told: Holder) -> None:
    """Let ``told`` know of every erasure. Registering a name again replaces the holder.

    ``told`` runs inside the erasing transaction, so that the note it writes and the erasure happen both or not at all:
    it writes rows only and sends nothing before the commit. It returns sentences for the resident's report, such as
    "Two holders of copies were told to delete your row."; an empty list where nobody holds a copy.
    """
    _holders[name] = told


def announce(erased: Erased) -> list[str]:
    """Tell every holder; returns their sentences in the order of registration."""
    return [sentence for told in _holders.values() for sentence in told(erased)]
