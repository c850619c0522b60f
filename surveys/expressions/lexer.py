"""XPath 1.0 tokens (https://www.w3.org/TR/xpath-10/#exprlex) and XLSForm's ``${name}``."""

from __future__ import annotations

import re
from typing import NamedTuple

from surveys.expressions.errors import ExpressionError

MAX_LENGTH = 16_384

OPERATOR_NAMES = frozenset({"and", "or", "mod", "div"})

NAME = r"[^\W\d][\w.\-]*"

PATTERN = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<reference>\$\{{\s*(?P<last_saved>last-saved\#)?(?P<referred>{NAME})\s*\}})
    | (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<literal>"[^"]*"|'[^']*')
    | (?P<symbol>::|//|\.\.|!=|<=|>=|[()\[\].@,/|+\-=<>*])
    | (?P<name>{NAME}(?::(?!:)(?:{NAME}|\*))?)
    """,
    re.VERBOSE,
)

# After one of these (or at the start) a ``*`` is a name test and ``and``, ``or``, ``mod``, ``div`` are names.
OPENERS = frozenset({"::", "@", "(", "[", ",", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">=", "operator"})


class Token(NamedTuple):
    """One token. ``kind`` is number, literal, reference, name, operator, end, or the symbol itself."""

    kind: str
    text: str
    position: int


def tokens(source: str) -> list[Token]:
    """All tokens of ``source``, ended by one of kind ``end``.

    Raises:
        ExpressionError: too long, or a character that starts no token.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"The expression is longer than {MAX_LENGTH} characters")
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = PATTERN.match(source, position)
        if match is None:
            raise ExpressionError(_complaint(source[position]), position)
        if match.lastgroup != "space":
            found.append(_token(match, found[-1].kind if found else "operator"))
        position = match.end()
    found.append(Token("end", "", len(source)))
    return found


def _token(match: re.Match[str], before: str) -> Token:
    text, position = match.group(), match.start()
    if match["reference"]:
        if match["last_saved"]:
            raise ExpressionError(
                "${last-saved#…} needs the answers of an earlier person, which no phone keeps", position
            )
        return Token("reference", match["referred"], position)
    if match["number"] or match["literal"]:
        return Token("number" if match["number"] else "literal", text, position)
    opened = before in OPENERS
    if text == "*":
        return Token("name" if opened else "operator", text, position)
    if match["name"]:
        return _name(text, position, opened)
    return Token(text, text, position)


def _name(text: str, position: int, opened: bool) -> Token:
    """A name, or an operator written as a word where only an operator can stand."""
    if opened:
        return Token("name", text, position)
    if text in OPERATOR_NAMES:
        return Token("operator", text, position)
    raise ExpressionError(f"“{text}” cannot follow a value; is an operator or a comma missing?", position)


def _complaint(character: str) -> str:
    if character in "\"'":
        return "A text is opened with a quotation mark and never closed"
    if character == "$":
        return "A question is named as ${name}: letters, digits, “_”, “-” and “.”"
    if character in "“”‘’„":
        return f"Please use straight quotation marks instead of {character}"
    return f"“{character}” means nothing here"
