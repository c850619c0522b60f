"""The answers of one response as a tree of nodes: what paths walk over."""

from __future__ import annotations

from collections.abc import Iterator


class Node:
    """One element: a group with ``children``, or a question with ``text``.

    ``order`` is its place in the document; :func:`number` sets it.
    """

    __slots__ = ("attributes", "children", "name", "order", "parent", "text")

    def __init__(self, name: str, text: str = "", parent: Node | None = None) -> None:
        self.name = name
        self.text = text
        self.parent = parent
        self.children: list[Node] = []
        self.attributes: list[Node] = []
        self.order = 0
        if parent is not None:
            parent.children.append(self)

    @property
    def value(self) -> str:
        """The string-value of XPath: a leaf's text, or all texts below in order."""
        if not self.children:
            return self.text
        return "".join(node.text for node in self.descendants())

    def descendants(self) -> Iterator[Node]:
        for child in self.children:
            yield child
            yield from child.descendants()

    def ancestors(self) -> Iterator[Node]:
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    @property
    def path(self) -> tuple[str, ...]:
        """Names from below the root element down to here; empty for the root element itself."""
        names = [self.name, *(node.name for node in self.ancestors())]
        # The last two are the root element and the document above it.
        return tuple(reversed(names[:-2]))

    def __repr__(self) -> str:
        return f"Node({'/'.join(self.path) or self.name}={self.text!r})"


def number(document: Node, start: int = 0) -> int:
    """Number the nodes of a document in order, attributes after their element; returns the next free number."""
    document.order = start
    start += 1
    for attribute in document.attributes:
        attribute.order = start
        start += 1
    for child in document.children:
        start = number(child, start)
    return start
