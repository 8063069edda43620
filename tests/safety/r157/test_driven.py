"""The grid to the last case: nobody, braking at first motion, and every reference model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.safety.r157.cases import ramps
from drivestack.safety.r157.driven import Model, Strike, drive
from tests.safety.r157.grid import RANGES, outcomes, split

pytestmark = pytest.mark.compiled

COLLISIONS = {
    "low": {"no_action": 12_333, "cc": 3_728, "reg157": 2_252, "rss": 880, "fsm": 901},
    "high": {"no_action": 9_240, "cc": 3_552, "reg157": 2_869, "rss": 1_491, "fsm": 1_649},
}
NEEDLESS = {
    "low": {"rss": (2_070, 1_777), "fsm": (166, 140), "reg157": (408, 195)},
    "high": {"rss": (3_233, 2_606), "fsm": (421, 394), "reg157": (746, 328)},
}
"""Of the safe cases: a reaction began, a speed was reduced (`r157_what_if.md`, 2)."""

CC_DIFFERS = {"low": [], "high": [(130, 40, 95, 9), (130, 70, 55, 13)]}
"""Ego and other [km/h], gap [m], lateral speed [0.1 m/s]."""


@pytest.mark.shared
@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("model", ["reg157", "rss", "fsm", "cc"])
def test_reference_models_to_the_last_case(shared: Path, name: str, model: str) -> None:
    cases = RANGES[name]()
    wanted = split(outcomes(shared), cases)[model].astype(int)
    found = drive(cases, ramps(), Model[model.upper()])
    differs = np.flatnonzero(found.strike != wanted)
    named = [
        (round(cases.ego[n] * 3.6), round(cases.other[n] * 3.6), cases.gap[n], cases.aside[n])
        for n in differs
    ]
    assert named == (CC_DIFFERS[name] if model == "cc" else [])


@pytest.mark.shared
@pytest.mark.parametrize("name", RANGES)
def test_bounds_to_the_last_case(shared: Path, name: str) -> None:
    cases = RANGES[name]()
    wanted = split(outcomes(shared), cases)
    path = ramps()
    nobody = drive(cases, path).strike != Strike.NONE
    np.testing.assert_array_equal(nobody, wanted["no_action"] == 1)
    at_once = drive(cases, path, begin=np.where(cases.aside > 0, 0, 1 << 30)).strike
    np.testing.assert_array_equal(at_once != Strike.NONE, wanted["brake_at_first_motion"] == 1)
    best = nobody.copy()
    for sample in (0, 5, 10, 15, 20, 30):
        best &= drive(cases, path, begin=sample).strike != Strike.NONE
    np.testing.assert_array_equal(best, wanted["best_of_brake_delays"] == 1)


@pytest.mark.parametrize("name", RANGES)
def test_collisions_of_the_table(name: str) -> None:
    cases, path = RANGES[name](), ramps()
    safe = drive(cases, path).strike == Strike.NONE
    for model, count in COLLISIONS[name].items():
        driver = Model.NOBODY if model == "no_action" else Model[model.upper()]
        found = drive(cases, path, driver)
        assert (found.strike != Strike.NONE).sum() == count, model
        if model in NEEDLESS[name]:
            needless = (found.flagged & safe).sum(), (found.braked & safe).sum()
            assert needless == NEEDLESS[name][model], model


def test_a_case_does_not_depend_on_the_others() -> None:
    cases, path = RANGES["low"](), ramps()
    whole = drive(cases, path, Model.FSM)
    for n in (0, 7_777, 15_929):
        one = type(cases)("one", *(getattr(cases, f)[n : n + 1] for f in
                                   ("ego", "other", "gap", "aside")))  # fmt: skip
        assert drive(one, path, Model.FSM).strike[0] == whole.strike[n]
