"""When moving bodies meet: boxes at constant velocities, discs that grow, cars on one line."""

from __future__ import annotations

import math

from .compiled import kernel

_HALVINGS = 60
"""Bisections of a bracket: 100 s are cut to below 1e-15 s each."""


@kernel
def boxes_meet(
    x: float, y: float, yaw: float, u: float, w: float, a: float, b: float, p: float, q: float
) -> float:
    """Time until two boxes touch at constant velocities and headings [s], else infinite.

    Exact: on each of the four separating axes the boxes' shadows meet during one interval of time.

    Args:
        x, y, yaw: the other's pose in the own frame [m], [rad]. u, w: its velocity relative to the
        own, in that frame [m/s]. a, b: half the own length and width [m]. p, q: half the other's.
    """
    c, s = math.cos(yaw), math.sin(yaw)
    ac, as_ = abs(c), abs(s)
    first, last = 0.0, math.inf
    for axis in range(4):
        if axis == 0:
            at, speed, reach = x, u, a + (p * ac + q * as_)
        elif axis == 1:
            at, speed, reach = y, w, b + (p * as_ + q * ac)
        elif axis == 2:
            at, speed, reach = x * c + y * s, u * c + w * s, p + (a * ac + b * as_)
        else:
            at, speed, reach = y * c - x * s, w * c - u * s, q + (a * as_ + b * ac)
        if speed == 0.0:
            if abs(at) > reach:
                first = math.inf
        else:
            middle, half = -at / speed, reach / abs(speed)
            first, last = max(first, middle - half), min(last, middle + half)
    return first if first <= last else math.inf


@kernel
def growing_discs_meet(dd: float, dv: float, vv: float, reach: float, acceleration: float) -> float:
    """First root [s] of h(t) = (r + a t^2 / 2)^2 - abs(d + v t)^2, by three scalar products.

    h starts negative and is concave before its one inflection, convex and unbounded after it: the
    first root is on the rise to the peak of the concave part, or else the only one after it.

    Args:
        dd, dv, vv: products of the distance d [m] and the relative velocity v [m/s].
        reach: sum of both radii [m]. acceleration: sum of both, positive [m/s2].
    """
    quartic, square = 0.25 * acceleration * acceleration, reach * acceleration - vv
    slope, start = -2.0 * dv, reach * reach - dd
    if start >= 0.0:
        return 0.0
    turn = math.sqrt(max(-square, 0.0) / (6.0 * quartic))
    # on [0, turn] the slope of h falls
    low, peak = 0.0, turn
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + peak)
        if (4.0 * quartic * middle * middle + 2.0 * square) * middle + slope > 0.0:
            low = middle
        else:
            peak = middle
    if _excess(quartic, square, slope, start, peak) >= 0.0:
        low, high = 0.0, peak
    else:
        # by then even the distance's upper bound abs(d) + abs(v) t is reached
        room = math.sqrt(dd) - reach
        latest = (math.sqrt(vv) + math.sqrt(vv + 2.0 * acceleration * room)) / acceleration
        low, high = turn, max(latest, turn)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if _excess(quartic, square, slope, start, middle) < 0.0:
            low = middle
        else:
            high = middle
    return high


@kernel
def _excess(quartic: float, square: float, slope: float, start: float, t: float) -> float:
    """h(t) of `growing_discs_meet`."""
    return ((quartic * t * t + square) * t + slope) * t + start


@kernel
def gap_closes(gap: float, v: float, a: float, lead: float, lead_a: float) -> float:
    """Time until a gap closes at constant accelerations [s], infinite where it never does.

    Nobody reverses: who brakes to a stop stays there, which public formulas forget.

    Args:
        gap: [m]. v, lead: speeds of the one behind and the one ahead [m/s], at least 0.
        a, lead_a: their accelerations, signed [m/s2].
    """
    if gap <= 0.0:
        return 0.0
    passed = 0.0
    for _ in range(3):  # until one stops, until the other stops, then for ever
        if v <= 0.0 and a < 0.0:
            v, a = 0.0, 0.0
        if lead <= 0.0 and lead_a < 0.0:
            lead, lead_a = 0.0, 0.0
        until = math.inf
        if a < 0.0:
            until = -v / a
        if lead_a < 0.0:
            until = min(until, -lead / lead_a)
        closing, pull = v - lead, a - lead_a
        inside = closing * closing + 2.0 * pull * gap
        # this form of the root has no division by an acceleration that may be 0
        divisor = closing + math.sqrt(max(inside, 0.0))
        if inside >= 0.0 and divisor > 0.0:
            time = 2.0 * gap / divisor
            if time <= until:
                return passed + time
        if until == math.inf:
            return math.inf
        gap -= closing * until + 0.5 * pull * until * until
        passed += until
        v = v + a * until if a >= 0.0 or -v / a > until else 0.0
        lead = lead + lead_a * until if lead_a >= 0.0 or -lead / lead_a > until else 0.0
        if gap <= 0.0:  # by rounding
            return passed
    return math.inf
