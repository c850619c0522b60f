"""Regular expressions that cannot be made to run for ever.

``regex()`` patterns come from forms and texts from anybody, and backtracking engines can be held busy for minutes by a
few characters. So the server matches by simulating all states at once (K. Thompson, *Regular expression search
algorithm*, 1968): time grows with pattern × text and never faster. What that cannot express (look-around,
back-references) is refused when a form is uploaded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from surveys.expressions.errors import EvaluationError

MOST_STATES = 4_000

Test = Callable[[str], bool]

CLASSES: dict[str, Test] = {
    "d": lambda character: character in "0123456789",
    "w": lambda character: character.isascii() and (character.isalnum() or character == "_"),
    "s": lambda character: character in " \t\n\x0b\f\r",
}
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\x0b", "0": "\0"}
POSIX: dict[str, Test] = {
    "Alpha": lambda character: character.isascii() and character.isalpha(),
    "Digit": CLASSES["d"],
    "Alnum": lambda character: character.isascii() and character.isalnum(),
    "Upper": lambda character: "A" <= character <= "Z",
    "Lower": lambda character: "a" <= character <= "z",
    "Punct": lambda character: character in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "Space": CLASSES["s"],
}
QUANTIFIER = re.compile(r"([*+?]|\{(\d+)(?:(,)(\d*))?\})\??")


@dataclass(slots=True)
class State:
    """One state: go on to ``to`` for free, or over one character that passes ``test``, or where ``edge`` holds."""

    to: tuple[int, ...] = ()
    test: Test | None = None
    edge: str = ""


class Pattern:
    """A compiled pattern. State 0 accepts; matching starts at ``start``."""

    def __init__(self, source: str) -> None:
        self.states = [State()]
        reader = _Reader(source, self.states)
        self.start = reader.alternatives(0)
        if reader.at < len(source):
            raise EvaluationError("The pattern closes a bracket that it never opened")

    def fullmatch(self, text: str) -> bool:
        live = self._closure({self.start}, text, 0)
        for at, character in enumerate(text):
            over = {self.states[state].to[0] for state in live if self._passes(state, character)}
            live = self._closure(over, text, at + 1)
            if not live:
                return False
        return 0 in live

    def _passes(self, state: int, character: str) -> bool:
        test = self.states[state].test
        return test is not None and test(character)

    def _closure(self, states: set[int], text: str, at: int) -> set[int]:
        """All states reachable without reading a character."""
        reached, waiting = set(states), list(states)
        while waiting:
            state = self.states[waiting.pop()]
            if state.test is not None or (state.edge and not _at_edge(state.edge, text, at)):
                continue
            fresh = [target for target in state.to if target not in reached]
            reached.update(fresh)
            waiting += fresh
        return reached


def _at_edge(edge: str, text: str, at: int) -> bool:
    if edge in "^$":
        return at == (0 if edge == "^" else len(text))
    word = CLASSES["w"]
    before, after = at > 0 and word(text[at - 1]), at < len(text) and word(text[at])
    return (before != after) == (edge == "b")


class _Reader:
    """Reads a pattern from left to right and builds states from right to left: each piece is told where to go on."""

    def __init__(self, source: str, states: list[State]) -> None:
        self.source = source
        self.states = states
        self.at = 0

    def add(self, state: State) -> int:
        if len(self.states) >= MOST_STATES:
            raise EvaluationError("The pattern repeats too much")
        self.states.append(state)
        return len(self.states) - 1

    def peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def took(self, text: str) -> bool:
        if not self.source.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def alternatives(self, then: int) -> int:
        """Reads up to ``)`` or the end; returns the state to start from."""
        starts = [self.sequence(then)]
        while self.took("|"):
            starts.append(self.sequence(then))
        return starts[0] if len(starts) == 1 else self.add(State(tuple(starts)))

    def sequence(self, then: int) -> int:
        pieces: list[tuple[int, int, int | None]] = []
        while (character := self.peek()) and character not in "|)":
            begin = self.at
            self.skip()
            quantified = QUANTIFIER.match(self.source, self.at)
            low, high = _bounds(quantified) if quantified else (1, 1)
            pieces.append((begin, low, high))
            self.at = quantified.end() if quantified else self.at
            if self.peek() == "+" and quantified:
                raise EvaluationError("Possessive quantifiers such as “*+” are not supported in patterns")
        end = self.at
        for begin, low, high in reversed(pieces):
            then = self.repeated(begin, low, high, then)
        self.at = end
        return then

    def repeated(self, begin: int, low: int, high: int | None, then: int) -> int:
        """States for one piece between ``low`` and ``high`` times, built by reading it again for every copy."""
        if high is None:
            loop = self.add(State())
            self.states[loop].to = (self.reread(begin, loop), then)
            then = loop
        else:
            if low > high or high > MOST_STATES:
                raise EvaluationError("The pattern's {…} is out of order or too large")
            after = then
            for _ in range(high - low):
                then = self.add(State((self.reread(begin, then), after)))
        for _ in range(low):
            then = self.reread(begin, then)
        return then

    def skip(self) -> None:
        """Go past one piece without building states for it."""
        depth = 0
        while True:
            character = self.peek()
            self.at += 1
            if character == "\\":
                self.escape() if self.peek() not in {"b", "B"} else self.took(self.peek())
            elif character == "[":
                self.bracket()
            depth += (character == "(") - (character == ")")
            if depth == 0:
                return
            if not character:
                raise EvaluationError("The pattern opens a bracket “(” that it never closes")

    def reread(self, begin: int, then: int) -> int:
        self.at = begin
        return self.piece(then)

    def piece(self, then: int) -> int:
        character = self.peek()
        self.at += 1
        match character:
            case "(":
                return self.group(then)
            case "[":
                return self.add(State((then,), self.bracket()))
            case ".":
                return self.add(State((then,), lambda read: read not in "\n\r"))
            case "^" | "$":
                return self.add(State((then,), edge=character))
            case "*" | "+" | "?":
                raise EvaluationError(f"In the pattern “{character}” repeats nothing")
            case "\\":
                return self.escaped(then)
        return self.add(State((then,), character.__eq__))

    def group(self, then: int) -> int:
        if self.took("?") and not self.took(":"):
            raise EvaluationError("Look-ahead, look-behind and flags, written “(?…”, are not supported in patterns")
        start = self.alternatives(then)
        if not self.took(")"):
            raise EvaluationError("The pattern opens a bracket “(” that it never closes")
        return start

    def escaped(self, then: int) -> int:
        if self.peek() in {"b", "B"}:
            self.at += 1
            return self.add(State((then,), edge=self.source[self.at - 1]))
        test = self.escape()
        return self.add(State((then,), test if callable(test) else test.__eq__))

    def escape(self) -> Test | str:
        """What follows a backslash: a class of characters, or one character."""
        character = self.peek()
        self.at += 1
        if character.lower() in CLASSES:
            return _either(CLASSES[character.lower()], negated=character.isupper())
        if character in {"p", "P"}:
            return _either(self.property(), negated=character == "P")
        if character in {"x", "u"}:
            return self.code_point(2 if character == "x" else 4)
        if character == "" or (character.isascii() and character.isalnum() and character not in CONTROLS):
            raise EvaluationError(f"The pattern uses “\\{character}”, which is not supported")
        return CONTROLS.get(character, character)

    def property(self) -> Test:
        match = re.compile(r"\{(?:Is)?(\w+)\}").match(self.source, self.at)
        if match is None:
            raise EvaluationError("In a pattern \\p is followed by a class in braces: \\p{L}")
        self.at = match.end()
        name = match[1]
        return POSIX.get(name) or (lambda character: unicodedata.category(character).startswith(name))

    def code_point(self, digits: int) -> str:
        written = self.source[self.at : self.at + digits]
        if not re.fullmatch(f"[0-9a-fA-F]{{{digits}}}", written):
            raise EvaluationError(
                f"In a pattern \\{'x' if digits == 2 else 'u'} is followed by {digits} hexadecimal digits"
            )
        self.at += digits
        return chr(int(written, 16))

    def bracket(self) -> Test:
        negated = self.took("^")
        tests: list[Test] = []
        while not self.took("]"):
            if not self.peek():
                raise EvaluationError("The pattern opens a bracket “[” that it never closes")
            tests.append(self.member())
        return _either(lambda character: any(test(character) for test in tests), negated=negated)

    def member(self) -> Test:
        low = self.character()
        if callable(low):
            return low
        if self.peek() == "-" and self.source[self.at + 1 : self.at + 2] not in {"]", ""}:
            self.at += 1
            high = self.character()
            if callable(high) or high < low:
                raise EvaluationError("In the pattern a range such as [a-z] is out of order")
            return lambda character: low <= character <= high
        return low.__eq__

    def character(self) -> Test | str:
        character = self.peek()
        self.at += 1
        return self.escape() if character == "\\" else character


def _either(test: Test, *, negated: bool) -> Test:
    return (lambda character: not test(character)) if negated else test


def _bounds(quantified: re.Match[str]) -> tuple[int, int | None]:
    match quantified[1]:
        case "*":
            return 0, None
        case "+":
            return 1, None
        case "?":
            return 0, 1
    low = int(quantified[2])
    if not quantified[3]:
        return low, low
    return low, int(quantified[4]) if quantified[4] else None


@lru_cache(maxsize=512)
def compiled(source: str) -> Pattern:
    """The pattern, ready to match.

    Raises:
        EvaluationError: not a pattern, or one that needs backtracking.
    """
    return Pattern(source)
