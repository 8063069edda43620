"""Expected losses of braking now, later, or not, over futures of which each has its chance.

Each future will show itself after some samples. Braking now is weighed against every plan of the
kind "brake in j samples whoever has not shown himself harmless by then".
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.tables import Row

from .courses import BRAKE, NOTHING, OTHER, impact, roll
from .stopping import cost

WEIGHT, SHOWN, TWIN, FUTURE = 3, 4, 5, 6
"""Columns of a table of futures, after those of `arrives`: how likely, the sample at which it will
have shown itself, the impact if the ego had never braked; and how many columns."""

ALONE, COASTS, BRAKES = 0, 1, 2
"""Places among courses: never braked, does nothing from now on, brakes now, a sample later, ..."""

MOST_COURSES = BRAKES + 31 + 8


@dataclass(frozen=True, slots=True)
class Expected:
    """Parameters beside those of the rule.

    Attributes:
        harm: price of a contact that there is only because of braking, above a contact's 1.
        settles: samples until a settled speed is known well. shows: samples until the end of
        turning in is seen. going_on: price of braking on in vain. least: chance of a contact
        below which nothing is weighed.
    """

    harm: float = 2.0
    settles: float = 3.0
    shows: float = 1.0
    going_on: float = 0.01
    least: float = 0.01


@hot_kernel
def _loss(
    f: int, futures: NDArray, course: NDArray, other: float, rule: Row, expected: Row
) -> float:
    """Of a course that brakes, in one future, by its weight."""
    twin = futures[f, TWIN]
    loss = cost(impact(course, futures[f], other), rule)
    if twin < 0.0:
        loss += rule.price + (expected.harm if loss > 0.0 else 0.0)
    return futures[f, WEIGHT] * loss


@hot_kernel
def _touches(count: int, futures: NDArray, course: NDArray, nothing: NDArray, other: float) -> bool:
    """Whether a course touches in any future in which doing nothing does."""
    for f in range(count):
        future = futures[f]
        if impact(nothing, future, other) >= 0.0 and impact(course, future, other) >= 0.0:
            return True
    return False


@hot_kernel
def acts_by_loss(
    count: int, futures: NDArray, state: NDArray, pipe: NDArray, delay: int, courses: NDArray,
    size: NDArray, rule: Row, expected: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether braking now loses least."""
    other, nothing = state[OTHER], courses[COASTS]
    roll(nothing, state, pipe, delay, NOTHING, 0, 0.0, size, rule, brakes)
    touched, latest = 0.0, 1
    for f in range(count):
        if impact(nothing, futures[f], other) >= 0.0:
            touched += futures[f, WEIGHT]
            latest = max(latest, int(futures[f, SHOWN]))
    if touched < expected.least:
        return False
    roll(courses[BRAKES + latest], state, pipe, delay, BRAKE, latest, 0.0, size, rule, brakes)
    if not _touches(count, futures, courses[BRAKES + latest], nothing, other):
        return False
    for j in range(latest):
        roll(courses[BRAKES + j], state, pipe, delay, BRAKE, j, 0.0, size, rule, brakes)
    now = 0.0
    for f in range(count):
        now += _loss(f, futures, courses[BRAKES], other, rule, expected)
    for j in range(latest + 1, 0, -1):
        loss = 0.0
        for f in range(count):
            known = futures[f, SHOWN] < j
            if known and impact(nothing, futures[f], other) < 0.0:
                continue
            begin = min(j, int(futures[f, SHOWN]))
            loss += _loss(f, futures, courses[BRAKES + begin], other, rule, expected)
            if loss > now:
                break
        if loss <= now:
            return False
    return True


@hot_kernel
def goes_on_by_loss(
    count: int, futures: NDArray, state: NDArray, pipe: NDArray, delay: int, courses: NDArray,
    size: NDArray, rule: Row, expected: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether letting go loses more than braking on."""
    roll(courses[COASTS], state, pipe, delay, NOTHING, 0, rule.spare, size, rule, brakes)
    roll(courses[BRAKES], state, pipe, delay, BRAKE, 0, 0.0, size, rule, brakes)
    on = off = 0.0
    for f in range(count):
        harm = 0.0 if futures[f, TWIN] >= 0.0 else expected.harm
        let = cost(impact(courses[COASTS], futures[f], state[OTHER]), rule)
        if let > 0.0:
            off += futures[f, WEIGHT] * (let + harm)
        else:
            on += futures[f, WEIGHT] * expected.going_on
        kept = cost(impact(courses[BRAKES], futures[f], state[OTHER]), rule)
        if kept > 0.0:
            on += futures[f, WEIGHT] * (kept + harm)
    return off > on
