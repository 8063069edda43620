"""Expressions and attribute texts: known answers, and refusals in a clause."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.scenario.expressions import MAX_LENGTH, ExpressionError, parse
from drivestack.scenario.openscenario.values import as_text, compiled, typed

SCOPE = {"a": 2.0, "b": -3, "speed_kph": 36.0, "word": "car", "on": True}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0), ("(1 + 2) * 3", 9.0), ("8 - 3 - 2", 3.0), ("24 / 4 / 2", 3.0),
        ("-2 * -3", 6.0), ("--2", 2.0), ("2 - -3", 5.0), ("7 % 4", 3.0), ("-7 % 4", -3.0),
        ("$a * $b", -6.0), ("$speed_kph/3.6", 10.0), ("-$a", -2.0), ("-10.0 * ($b / 3.0)", 10.0),
        ("pow(2, 10)", 1024.0), ("sqrt(16) + abs($b)", 7.0), ("min(3, $a) + max(1, 4)", 6.0),
        ("round(2.5) + floor(2.9) + ceil(2.1)", 8.0), ("round(-2.5)", -2.0), ("sign($b)", -1.0),
        ("2*9*cos(pi/4)", 18 * math.cos(math.pi / 4)), ("acos(cos(0.5))", 0.5),
        ("1e3 + .5", 1000.5), ("atan(tan(0.3)) + asin(sin(0.2))", 0.5),
    ],
)  # fmt: skip
def test_numbers(text: str, expected: float) -> None:
    assert parse(text)(SCOPE) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 < 2", True), ("2 <= 1", False), ("$a >= 2", True), ("$a > 2", False),
        ("not ($a == 2)", False), ("$a == 2 and $b != 2", True), ("$a == 3 or $on", True),
        ("false or true and not false", True), ("1 + 1 == 2", True),
    ],
)  # fmt: skip
def test_truths(text: str, expected: bool) -> None:
    assert parse(text)(SCOPE) is expected


@given(st.recursive(st.integers(0, 9).map(str), lambda inner: st.one_of(
    st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda p: f"({' '.join(p)})"),
    inner.map(lambda t: f"(-{t})")), max_leaves=12))  # fmt: skip
def test_as_python_counts(text: str) -> None:
    assert parse(text)({}) == pytest.approx(eval(text))  # noqa: S307 - the text is made of digits


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 +", "an operand is missing before 'the end'"),
        ("1 2", "unexpected '2' in expression '1 2'"),
        ("(1", "expected ')' but found 'the end'"),
        ("1 ! 2", "cannot read '! 2'"),
        ("__import__(1)", "unexpected '('"),
        ("a.b", "cannot read '.b'"),
        ("$none + 1", "no parameter 'none'"),
        ("$word * 2", "'car' is not a number"),
        ("not 1", "'1' is neither true nor false"),
        ("1 / 0", "has no value"),
        ("sqrt(-1)", "has no value"),
        ("pow(10, 400)", "has no value"),
        ("1e308 * 10", "is not finite"),
        ("pow(2)", "pow() takes 2 values, got 1"),
        ("(" * 60 + "1" + ")" * 60, "nested deeper than 40"),
        ("-" * 500 + "1", "nested deeper than 40"),
        ("1" * (MAX_LENGTH + 1), f"at most {MAX_LENGTH}"),
        ("", "an operand is missing"),
    ],
)
def test_refusals(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)(SCOPE)
    assert message in str(caught.value)


def test_texts_of_attributes() -> None:
    assert compiled("$word")(SCOPE) == "car"
    assert compiled(" ${$a * 2} ")(SCOPE) == 4.0
    assert compiled("plain $a")(SCOPE) == "plain $a"
    assert compiled("\\$a")(SCOPE) == "$a"


def test_types() -> None:
    assert typed("int", "-4") == -4
    assert typed("integer", 4.0) == 4
    assert typed("boolean", "1") is True
    assert typed("string", 4.0) == "4"
    assert as_text(0.5) == "0.5"
    for kind, value in (("int", "1.5"), ("double", "x"), ("double", "nan"), ("boolean", "yes"),
                        ("double", True), ("double", "1e300")):  # fmt: skip
        with pytest.raises(ExpressionError):
            typed(kind, value)
