from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from surveys.compiling import calls
from surveys.expressions.dialect import (
    FUNCTIONS,
    EvaluationError,
    ExpressionError,
    Surroundings,
    as_json,
    evaluate,
    from_json,
    parse,
)
from surveys.expressions.evaluation import MAX_WORK
from surveys.expressions.patterns import compiled
from surveys.expressions.signatures import SIGNATURES
from surveys.expressions.tree import Node
from surveys.expressions.values import moment, number_text
from tests.surveys import vectors

VECTORS = vectors.load()
AROUND = vectors.surroundings(VECTORS["context"])


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"{case['source']} at {case['node'] or 'the root'}")
def test_an_expression_has_the_value_that_the_specification_gives_it(case: dict[str, Any]) -> None:
    worth = evaluate(parse(case["source"]), vectors.node_at(AROUND, case["node"]), AROUND)
    if isinstance(case["expected"], str) and isinstance(worth, list):
        worth = worth[0].value
    assert vectors.equal(worth, case["expected"], AROUND), worth


def test_the_vectors_carry_the_trees_that_the_parser_makes() -> None:
    for case in VECTORS["cases"]:
        assert from_json(case["tree"]) == parse(case["source"])


def test_every_function_has_a_body_and_a_vector() -> None:
    called = set().union(*(calls(from_json(case["tree"])) for case in VECTORS["cases"]))
    assert set(SIGNATURES) - set(FUNCTIONS) == {"pulldata"}  # there are no files beside a form
    assert set(FUNCTIONS) - called == {"extract-signed"}  # below: it needs a fresh key


def alone() -> tuple[Node, Surroundings]:
    document = Node("")
    root = Node("data", parent=document)
    return root, Surroundings(document, datetime(2026, 11, 22, tzinfo=UTC))


def test_a_signed_text_is_read_only_if_its_key_signed_it() -> None:
    key = Ed25519PrivateKey.generate()
    signed = base64.b64encode(key.sign(b"permit 7") + b"permit 7").decode()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    forged = base64.b64encode(key.sign(b"permit 7") + b"permit 8").decode()
    root, around = alone()
    assert evaluate(("call", "extract-signed", signed, public), root, around) == "permit 7"
    assert evaluate(("call", "extract-signed", forged, public), root, around) == ""
    assert evaluate(("call", "extract-signed", "nonsense", public), root, around) == ""


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 +", "The expression stops too early (at character 4)"),
        ("concat('a'", "The expression stops too early; “)” is missing (at character 11)"),
        ("'a", "A text is opened with a quotation mark and never closed (at character 1)"),
        ("‘a’", "Please use straight quotation marks instead of ‘ (at character 1)"),
        ("$age", "A question is named as ${name}: letters, digits, “_”, “-” and “.” (at character 1)"),
        ("${a} ${b}", "“${b}” is too much here (at character 6)"),
        ("1 and", "The expression stops too early (at character 6)"),
        ("slected(${a}, 'x')", "There is no function slected(); did you mean selected()? (at character 1)"),
        ("selected(${a})", "selected() takes 2 arguments, not 1 (at character 1)"),
        ("substr('a')", "substr() takes 2 to 3 arguments, not 1 (at character 1)"),
        ("join()", "join() takes at least 1 arguments, not 0 (at character 1)"),
        ("sideways::a", "There is no axis called “sideways” (at character 1)"),
        ("1 % 2", "“%” means nothing here (at character 3)"),
        (
            "${last-saved#a}",
            "${last-saved#…} needs the answers of an earlier person, which no phone keeps (at character 1)",
        ),
        ("1 2", "“2” is too much here (at character 3)"),
        (")", "“)” stands where a value is needed (at character 1)"),
    ],
)
def test_a_faulty_expression_is_refused_with_place_and_reason(source: str, reason: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(source)
    assert str(refused.value) == reason


@pytest.mark.parametrize("source", ["(" * 5000 + "1" + ")" * 5000, "if(1," * 90 + "1" + ",2)" * 90, "2" + "*2" * 5000])
def test_deep_nesting_is_refused_before_it_exhausts_a_stack(source: str) -> None:
    with pytest.raises(ExpressionError, match="nested deeper than"):
        parse(source)


def test_a_long_expression_is_refused_by_its_length() -> None:
    with pytest.raises(ExpressionError, match="longer than 16384 characters"):
        parse("1" * 20_000)


def test_a_long_chain_of_one_operator_is_not_deep() -> None:
    root, around = alone()
    assert evaluate(parse("1" + "+1" * 4000), root, around) == 4001
    assert evaluate(parse("if(1=2,0," * 79 + "7" + ")" * 79), root, around) == 7


def test_an_expression_that_works_too_long_is_stopped() -> None:
    root, around = alone()
    for place in range(200):
        Node("a", str(place), parent=root)
    with pytest.raises(EvaluationError, match="takes too long"):
        evaluate(parse("count(//a[count(//a[count(//a) > 0]) > 0])"), root, around)
    assert MAX_WORK == 500_000


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("${nobody}", "There is no question called nobody"),
        ("count(1)", "count() needs questions, not a single value"),
        ("1 | 2", "“|” joins lists of questions, not single values"),
        ("digest('a', 'CRC')", "digest() knows MD5, SHA-1, SHA-256, SHA-384, SHA-512 and the encodings base64 and hex"),
        ("pulldata('a', 'b', 'c', 'd')", "pulldata() is not available here"),
        ("uuid(99999)", "uuid() makes 0 to 1024 characters"),
        ("indexed-repeat(., ., 1, .)", "indexed-repeat() takes a question, then pairs of a repeat and its number"),
    ],
)
def test_an_expression_without_a_value_says_why(source: str, reason: str) -> None:
    root, around = alone()
    with pytest.raises(EvaluationError) as refused:
        evaluate(parse(source), root, around)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "never closes"),
        ("[a", "never closes"),
        ("a)", "never opened"),
        ("*a", "repeats nothing"),
        ("(?=a)b", "Look-ahead"),
        ("a*+", "Possessive"),
        ("a{3,2}", "out of order"),
        ("(a{500}){500}", "repeats too much"),
        (r"\k", "not supported"),
        ("[z-a]", "out of order"),
    ],
)
def test_a_pattern_that_needs_more_than_linear_time_or_makes_no_sense_is_refused(pattern: str, reason: str) -> None:
    with pytest.raises(EvaluationError, match=reason):
        compiled(pattern)


def test_a_pattern_made_to_run_for_ever_ends_at_once() -> None:
    assert compiled("(a*)*(b|a*)*c").fullmatch("a" * 2000) is False


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_is_refused_as_one(source: str) -> None:
    try:
        tree = parse(source)
    except ExpressionError:
        return
    assert from_json(json.loads(as_json(tree))) == tree


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_value_when_it_is_written(value: float) -> None:
    assert float(number_text(value)) == value
    assert "e" not in number_text(value)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 (the zone follows)
def test_a_written_moment_is_read_back(when: datetime) -> None:
    cut = when.replace(microsecond=when.microsecond // 1000 * 1000, tzinfo=UTC)
    found = moment(cut.isoformat(timespec="milliseconds"), UTC)
    assert found is not None
    assert found.when == cut
