"""The grid through the engine: the same motion, a stack judged beside who does nothing."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.safety.r157.cases import LENGTH, STEP, ramps
from drivestack.safety.r157.grid import grid_of
from drivestack.sim.cut_ins import stack_row, starts_of


def test_first_states_are_the_grids() -> None:
    path, cases = ramps(), grid_of("ramp", 2_000).ranges[0].cases
    for n, start in enumerate(starts_of(cases, path)):
        k = cases.aside[n]
        lead = int(path.lead[k])
        ego = start.bodies[int(start.slot["ego"][0])]
        assert ego["speed"] == pytest.approx(cases.ego[n])
        every = round(STEP * start.rates.physics)
        samples = start.replay[::every]
        aside = samples["y"] - ego["y"]
        np.testing.assert_allclose(aside[: len(samples)], path.y[k, : len(samples)], atol=1e-9)
        ego_then = ego["x"] + cases.ego[n] * STEP * lead
        assert samples["x"][lead] - ego_then - LENGTH == pytest.approx(cases.gap[n], abs=1e-6)


@pytest.mark.slow
def test_a_stack_is_judged_beside_who_keeps_its_speed() -> None:
    grid = grid_of("ramp", 2_500)
    found = stack_row("idm", grid)
    for alone, own in ((found.nobody.low, found.stack.low), (found.nobody.high, found.stack.high)):
        assert alone.acted == 0
        assert alone.collisions == alone.needed == own.needed > 0
        assert own.cases == alone.cases
        assert own.collisions <= own.cases
    assert found.stack.low.acted + found.stack.high.acted > 0


def test_an_unknown_stack_is_a_sentence() -> None:
    with pytest.raises(InputError, match="idm"):
        stack_row("idmm", grid_of("ramp", 3_000))
