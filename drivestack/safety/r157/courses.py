"""Roll-outs of what-if: when the cars overlap lengthwise, and when the other one arrives sideways.

As the other only ever comes nearer sideways, a contact is the first sample of both: what the ego
may do is rolled out once, not again for every future of the other.
"""

from __future__ import annotations

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import Row

from .driven import NEVER

LONGEST = 400
"""Samples of a course that are kept: braking from any speed of the grid takes less than 150."""

ENTERS, LEAVES, STAYS, SPEEDS = 0, 1, 2, 3
"""Places in a course: first and last sample of overlap, the sample after which the ego's speed
stays as it is, then its speed at each sample up to that one."""

OTHER = 2
"""Place of the other's speed in a state."""

COURSE = SPEEDS + LONGEST


@hot_kernel
def roll(
    course: NDArray, state: NDArray, pipe: NDArray, delay: int, begin: int, spare: float,
    size: NDArray, rule: Row, brakes: Row,
) -> None:  # fmt: skip
    """Write a course of the ego, (COURSE,).

    Args:
        state: centre distance ahead, speed of both, deceleration [m, m/s, m/s2]. pipe: (delay,)
        whether the commands under way brake. begin: samples from now, after those, from which on
        it brakes. spare: more length than there is [m].
    """
    ahead, v, other, brake = state[0], state[1], state[2], state[3]
    long, step = size[0] + spare - rule.shallow, size[2]
    course[ENTERS], course[LEAVES] = NEVER, -1.0
    for t in range(LONGEST):
        course[STAYS], course[SPEEDS + t] = t, v
        if abs(ahead) < long:
            if course[ENTERS] == NEVER:
                course[ENTERS] = t
            course[LEAVES] = t
        still = t >= delay and begin == NEVER
        if ahead <= -size[0] - spare or (v <= other and ahead >= long):
            return  # passed, or no longer closing: nothing but braking is to come
        if still:
            _coast(course, t, ahead, v - other, long, step)
            return
        if pipe[t] if t < delay else t - delay >= begin:
            brake = min(brake + step * brakes.jerk, brakes.full)
        else:
            brake = 0.0
        v = max(v - step * brake, 0.0)
        ahead += step * (other - v)


@inlined_kernel
def _coast(course: NDArray, t: int, ahead: float, closing: float, long: float, step: float) -> None:
    """Write the overlap at constant speeds, from a sample on."""
    if closing > 0.0:
        if ahead >= long:
            course[ENTERS] = t + int((ahead - long) / (step * closing)) + 1.0
        last = t + (ahead + long) / (step * closing)
        course[LEAVES] = max(int(last) if int(last) < last else int(last) - 1, t)
        if course[LEAVES] < course[ENTERS]:
            course[ENTERS], course[LEAVES] = NEVER, -1.0
    elif ahead < long:
        if closing < 0.0:
            course[LEAVES] = t + int((long - ahead) / (-step * closing))
        else:
            course[LEAVES] = NEVER


@hot_kernel
def arrives(y: float, speed: float, growth: float, rising: int, size: NDArray, rule: Row) -> float:
    """The first sample at which the other is beside no longer, NEVER if he does not come.

    Args:
        y: distance of the centres [m]. speed: towards the ego's lane [m/s], growing by `growth` in
        each of `rising` samples, to the fastest that is thought of.
    """
    step = size[2]
    far = y - size[1] + rule.shallow
    for t in range(rising):
        if far < 0.0:
            return t
        far -= step * speed
        speed = min(speed + growth, rule.fastest)
    if far < 0.0:
        return rising
    if speed <= 0.0:
        return NEVER
    return min(rising + int(far / (step * speed)) + 1.0, NEVER)


@inlined_kernel
def impact(course: NDArray, arrival: float, other: float) -> float:
    """Closing speed at the contact [m/s], below 0 where there is none."""
    at = max(arrival, course[ENTERS])
    if at > course[LEAVES]:
        return -1.0
    return abs(course[SPEEDS + int(min(at, course[STAYS]))] - other)
