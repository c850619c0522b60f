"""The axes of XPath 1.0 (https://www.w3.org/TR/xpath-10/#axes), nearest node first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from surveys.expressions.tree import Node


def _self(node: Node) -> Iterator[Node]:
    yield node


def _parent(node: Node) -> Iterator[Node]:
    if node.parent is not None:
        yield node.parent


def _descendant_or_self(node: Node) -> Iterator[Node]:
    yield node
    yield from node.descendants()


def _ancestor_or_self(node: Node) -> Iterator[Node]:
    yield node
    yield from node.ancestors()


def _following_sibling(node: Node) -> Iterator[Node]:
    if node.parent is not None and node in node.parent.children:
        siblings = node.parent.children
        yield from siblings[siblings.index(node) + 1 :]


def _preceding_sibling(node: Node) -> Iterator[Node]:
    if node.parent is not None and node in node.parent.children:
        siblings = node.parent.children
        yield from reversed(siblings[: siblings.index(node)])


def _following(node: Node) -> Iterator[Node]:
    for ancestor in _ancestor_or_self(node):
        for sibling in _following_sibling(ancestor):
            yield from _descendant_or_self(sibling)


def _preceding(node: Node) -> Iterator[Node]:
    for ancestor in _ancestor_or_self(node):
        for sibling in _preceding_sibling(ancestor):
            yield from reversed(list(_descendant_or_self(sibling)))


AXES: dict[str, Callable[[Node], Iterable[Node]]] = {
    "ancestor": Node.ancestors,
    "ancestor-or-self": _ancestor_or_self,
    "attribute": lambda node: node.attributes,
    "child": lambda node: node.children,
    "descendant": Node.descendants,
    "descendant-or-self": _descendant_or_self,
    "following": _following,
    "following-sibling": _following_sibling,
    "parent": _parent,
    "preceding": _preceding,
    "preceding-sibling": _preceding_sibling,
    "self": _self,
}


def matches(node: Node, test: str) -> bool:
    """Whether a node passes a node test. Our trees hold elements and their texts, no comments."""
    if test == "node()":
        return True
    if test == "*":
        return node.parent is not None  # the document above the root is no element
    if test == "text()":
        return not node.children and node.text != ""
    return node.name == test
