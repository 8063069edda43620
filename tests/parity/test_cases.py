"""The engine against highway-env in hand-made scenes, one or more per rule of the parity note."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.tables import Meta
from drivestack.world.engine import Engine

from .cases import CASES, recorded, tolerance
from .compare import first_difference
from .episodes import seen


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    """Every field equal at every tick."""
    assert first_difference(recorded()[name], tolerance()) is None


def test_slots_do_not_mix() -> None:
    """All cases in one batch, whatever their rates and maps: the same bits as alone."""
    cases = list(recorded().values())
    ticks = max(len(case.controls) for case in cases)
    controls = np.zeros((ticks, len(cases), 2))
    metas = np.full((ticks, len(cases)), Meta.NONE, np.int32)
    for slot, case in enumerate(cases):
        controls[: len(case.controls), slot] = case.controls
        metas[: len(case.meta), slot] = case.meta
    world, alone = Engine(), Engine()
    world.reset([case.start for case in cases])
    found = []
    for tick in range(ticks):
        found.append([seen(bodies) for bodies in world.raw()])
        world.step(controls[tick], metas[tick])
    for slot, case in enumerate(cases):
        alone.reset([case.start])
        for tick in range(len(case.controls)):
            assert seen(alone.raw()[0]).tobytes() == found[tick][slot].tobytes(), (slot, tick)
            alone.step(case.controls[tick : tick + 1], case.meta[tick : tick + 1])
