"""What can go wrong with an expression, said in a sentence that an author of forms understands."""

from __future__ import annotations


class ExpressionError(ValueError):
    """The text is no expression of our dialect. ``position`` counts characters from 0."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason if position is None else f"{reason} (at character {position + 1})")
        self.reason = reason
        self.position = position


class EvaluationError(ValueError):
    """A well-formed expression that has no value here: a list where a value is asked, too much work."""
