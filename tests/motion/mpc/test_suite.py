"""Every problem of a whole suite is solved to optimality; none is left to the fallback."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.motion.mpc.solve import TOLERANCE
from tests.motion.mpc.suite import solved

DEMO = Path(__file__).resolve().parents[3] / "scenarios" / "demo.yaml"


@pytest.mark.slow
@pytest.mark.parametrize("lagged", [pytest.param(False, marks=pytest.mark.nightly), True])
def test_every_solve_of_the_demo_suite(lagged: bool) -> None:
    found = solved(DEMO, lagged)
    assert found.solves > 5000
    assert found.fallbacks == 0
    assert found.largest_residual < TOLERANCE
