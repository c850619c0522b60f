"""The OpenRosa dialect of XPath: ``parse`` a text once, ``evaluate`` its tree as often as needed.

This is the module to import: it brings every function of the dialect along.
"""

from __future__ import annotations

from surveys.expressions.errors import EvaluationError, ExpressionError
from surveys.expressions.evaluation import FUNCTIONS, Surroundings, evaluate
from surveys.expressions.functions import choices, dates, lists, logic, numbers, places, texts
from surveys.expressions.parser import Tree, as_json, from_json, parse

__all__ = [
    "FUNCTIONS",
    "EvaluationError",
    "ExpressionError",
    "Surroundings",
    "Tree",
    "as_json",
    "evaluate",
    "from_json",
    "parse",
]

LIBRARY = (choices, dates, lists, logic, numbers, places, texts)
