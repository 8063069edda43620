"""The cases prove something: an engine with one rule changed fails the case of that rule.

Mutants run in plain Python, which gives the same bits as the compiled engine (tested here too).
"""

from __future__ import annotations

import pytest

from .cases import CASES, arrays, tolerance
from .cases_mutants import ALL, MUTANTS
from .cases_pure import changed, pure_mismatches


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    """Where plain Python first differs, by case and by mutant."""
    if tolerance() > 0.0:
        pytest.skip(
            "mutants that change single bits need the reference's arithmetic to be portable"
        )
    return pure_mismatches(arrays(), tuple(MUTANTS.values()))


@pytest.mark.parametrize("name", MUTANTS)
def test_mutant_is_caught(name: str, found: dict[str, str]) -> None:
    """By the case of the rule that it breaks."""
    changed(MUTANTS[name])  # the text it changes is still there
    assert found[name] != ""


@pytest.mark.parametrize("name", CASES)
def test_plain_python_gives_the_same_bits(name: str, found: dict[str, str]) -> None:
    """As the reference, and so as the compiled engine (`test_cases.py`)."""
    assert found[name] == ""


def test_every_mutant_has_a_name() -> None:
    """Two mutants of one case must not share a rule."""
    assert len(MUTANTS) == len(ALL) >= 25
