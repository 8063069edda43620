"""Every problem of a whole suite is solved to optimality; none is left to the fallback."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.motion.mpc.solve import TOLERANCE
from tests.motion.mpc.suite import solved

DEMO = Path(__file__).resolve().parents[3] / "scenarios" / "demo.yaml"


def check(lagged: bool, step: int, solves: int) -> None:
    found = solved(DEMO, lagged, step)
    assert found.solves > solves
    assert found.fallbacks == 0
    assert found.largest_residual < TOLERANCE


@pytest.mark.parametrize("lagged", [False, True])
def test_solves_of_every_sixth_scenario_of_the_demo_suite(lagged: bool) -> None:
    check(lagged, 6, 800)


@pytest.mark.nightly
@pytest.mark.parametrize("lagged", [False, True])
def test_every_solve_of_the_demo_suite(lagged: bool) -> None:
    check(lagged, 1, 5000)
