from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.scenario.expressions import ExpressionError, Value, parse

NAMES: dict[str, Value] = {"v": 20.0, "n": 3, "on": True, "kind": "truck"}


def evaluate(text: str, names: dict[str, Value]) -> Value:
    return parse(text)(names)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 - -3", 1),
        ("7 % 4", 3),
        ("-7 % 4", -3),
        ("6 / 4", 1.5),
        ("$v / 3.6", 20.0 / 3.6),
        ("2 * sqrt($v * $v)", 40.0),
        ("pow(2, 3) + round(2.5) + floor(-0.5) + ceil(0.2)", 11.0),
        ("n - 1", 2),
        ("not on or n == 3 and v >= 20", True),
        ("kind == kind", True),
        ("1.5e1", 15.0),
        ("pi / 2", math.pi / 2),
        ("max(1, min(5, n))", 3),
        ("sign(-4) * abs(-2)", -2),
    ],
)
def test_known_values(text: str, value: object) -> None:
    found = evaluate(text, NAMES)
    assert found == pytest.approx(value) if not isinstance(value, bool) else found is value
    assert isinstance(found, int) == isinstance(value, int)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("", "operand is missing before 'the end'"),
        ("1 +", "operand is missing before 'the end'"),
        ("1 1", "unexpected '1'"),
        ("(1", "expected ')'"),
        ("1 / 0", "no value"),
        ("w + 1", "no parameter 'w'"),
        ("kind + 1", "'truck' is not a number"),
        ("kind < 1", "cannot be compared"),
        ("sqrt(0 - 1)", "no value"),
        ("pow(2)", "takes 2 values, got 1"),
        ("1; 2", "cannot read ';"),
        ("__import__('os')", "cannot read"),
        ("1e308 * 10", "not finite"),
        ("(" * 2001, "at most 2000"),
        ("(" * 900, "nested deeper"),
        ("-" * 900 + "1", "nested deeper"),
        ("pow(10, 999)", "no value"),
    ],
)
def test_mistakes_are_told_in_a_clause(text: str, clause: str) -> None:
    with pytest.raises(ExpressionError, match=r".") as caught:
        evaluate(text, NAMES)
    assert clause in str(caught.value)


@given(st.text(max_size=60))
def test_nothing_but_a_value_or_a_clause_comes_out(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        assert isinstance(evaluate(text, NAMES), int | float | str)
