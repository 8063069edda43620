"""What rules say and what is foretold, put together: known answers."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.behavior.described import OUTCOMES, RULES
from drivestack.behavior.scorers.appraised import LEAST, Appraised
from drivestack.behavior.scorers.terms import DAC, NC
from drivestack.core.types import Floats

PROGRESS, CONTACT = OUTCOMES.index("progress"), OUTCOMES.index("no_collision")


def totals(
    progress: list[float], said: dict[int, float] | None = None, free: float = 1.0
) -> Floats:
    """Of candidates that are perfect but for these; `said` is of the last one, as `free` is."""
    count = len(progress)
    chance, rules = np.ones((1, count, len(OUTCOMES))), np.ones((1, count, RULES))
    chance[0, :, PROGRESS] = progress
    chance[0, -1, CONTACT] = free
    for term, value in (said or {}).items():
        rules[0, -1, term] = value
    return Appraised().total(chance, rules, np.ones((1, count), np.bool_))[0]


def test_whoever_gets_farthest_is_the_measure() -> None:
    own = Appraised()
    half = totals([0.8, 0.4])
    assert half[0] == pytest.approx(1.0)
    rest = own.ttc_weight + own.comfort_weight
    rest += own.rules.speed_weight + own.rules.line_weight + own.rules.due_weight
    assert half[1] == pytest.approx(
        (rest + 0.5 * own.progress_weight) / (rest + own.progress_weight)
    )


def test_a_measure_that_rules_forbid_is_none() -> None:
    alone, beside = totals([0.4, 0.2]), totals([0.4, 0.2, 0.9], said={NC: 0.0})
    np.testing.assert_allclose(beside[:2], alone)
    assert beside[2] == 0.0


def test_where_nobody_gets_on_nothing_is_compared() -> None:
    own = totals([0.01 * LEAST, 0.0])
    assert own[0] - own[1] < 0.01


def test_margins_of_the_road_leave_a_hint_and_contacts_nothing() -> None:
    assert 0.0 < totals([0.5, 0.5], said={DAC: 0.0})[1] < 0.2
    assert totals([0.5, 0.5], said={NC: 0.0})[1] == 0.0


def test_what_is_foretold_of_contacts_weighs_by_its_power() -> None:
    own = totals([0.5, 0.5], free=0.5)
    assert own[1] / own[0] == pytest.approx(0.5 ** Appraised().trust, rel=0.02)


def test_who_is_not_valid_has_nothing_and_is_no_measure() -> None:
    chance, rules = np.ones((1, 2, len(OUTCOMES))), np.ones((1, 2, RULES))
    chance[0, :, PROGRESS] = [0.4, 0.9]
    found = Appraised().total(chance, rules, np.array([[True, False]]))[0]
    assert found.tolist() == [pytest.approx(1.0), 0.0]
