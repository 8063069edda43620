"""How else he may come over: he completes a sinusoidal lane change; and which family is believed.

Place and lateral speed say all of a sinusoid of given width. Families are weighed by how well they
foretold the lateral speed of the last samples.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import Row

from .courses import COMES, NEARS, PARTS
from .driven import NEVER

RAMP_ERROR, SINE_ERROR, FORETOLD = 0, 1, 2
"""Places in what is remembered of a case: squared errors of both families, faded, and the lateral
speed that the sinusoid foretells for the next sample, below 0 where there is none."""

REMEMBERED = 3


@inlined_kernel
def _phase(y: float, lane: float) -> float:
    """Of a sinusoid across a lane, from 0 to pi."""
    return math.acos(min(max(2.0 * y / lane - 1.0, -1.0), 1.0))


@inlined_kernel
def pace(y: float, speed: float, lane: float, step: float) -> float:
    """Phase that he gains in a sample on a sinusoid across the lane; 0: he is on none."""
    if y > lane + 1e-9 or speed <= 0.0:
        return 0.0
    return _phase(y - step * speed, lane) - _phase(y, lane)


@hot_kernel
def sine_arrives(
    beside: NDArray, y: float, speed: float, lane: float, moved: float, size: NDArray
) -> None:
    """Write when he is too near if he completes a sinusoid, (TIMES,), as `arrives` does.

    Args:
        moved: how far the ego has shifted, or is about to [m].
    """
    wide = size[1] - moved
    beside[NEARS], beside[PARTS], beside[COMES] = 0.0, 0.0, NEVER
    gained = pace(y, speed, lane, size[2])
    if y < wide:
        beside[COMES] = 0.0
    elif gained > 0.0:
        left = _phase(wide, lane) - _phase(y, lane)
        beside[COMES] = min(int(left / gained) + 1.0, NEVER)


@hot_kernel
def remember(
    memory: NDArray, y: float, speed: float, before: float, grown: float, lane: float,
    size: NDArray, rule: Row,
) -> None:  # fmt: skip
    """Judge both families by a sample, (3,), and foretell the next.

    Args:
        before: lateral speed of the last sample [m/s]. grown: its growth then [m/s].
    """
    now = speed - before
    off = abs(now)  # it stays
    if grown > rule.growth:  # or grows on, or ends to grow between two samples
        off = min(off, abs(now - grown))
        if 0.0 < now < grown:
            off = min(off, 0.5 * rule.growth)
    if before <= 0.0:  # nobody foretells that he sets off
        off = 0.0
    memory[RAMP_ERROR] = rule.memory * memory[RAMP_ERROR] + off * off
    gained = pace(y, speed, lane, size[2])
    off = speed - memory[FORETOLD] if memory[FORETOLD] >= 0.0 else 0.0
    if gained <= 0.0:  # he is on none
        off = rule.growth
    memory[SINE_ERROR] = rule.memory * memory[SINE_ERROR] + off * off
    memory[FORETOLD] = -1.0
    if gained > 0.0:
        there = _phase(y, lane) + gained
        after = min(there + gained, math.pi)
        memory[FORETOLD] = 0.5 * lane * (math.cos(there) - math.cos(after)) / size[2]


@hot_kernel
def chance_of_sine(memory: NDArray, rule: Row) -> float:
    """How likely he is on a sinusoid; both families are as likely before anything was seen."""
    better = 0.5 * (memory[SINE_ERROR] - memory[RAMP_ERROR]) / (rule.exact * rule.exact)
    chance = 1.0 / (1.0 + math.exp(min(max(better, -50.0), 50.0)))
    if chance < rule.unlikely:
        return 0.0
    return 1.0 if chance > 1.0 - rule.unlikely else chance
