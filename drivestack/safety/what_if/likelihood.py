"""How likely a road user takes a way: by what it does now, and by what the way asks of it ahead.

A way fits if the body turns as the way does here, moves aside no more than who keeps to a lane,
and if the next bends can still be driven without braking as hardly anybody brakes for a bend.
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.tables import Row

_HERE = 0.3
"""What lies this far ahead [s] is driven now; our choice: between two looks of a slow tracker."""

_STRETCH = 2.0
"""Length over which a bend is measured [m]; our choice: lanes of recordings have corners."""


@hot_kernel
def _bend(table: NDArray, count: int, spacing: float, start: float) -> float:
    """Curvature of a trace from `start` on [1/m]."""
    first = min(int(start / spacing), count - 1)
    last = min(first + max(int(_STRETCH / spacing + 0.5), 1), count - 1)
    if last == first:
        return 0.0
    return (table[last, 2] - table[first, 2]) / ((last - first) * spacing)


@hot_kernel
def turning_fits(
    table: NDArray, count: int, spacing: float, v: float, turn: float, own: Row
) -> float:
    """Likelihood of a yaw rate [rad/s] of who drives this trace, at its most 1."""
    expected = v * _bend(table, count, spacing, 0.5 * _HERE * v)
    z = (turn - expected) / (own.unsteady + own.loose * abs(expected))
    return math.exp(-0.5 * z * z)


@hot_kernel
def speed_fits(
    table: NDArray, count: int, spacing: float, v: float, gain: float, own: Row
) -> float:
    """Likelihood of a speed [m/s] and acceleration [m/s2] before the bends ahead, at most 1."""
    worst = 0.0
    step = max(int(_STRETCH / spacing + 0.5), 1)
    for k in range(int(_HERE * v / spacing) + 1, count - step, step):
        bend = abs(table[k + step, 2] - table[k, 2]) / (step * spacing)
        excess = v * v * bend - own.cornering
        if excess > 0.0:
            # brakes from here on until what the tyres of a comfortable driver hold
            worst = max(worst, excess / bend / (2.0 * k * spacing))
    z = max(worst - max(-gain, 0.0), 0.0) / own.slowing
    return math.exp(-0.5 * z * z)


@hot_kernel
def way_fits(
    table: NDArray, count: int, spacing: float, v: float, gain: float, turn: float, cuts: bool,
    own: Row,
) -> float:  # fmt: skip
    """How likely somebody takes this way, beside others.

    Args:
        gain, turn: his acceleration [m/s2] and yaw rate [rad/s]. cuts: the way cuts across lanes.
    """
    fits = turning_fits(table, count, spacing, v, turn, own)
    fits = max(fits * speed_fits(table, count, spacing, v, gain, own), own.doubt)
    return fits * own.cutting if cuts else fits


@hot_kernel
def drifting_fits(
    table: NDArray, count: int, spacing: float, v: float, lateral: float, aside: float,
    outside: bool, own: Row,
) -> float:  # fmt: skip
    """Density of place and speed across a trace of who keeps to it [s/m2]; in bends they vary.

    Args:
        lateral: distance from the trace [m]. aside: lateral speed [m/s]. outside: of its lane.
    """
    bend = abs(_bend(table, count, spacing, 0.0))
    spread = own.wander + v * v * bend * own.early
    z = aside / spread
    # how far it is on its way already; half a lane is as far as an offset can tell
    q = 0.0
    if outside:
        q = own.own / own.offset
    elif abs(aside) >= own.slight:
        q = min(max(math.copysign(1.0, aside) * lateral, 0.0), own.own) / own.offset
    return math.exp(-0.5 * (z * z + q * q)) / (2.0 * math.pi * spread * own.offset)


@hot_kernel
def leaving(keeps: float, aside: float, own: Row) -> float:
    """How likely one leaves its lane, by Bayes' rule.

    Args:
        keeps: density of its place and speed if it stays on one of its ways [s/m2]. aside: lateral
        speed [m/s]; who does not move aside does not leave.
    """
    if abs(aside) < own.slight:
        return 0.0
    # on its way from one side of the lane's middle to the next lane, at any speed
    leaves = own.leaving * 0.5 / own.fastest / (3.0 * own.own)
    # nobody drifts so fast who does not mean it
    most = own.surest if abs(aside) < own.fastest else 1.0
    return min(leaves / (leaves + (1.0 - own.leaving) * keeps), most)
