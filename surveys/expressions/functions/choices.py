"""Answers that are choices: one name, or several with spaces between."""

from __future__ import annotations

import math
import re

from surveys.expressions.errors import EvaluationError
from surveys.expressions.evaluation import Context, Evaluation, function
from surveys.expressions.functions.logic import Arguments
from surveys.expressions.lexer import NAME
from surveys.expressions.parser import parse
from surveys.expressions.values import Value, to_nodes

REFERENCE = re.compile(rf"\s*\$\{{\s*({NAME})\s*\}}\s*")


@function("selected", "is-selected")
def selected(run: Evaluation, given: Arguments, context: Context) -> Value:
    return run.text(given[1], context).strip() in run.text(given[0], context).split()


@function("selected-at")
def selected_at(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The n-th choice, counted from 0; empty beyond the last."""
    chosen, index = run.text(given[0], context).split(), run.number(given[1], context)
    return chosen[int(index)] if not math.isnan(index) and 0 <= index < len(chosen) else ""


@function("count-selected")
def count_selected(run: Evaluation, given: Arguments, context: Context) -> Value:
    return float(len(run.text(given[0], context).split()))


@function("jr:choice-name")
def choice_name(run: Evaluation, given: Arguments, context: Context) -> Value:
    """The label of a choice in the answerer's language: ``jr:choice-name(${q}, '${q}')``."""
    name, asked = run.text(given[0], context), run.text(given[1], context)
    if name == "":
        return ""
    if reference := REFERENCE.fullmatch(asked):
        question = run.referred(reference[1], context)
    else:
        question = to_nodes(run.value(parse(asked), context), "jr:choice-name")
    if not question:
        raise EvaluationError("jr:choice-name() needs the question that the choice belongs to")
    return run.surroundings.choice_label("/".join(question[0].path), name)
