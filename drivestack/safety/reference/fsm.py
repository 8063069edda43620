"""The Fuzzy Safety Model of the JRC: how hard an attentive driver brakes for whom he follows.

Two fuzzy surrogates: *proactive*, from the stopping distances of both, and *critical*, from what is
left once the speeds are equal. Re-stated from its formulas (Mattas et al. 2022; safety.md, 3).
"""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.compiled import inlined_kernel
from drivestack.core.tables import Row


@dataclass(frozen=True, slots=True)
class Fsm:
    """Parameters of the study of UN R157.

    Attributes:
        response: [s]. brake_min, brake_max: comfortable and strong braking [m/s2].
        lead_brake: what the one ahead may brake with [m/s2]. margin: kept behind him, and once more
        to be at ease [m]. ahead: he is heeded who would be in the lane within this after one would
        have passed him [s].
    """

    response: float = 0.75
    brake_min: float = 4.0
    brake_max: float = 6.0
    lead_brake: float = 7.0
    margin: float = 2.0
    ahead: float = 0.1


@inlined_kernel
def heeded(
    gap: float, aside: float, closing: float, speed: float, lead: float, length: float, own: Row
) -> bool:
    """Whether one beside the lane matters: he is in it before he has been passed.

    Args:
        gap, aside: clear distances ahead and to the side [m]. closing: towards the lane [m/s].
        speed, lead: [m/s]. length: of a car, both are equally long [m].
    """
    if aside <= 0.0:
        return True
    if closing <= 0.0 or speed <= lead:
        return False
    passed = (gap + 2.0 * length) / (speed - lead)
    return aside / closing <= passed + own.ahead


@inlined_kernel
def demand(gap: float, speed: float, lead: float, accel: float, own: Row) -> float:
    """Deceleration that is called for [m/s2], 0 where none is.

    Args:
        gap: [m]. speed, lead: [m/s]. accel: of oneself now [m/s2].
    """
    fear = critical(gap, speed, lead, accel, own)
    if fear > 0.0:
        return own.brake_min + (own.brake_max - own.brake_min) * fear
    return own.brake_min * proactive(gap, speed, lead, own)


@inlined_kernel
def proactive(gap: float, speed: float, lead: float, own: Row) -> float:
    """The surrogate in [0, 1]: 0 where one could stop behind him at ease, 1 where one cannot."""
    theirs = lead * lead / (2.0 * own.lead_brake)
    safe = speed * own.response + speed * speed / (2.0 * own.brake_min) - theirs + own.margin
    unsafe = speed * own.response + speed * speed / (2.0 * own.brake_max) - theirs
    return share(gap - own.margin, safe, unsafe)


@inlined_kernel
def critical(gap: float, speed: float, lead: float, accel: float, own: Row) -> float:
    """The surrogate in [0, 1]: 1 where strong braking after the response time is too late."""
    if speed <= lead:
        return 0.0
    now = max(accel, -own.brake_min)
    then = speed + now * own.response
    if then < lead:  # speeds are equal before one responds
        return 1.0 if gap < (speed - lead) * (speed - lead) / (2.0 * abs(now)) else 0.0
    base = (speed + now * own.response / 2.0 - lead) * own.response
    rest = (then - lead) * (then - lead)
    return share(gap, base + rest / (2.0 * own.brake_min), base + rest / (2.0 * own.brake_max))


@inlined_kernel
def share(value: float, safe: float, unsafe: float) -> float:
    """0 above `safe`, 1 below `unsafe`, linear in between."""
    if value > safe:
        return 0.0
    if value < unsafe:
        return 1.0
    return (value - safe) / (unsafe - safe)
