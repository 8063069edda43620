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

NEARS, PARTS, COMES, TIMES = 0, 1, 2, 3
"""Places in when the other is too near sideways: from one sample until before another, as an ego
that shifts away may be at first, and from a third one on; and how many places."""

COURSE = SPEEDS + LONGEST


NOTHING, BRAKE, SPEED_UP = 0, 1, 2
"""Commands."""


@inlined_kernel
def pedals(command: int, effort: float, step: float, rule: Row, brakes: Row) -> float:
    """Deceleration a sample later [m/s2], below 0 where the ego speeds up; let go, it is 0."""
    if command == BRAKE:
        return min(max(effort, 0.0) + step * brakes.jerk, brakes.full)
    if command == SPEED_UP:
        return max(min(effort, 0.0) - step * rule.surge_jerk, -rule.surge)
    return 0.0


@inlined_kernel
def passed_on(pipe: NDArray, delay: int, command: int) -> int:
    """The command that arrives when one is given, which takes its place behind those under way."""
    if delay == 0:
        return command
    arrives_now = pipe[0]
    for t in range(delay - 1):
        pipe[t] = pipe[t + 1]
    pipe[delay - 1] = command
    return arrives_now


@hot_kernel
def roll(
    course: NDArray, state: NDArray, pipe: NDArray, delay: int, command: int, begin: int,
    spare: float, size: NDArray, rule: Row, brakes: Row,
) -> None:  # fmt: skip
    """Write a course of the ego, (COURSE,).

    Args:
        state: centre distance ahead, speed of both, deceleration [m, m/s, m/s2]. pipe: (delay,)
        commands under way. command: given `begin` samples from now, after those, and from then on.
        spare: more length than there is [m].
    """
    ahead, v, other, effort = state[0], state[1], state[2], state[3]
    long, step = size[0] + spare - rule.shallow, size[2]
    course[ENTERS], course[LEAVES] = NEVER, -1.0
    for t in range(LONGEST):
        course[STAYS], course[SPEEDS + t] = t, v
        if abs(ahead) < long:
            if course[ENTERS] == NEVER:
                course[ENTERS] = t
            course[LEAVES] = t
        slows = command != SPEED_UP and v <= other and ahead >= long
        if ahead <= -size[0] - spare or slows:
            return  # passed, or no longer closing: nothing but braking is to come
        if t >= delay and command == NOTHING:
            _coast(course, t, ahead, v - other, long, step)
            return
        given = command if t - delay >= begin else NOTHING
        effort = pedals(pipe[t] if t < delay else given, effort, step, rule, brakes)
        v = max(v - step * effort, 0.0)
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
    elif closing < 0.0:  # they overlap: who is ahead and no slower was let go before
        course[LEAVES] = t + int((long - ahead) / (-step * closing))
    else:
        course[LEAVES] = NEVER


@hot_kernel
def arrives(
    beside: NDArray, y: float, speed: float, growth: float, rising: int, since: int,
    offsets: NDArray, size: NDArray, rule: Row,
) -> None:  # fmt: skip
    """Write when the other is too near sideways, (TIMES,); NEVER: he does not come.

    Args:
        y: distance of the centres without a shift [m]. speed: towards the ego's lane [m/s], growing
        by `growth` in each of `rising` samples, to the fastest that is thought of. since: samples
        since the ego began to shift; below 0: until it does. offsets: (T,) its shift by then [m].
    """
    step, last = size[2], len(offsets) - 1
    far = y - size[1] + rule.shallow
    beside[NEARS], beside[PARTS], beside[COMES] = 0.0, 0.0, NEVER
    shifting = max(last - since, 0) if since > -LONGEST else 0
    near = False
    for t in range(max(rising, shifting)):
        moved = offsets[min(max(since + t, 0), last)]
        if far + moved < 0.0:
            if not near:
                beside[COMES] = t
            near = True
        elif near:
            near = False
            beside[NEARS], beside[PARTS], beside[COMES] = beside[COMES], t, NEVER
        far -= step * speed
        if t < rising:
            speed = min(speed + growth, rule.fastest)
    if near:
        return
    then = max(rising, shifting)
    far += offsets[min(max(since + then, 0), last)]
    if far < 0.0:
        beside[COMES] = then
    elif speed > 0.0:
        beside[COMES] = min(then + int(far / (step * speed)) + 1.0, NEVER)


@inlined_kernel
def impact(course: NDArray, beside: NDArray, other: float) -> float:
    """Closing speed at the contact [m/s], below 0 where there is none."""
    at = max(beside[NEARS], course[ENTERS])
    if at >= beside[PARTS]:
        at = max(beside[COMES], course[ENTERS])
    if at > course[LEAVES]:
        return -1.0
    return abs(course[SPEEDS + int(min(at, course[STAYS]))] - other)
