"""Run the engine on a recorded episode and find the first place where it differs."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.tables import Driver
from drivestack.world.engine import Engine

from .episodes import Recorded, seen

ALWAYS = ("driver", "id", "crashed", "has_impact", "yielding", "lane", "x", "y", "heading", "speed")
ACTED = ("accel", "steer")
"""Of vehicles; an obstacle has no action."""
CONTROLLED = ("target_lane", "target_speed", "route_left")
"""Of bodies that highway-env calls a `ControlledVehicle`; others have no such attributes."""
TIMED = ("timer", "delta")
"""Of IDM and linear drivers."""


@dataclass(frozen=True)
class Mismatch:
    """The first difference: tick, place in the vehicle list, field, and both values."""

    tick: int
    body: int
    field: str
    reference: float
    engine: float


def first_difference(
    recorded: Recorded, tolerance: float = 0.0, engine: Engine | None = None
) -> Mismatch | None:
    """The first field of any body that differs at any tick, or None.

    With a tolerance only positions, headings and speeds are compared (gate 2).
    """
    engine = Engine() if engine is None else engine
    engine.reset([recorded.start])
    for tick in range(len(recorded.n)):
        table = seen(engine.raw()[0])
        reference = recorded.bodies[tick, : recorded.n[tick]]
        if len(table) != len(reference):
            return Mismatch(tick, -1, "number of bodies", len(reference), len(table))
        found = _compare(reference, table, tolerance)
        if found is not None:
            return Mismatch(tick, *found)
        if tolerance == 0.0 and not _same_draws(engine, recorded, tick):
            return Mismatch(tick, -1, "state of the scene's generator", 0.0, 0.0)
        if tick < len(recorded.controls):
            engine.step(recorded.controls[tick : tick + 1], recorded.meta[tick : tick + 1])
    return None


def _compare(reference: NDArray, table: NDArray, tolerance: float) -> tuple | None:
    if tolerance > 0.0:
        for field in ("x", "y", "heading", "speed"):
            far = np.abs(table[field] - reference[field]) > tolerance
            if far.any():
                return _place(field, far, reference, table)
        return None
    driver = reference["driver"]
    vehicle = driver != Driver.OBSTACLE
    controlled = np.isin(driver, (Driver.META, Driver.IDM, Driver.LINEAR))
    timed = np.isin(driver, (Driver.IDM, Driver.LINEAR))
    pushed = reference["has_impact"]
    groups = (
        (ALWAYS, np.ones(len(driver), bool)),
        (ACTED, vehicle),
        (CONTROLLED, controlled),
        (TIMED, timed),
        (("impact_x", "impact_y"), pushed),
        (("lateral_speed", "yaw_rate"), vehicle),
    )
    for fields, where in groups:
        for field in fields:
            differs = where & (table[field] != reference[field])
            if differs.any():
                return _place(field, differs, reference, table)
    return None


def _place(field: str, differs: NDArray, reference: NDArray, table: NDArray) -> tuple:
    body = int(np.flatnonzero(differs)[0])
    return body, field, float(reference[field][body]), float(table[field][body])


def _same_draws(engine: Engine, recorded: Recorded, tick: int) -> bool:
    """Whether the scene's generator stands at the same place."""
    generator = engine._generators[0]
    if generator is None:
        return True
    return generator.bit_generator.state == json.loads(str(recorded.generators[tick]))
