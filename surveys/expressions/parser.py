"""Expression text → syntax tree, once, on the server. The tree goes to the phone as JSON and is never text again.

The tree is made of numbers, strings and tuples, so that JSON carries it as it is:

===============================================  =====================================================
``3.5``, ``"text"``                              a number, a text
``("ref", name)``                                ``${name}``: the answer nearest to where it is asked
``("call", function, argument…)``                a function call
``("path", start, step…)``                       a location path; start ``"/"``, ``"."`` or a tree
``("filter", tree, predicate…)``                 a list narrowed by predicates
``("or" | "and" | "+" | "|", tree…)``            any number of operands
``("=" | "!=" | "<" …| "*" | "div" | "mod", a, b)``  two operands
``("neg", a)``                                   minus a
===============================================  =====================================================

A step is ``(axis, test, predicate…)``.
"""

from __future__ import annotations

import difflib
import json
from functools import lru_cache
from typing import Any, TypeAlias

from surveys.expressions.errors import ExpressionError
from surveys.expressions.lexer import Token, tokens
from surveys.expressions.signatures import SIGNATURES

Tree: TypeAlias = "str | float | tuple[Tree, ...]"

# Deep enough for a long chain of if(…, …, if(…)), shallow enough for every call stack that evaluates it.
MAX_NESTING = 80
MAX_TREE_DEPTH = 2 * MAX_NESTING

AXES = frozenset(
    {
        "ancestor", "ancestor-or-self", "attribute", "child", "descendant", "descendant-or-self",
        "following", "following-sibling", "parent", "preceding", "preceding-sibling", "self",
    }
)  # fmt: skip
NODE_TYPES = frozenset({"node", "text", "comment", "processing-instruction"})
STEP_STARTS = frozenset({"name", ".", "..", "@"})

# From loosest to tightest; an operator of one level may follow another of the same level.
LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)
JOINED = frozenset({"or", "and", "+", "|"})


@lru_cache(maxsize=4096)
def parse(source: str) -> Tree:
    """The tree of one expression.

    Raises:
        ExpressionError: not an expression, an unknown function, a wrong number of arguments, or too deep.
    """
    parser = _Parser(tokens(source))
    tree = parser.expression()
    parser.expect("end")
    if _depth(tree) > MAX_TREE_DEPTH:
        raise ExpressionError(f"The expression is nested deeper than {MAX_TREE_DEPTH} levels")
    return tree


def as_json(tree: Tree) -> str:
    """Compact JSON of a tree: what the phone reads."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def from_json(loaded: Any) -> Tree:
    """A tree again, of what ``json.loads`` made of :func:`as_json`."""
    if isinstance(loaded, list):
        return tuple(from_json(part) for part in loaded)
    return loaded if isinstance(loaded, str) else float(loaded)


class _Parser:
    """Precedence climbing over one list of tokens."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens = found
        self.at = 0
        self.nesting = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def took(self, kind: str) -> bool:
        if self.next.kind != kind:
            return False
        self.at += 1
        return True

    def expect(self, kind: str) -> Token:
        if self.next.kind != kind:
            raise ExpressionError(_unexpected(self.next, kind), self.next.position)
        return self.take()

    def expression(self) -> Tree:
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise ExpressionError(f"The expression is nested deeper than {MAX_NESTING} levels", self.next.position)
        tree = self._continued(self._unary(), 0)
        self.nesting -= 1
        return tree

    def _continued(self, left: Tree, level: int) -> Tree:
        """Everything that follows ``left`` and binds at ``level`` or tighter."""
        while (strength := _strength(self.next)) >= level:
            operator = self.take().text
            right = self._unary()
            while _strength(self.next) > strength:
                right = self._continued(right, strength + 1)
            left = _joined(operator, left, right)
        return left

    def _unary(self) -> Tree:
        minuses = 0
        while self.took("-"):
            minuses += 1
        tree = self._path()
        while self.took("|"):
            tree = _joined("|", tree, self._path())
        # Two minuses are not nothing: they still make a number of a text.
        for _ in range((minuses + 1) % 2 + 1 if minuses else 0):
            tree = ("neg", tree)
        return tree

    def _path(self) -> Tree:
        if self.next.kind in {"/", "//"}:
            return self._steps("/")
        if self._starts_step():
            return self._relative()
        return self._steps(self._filtered())

    def _starts_step(self) -> bool:
        if self.next.kind not in STEP_STARTS:
            return False
        following = self.tokens[self.at + 1].kind
        called = self.next.kind == "name" and following == "("
        return not called or self.next.text in NODE_TYPES

    def _relative(self) -> Tree:
        return self._steps(".", [self._step()])

    def _steps(self, start: Tree, steps: list[Tree] | None = None) -> Tree:
        """The rest of a path; ``start`` alone if nothing follows."""
        steps = steps or []
        if start == "/" and self.next.kind == "/" and not self._step_follows():
            self.take()
            return ("path", "/")
        while self.next.kind in {"/", "//"}:
            if self.take().kind == "//":
                steps.append(("descendant-or-self", "node()"))
            steps.append(self._step())
        if not steps:
            return start
        return ("path", start, *steps)

    def _step_follows(self) -> bool:
        return self.tokens[self.at + 1].kind in STEP_STARTS

    def _step(self) -> Tree:
        if self.took("."):
            return ("self", "node()")
        if self.took(".."):
            return ("parent", "node()")
        axis = "attribute" if self.took("@") else "child"
        name = self.expect("name")
        if self.took("::"):
            if name.text not in AXES:
                raise ExpressionError(f"There is no axis called “{name.text}”", name.position)
            axis, name = name.text, self.expect("name")
        test = name.text
        if test in NODE_TYPES and self.took("("):
            if test == "processing-instruction" and self.next.kind == "literal":
                self.take()
            self.expect(")")
            test += "()"
        return (axis, test, *self._predicates())

    def _predicates(self) -> list[Tree]:
        found = []
        while self.took("["):
            found.append(self.expression())
            self.expect("]")
        return found

    def _filtered(self) -> Tree:
        tree = self._primary()
        predicates = self._predicates()
        return ("filter", tree, *predicates) if predicates else tree

    def _primary(self) -> Tree:
        token = self.take()
        match token.kind:
            case "number":
                return float(token.text)
            case "literal":
                return token.text[1:-1]
            case "reference":
                return ("ref", token.text)
            case "(":
                tree = self.expression()
                self.expect(")")
                return tree
            case "name":
                return self._call(token)
        raise ExpressionError(_unexpected(token, "a value"), token.position)

    def _call(self, name: Token) -> Tree:
        self.expect("(")
        arguments: list[Tree] = []
        if not self.took(")"):
            arguments.append(self.expression())
            while self.took(","):
                arguments.append(self.expression())
            self.expect(")")
        check_call(name.text, len(arguments), name.position)
        return ("call", name.text, *arguments)


def check_call(name: str, given: int, position: int | None = None) -> None:
    """Refuse an unknown function or a wrong number of arguments, naming what would be right."""
    if name not in SIGNATURES:
        near = difflib.get_close_matches(name, SIGNATURES, n=1)
        hint = f"; did you mean {near[0]}()?" if near else ""
        raise ExpressionError(f"There is no function {name}(){hint}", position)
    low, high = SIGNATURES[name]
    if low <= given and (high is None or given <= high):
        return
    asked = str(low) if low == high else f"at least {low}" if high is None else f"{low} to {high}"
    raise ExpressionError(f"{name}() takes {asked} arguments, not {given}", position)


def _depth(tree: Tree) -> int:
    """Levels of a tree, counted without recursion: the tree may be as deep as the text is long."""
    levels, layer = 0, [tree]
    while layer:
        levels += 1
        layer = [part for branch in layer if isinstance(branch, tuple) for part in branch]
    return levels


def _strength(token: Token) -> int:
    """Which level an operator binds at; −1 for anything that is no binary operator."""
    return next((level for level, operators in enumerate(LEVELS) if token.text in operators and _binds(token)), -1)


def _binds(token: Token) -> bool:
    return token.kind in {"operator", token.text}


def _joined(operator: str, left: Tree, right: Tree) -> Tree:
    """``left operator right``; chains of the same operator stay flat, so that a long one is not a deep one."""
    if operator == "-":
        operator, right = "+", ("neg", right)
    if operator in JOINED and isinstance(left, tuple) and left[0] == operator:
        return (*left, right)
    return (operator, left, right)


def _unexpected(token: Token, wanted: str) -> str:
    if token.kind == "end":
        return "The expression stops too early" + (f"; “{wanted}” is missing" if wanted in ")]" else "")
    text = f"${{{token.text}}}" if token.kind == "reference" else token.text
    if wanted == "end":
        return f"“{text}” is too much here"
    return f"“{text}” stands where {'a name' if wanted == 'name' else wanted} is needed"
