"""Why a push, or a part of one, was refused: a code, the facts, and one sentence that says what to do.

Codes and facts are stored; the sentence is written when somebody reads it, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(NamedTuple):
    """``row``: the line of a file, 0 elsewhere."""

    code: str
    facts: dict[str, str] = {}
    row: int = 0

    def sentence(self) -> str:
        return sentence(self.code, self.facts)


SENTENCES: dict[str, str | Promise] = {
    "wrong-key": _(
        "A push that called itself this box came with a key that we do not know. Copy the key into the box again; "
        "if it is lost, make a new one."
    ),
    "old-key": _("A push came with a key that was replaced or revoked. Type the newest key into the box."),
    "other-box": _(
        "A push with this key came from the box %(sender)s, but the key belongs to %(chip)s. Every box needs a key of "
        "its own."
    ),
    "not-hung": _("A push came while the box hangs at no place. Say where it hangs, then it counts."),
    "not-its-kind": _("A push arrived at the address for %(kind)s. Type the address that stands on the box's page."),
    "unreadable": _("A push was not what the door understands: %(problem)s."),
    "nothing-in-it": _("A push had no reading in it. Is a sensor connected and switched on in the box's settings?"),
    "unknown-value": _("%(name)s is a value that we do not keep."),
    "no-number": _("%(name)s = %(value)s is not a number."),
    "impossible": _("%(name)s = %(value)s %(unit)s is not what this sensor can measure (%(low)s to %(high)s)."),
    "twice": _("%(name)s measures what %(kept)s measured already in the same push; the first is kept."),
    "too-old": _(
        "%(time)s is more than %(days)s days ago. Check the year and the time zone; a file of old readings goes in with "
        "?history=yes at the end of the address."
    ),
    "in-the-future": _("%(time)s has not been yet. Check the year and the time zone."),
    "wrong-clock": _("The clock of the box says %(time)s. The readings are kept with our time instead."),
    "no-time": _("%(value)s is no time. Write it like 2026-11-22T14:00:00Z."),
    "no-zone": _("%(value)s has no time zone. Write it like 2026-11-22T14:00:00Z, or say the zone in the address."),
    "conflict": _(
        "Another value of %(name)s is stored for %(time)s already (%(stored)s, now %(value)s); the stored one is kept."
    ),
}


# Said to the host, but no reading was lost by it.
NOTES = frozenset({"unknown-value", "wrong-clock"})


def sentence(code: str, facts: Mapping[str, str]) -> str:
    """The sentence in the active language; an unknown code stands for itself."""
    template = str(SENTENCES.get(code, code))
    try:
        return template % facts
    except (KeyError, ValueError):
        return template
