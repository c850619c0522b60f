"""A Pratt parser for ``$filter`` and ``$orderby``: words into a tree, with caps on depth, terms and lists. Pure.

Grammar: OData 4.0 URL conventions as far as OGC 18-088 (SensorThings 1.1, clause 9.3) uses them, and ``in`` and ``any``.
``not`` binds weaker than a comparison, so that ``not result gt 3`` means what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sensors.sensorthings.lexing import Token, tokens
from sensors.sensorthings.literals import literal
from sensors.sensorthings.problems import BadQuery
from sensors.sensorthings.syntax import AnyOf, Call, Literal, Logic, Node, Not, OneOf, Operation, Path

DEEPEST = 64
MOST_CHOICES = 100
MOST_STEPS = 64  # of one chain of arithmetic
COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
SUMS = frozenset({"add", "sub"})
PRODUCTS = frozenset({"mul", "div", "mod"})
CONSTANTS = {"true": ("flag", True), "false": ("flag", False), "null": ("null", None)}
LITERALS = frozenset({"number", "text", "moment", "interval", "date", "clock", "duration", "geo"})

# How strongly an infix word holds what stands on both of its sides.
POWER = {"or": 1, "and": 2, "in": 4} | dict.fromkeys(COMPARISONS, 4)
POWER |= dict.fromkeys(SUMS, 5) | dict.fromkeys(PRODUCTS, 6)
NOT_POWER = 3
MINUS_POWER = 7


def expression(text: str) -> Node:
    """The tree of a ``$filter``. Raises BadQuery with a position."""
    parser = Parser(text)
    node = parser.expression(0)
    parser.expect("end")
    return node


def orderings(text: str) -> list[tuple[Node, bool]]:
    """The terms of an ``$orderby``, each with whether it is descending. Raises BadQuery."""
    parser = Parser(text)
    found = [parser.ordering()]
    while parser.took(","):
        found.append(parser.ordering())
        if len(found) > 8:
            raise BadQuery("A list can be ordered by at most eight things.", at=parser.token.at)
    parser.expect("end")
    return found


class Parser:
    """Reads one option from left to right; ``token`` is the next word."""

    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._index = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._index]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self._index += 1
        return token

    def took(self, text: str) -> bool:
        """Go past a sign if it is the next word."""
        if self.token.kind == "sign" and self.token.text == text:
            self._index += 1
            return True
        return False

    def expect(self, what: str) -> Token:
        """The next word must be this sign, or the end."""
        token = self.token
        if token.kind == "end" if what == "end" else (token.kind == "sign" and token.text == what):
            return self.advance()
        wanted = "the end" if what == "end" else f"“{what}”"
        raise BadQuery(f"At position {token.at} {wanted} is missing before {_shown(token)}.", at=token.at)

    def ordering(self) -> tuple[Node, bool]:
        node = self.expression(NOT_POWER)
        descending = self.token.kind == "name" and self.token.text == "desc"
        if descending or (self.token.kind == "name" and self.token.text == "asc"):
            self.advance()
        return node, descending

    def expression(self, power: int) -> Node:
        """Everything that holds together more strongly than ``power``."""
        with self._deeper():
            left = self._prefix()
            steps = 0
            while (held := self._held()) > power:
                steps += 1
                if steps > MOST_STEPS and held > POWER["and"]:
                    raise BadQuery(f"More than {MOST_STEPS} operators in a row are too many.", at=self.token.at)
                left = self._infix(left, self.advance())
            return left

    def _held(self) -> int:
        return POWER.get(self.token.text, 0) if self.token.kind == "name" else 0

    def _prefix(self) -> Node:
        token = self.advance()
        if token.kind in LITERALS:
            return literal(token)
        if token.kind == "name":
            return self._named(token)
        if token.kind == "sign" and token.text == "(":
            inside = self.expression(0)
            self.expect(")")
            return inside
        if token.kind == "sign" and token.text == "-":
            return Operation("sub", Literal("number", 0, token.at), self.expression(MINUS_POWER), token.at)
        raise BadQuery(f"At position {token.at} a value is missing; there is {_shown(token)}.", at=token.at)

    def _named(self, token: Token) -> Node:
        if token.text == "not":
            return Not(self.expression(NOT_POWER), token.at)
        if token.text in CONSTANTS:
            kind, value = CONSTANTS[token.text]
            return Literal(kind, value, token.at)
        if token.text in POWER:
            raise BadQuery(f"“{token.text}” at position {token.at} needs a value before it.", at=token.at)
        if self.took("("):
            return Call(token.text.lower(), self._listed(self._argument), token.at)
        return self._path(token)

    def _argument(self) -> Node:
        return self.expression(0)

    def _path(self, first: Token) -> Node:
        names = [first.text]
        while self.took("/"):
            token = self.advance()
            if token.kind not in ("name", "number"):
                raise BadQuery(f"After a slash a name must follow, not {_shown(token)}.", at=token.at)
            if token.text == "any" and self.took("("):
                return self._any(Path(tuple(names), first.at), token.at)
            names.append(token.text)
            if len(names) > 12:
                raise BadQuery("This path has more than twelve steps.", at=first.at)
        return Path(tuple(names), first.at)

    def _any(self, path: Path, at: int) -> Node:
        if self.took(")"):
            return AnyOf(path, "", None, at)
        variable = self.advance()
        if variable.kind != "name":
            raise BadQuery("any( … ) begins with a variable, as in any(d: d/name eq 'x').", at=variable.at)
        self.expect(":")
        body = self.expression(0)
        self.expect(")")
        return AnyOf(path, variable.text, body, at)

    def _infix(self, left: Node, operator: Token) -> Node:
        name = operator.text
        if name in ("and", "or"):
            terms = [left, self.expression(POWER[name])]
            while self.token.kind == "name" and self.token.text == name:
                self.advance()
                terms.append(self.expression(POWER[name]))
            return Logic(name, tuple(terms), operator.at)
        if name == "in":
            self.expect("(")
            return OneOf(left, self._listed(self._argument), operator.at)
        right = self.expression(POWER[name])
        if name in COMPARISONS and self._held() == POWER[name]:
            raise BadQuery("A comparison cannot be compared again; join two with “and”.", at=self.token.at)
        return Operation(name, left, right, operator.at)

    def _listed(self, read: Callable[[], Node]) -> tuple[Node, ...]:
        """``a, b)``; the opening bracket is behind us."""
        if self.took(")"):
            return ()
        found = [read()]
        while self.took(","):
            found.append(read())
            if len(found) > MOST_CHOICES:
                raise BadQuery(f"A list can have at most {MOST_CHOICES} entries.", at=self.token.at)
        self.expect(")")
        return tuple(found)

    @contextmanager
    def _deeper(self) -> Iterator[None]:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BadQuery(f"Brackets and functions can be {DEEPEST} deep.", at=self.token.at)
        try:
            yield
        finally:
            self._depth -= 1


def _shown(token: Token) -> str:
    return "the end" if token.kind == "end" else f"“{token.text[:40]}”"
