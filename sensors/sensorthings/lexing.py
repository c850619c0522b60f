"""The text of ``$filter`` and ``$orderby`` into words (OData 4 URL conventions as OGC 18-088 uses them). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sensors.sensorthings.problems import BadQuery

MOST_CHARACTERS = 8_192
MOST_TOKENS = 1_000

_DATE = r"\d{4}-\d{2}-\d{2}"
# A plus sign that was not escaped in the address arrives as a blank.
_MOMENT = rf"{_DATE}T\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,9}})?)?(?:Z|[+\- ]\d{{2}}:\d{{2}})?"
_PATTERN = re.compile(
    rf"""
    (?P<blank>\s+)
  | (?P<geo>(?:geography|geometry)'[^']*')
  | (?P<duration>duration'[^']*')
  | (?P<interval>{_MOMENT}/{_MOMENT})
  | (?P<moment>{_MOMENT})
  | (?P<date>{_DATE})
  | (?P<clock>\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d{{1,9}})?)?)
  | (?P<number>-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+\- ]?\d+)?(?![\w.]))
  | (?P<text>'(?:[^']|'')*')
  | (?P<name>[A-Za-z_@][\w.@]*)
  | (?P<sign>[(),/:*-])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: a group of the pattern above, or ``end``; ``at``: position in the text."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """All words of an option, with an ``end``. Raises BadQuery with the position of what is no word."""
    if len(text) > MOST_CHARACTERS:
        raise BadQuery(f"This option has {len(text)} characters; {MOST_CHARACTERS} are possible.")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _PATTERN.match(text, at)
        if match is None:
            raise BadQuery(_unreadable(text, at), at=at)
        if match.lastgroup != "blank":
            found.append(Token(str(match.lastgroup), match.group(), at))
            if len(found) > MOST_TOKENS:
                raise BadQuery(f"This option has more than {MOST_TOKENS} words. Ask in several queries.", at=at)
        at = match.end()
    return [*found, Token("end", "", at)]


def _unreadable(text: str, at: int) -> str:
    if text[at] == "'":
        return f"The text that begins at position {at} has no closing quote. A quote inside of it is written twice."
    return f"“{text[at : at + 12]}” at position {at} is nothing that a filter can hold."
