"""When the what-if rule brakes: on what is certain, or by optimal stopping; and when it lets go.

A future of the other is when he is too near sideways (`courses.arrives`); an option of the ego is
a course (`courses.roll`).
"""

from __future__ import annotations

import math

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import Row

from .courses import BRAKE, NOTHING, OTHER, SPEED_UP, impact, roll


@inlined_kernel
def cost(impact: float, rule: Row) -> float:
    """Of a contact at a closing speed [m/s], in collisions; 0 where there is none."""
    return 0.0 if impact < 0.0 else 1.0 + rule.severity * impact


@hot_kernel
def acts_settled(
    beside: NDArray, state: NDArray, pipe: NDArray, delay: int, courses: NDArray, size: NDArray,
    rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """The certain rule: a contact is foretold, and soon braking will not clear it."""
    roll(courses[0], state, pipe, delay, NOTHING, 0, 0.0, size, rule, brakes)
    if impact(courses[0], beside, state[OTHER]) < 0.0:
        return False
    roll(courses[0], state, pipe, delay, BRAKE, int(rule.late), 0.0, size, rule, brakes)
    return impact(courses[0], beside, state[OTHER]) >= 0.0


@hot_kernel
def acts_turning(
    besides: NDArray, futures: int, state: NDArray, pipe: NDArray, delay: int, courses: NDArray,
    size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Optimal stopping along the ramp: brake now, or learn first whether it ends here."""
    nothing, other = courses[futures + 1], state[OTHER]
    roll(nothing, state, pipe, delay, NOTHING, 0, 0.0, size, rule, brakes)
    value = wait = now = 0.0
    for j in range(futures, -1, -1):
        roll(courses[j], state, pipe, delay, BRAKE, j, 0.0, size, rule, brakes)
        now = stop = 0.0
        for m in range(j, futures + 1):
            if impact(nothing, besides[m], other) < 0.0:
                now += rule.price
                continue
            left = cost(impact(courses[j], besides[m], other), rule)
            now += left
            if m == j:
                stop = left
        wait = stop + value
        value = min(now, wait)
    return now < wait


@hot_kernel
def goes_on(
    besides: NDArray, futures: int, state: NDArray, pipe: NDArray, delay: int, courses: NDArray,
    size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether letting go would touch in any future that is still open."""
    spare = rule.spare if futures == 0 else 0.0
    roll(courses[0], state, pipe, delay, NOTHING, 0, spare, size, rule, brakes)
    for m in range(futures + 1):
        if impact(courses[0], besides[m], state[OTHER]) >= 0.0:
            return True
    return False


@hot_kernel
def acts(
    besides: NDArray, futures: int, turning: bool, chance: float, state: NDArray,
    pipe: NDArray, delay: int, courses: NDArray, size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether the families whose rule acts are likely enough for the price of acting in vain."""
    likely = 0.0
    if chance < 1.0:
        # what the present speed foretells comes all the more if it still grows
        if turning and rule.price < math.inf:
            acts = acts_turning(besides, futures, state, pipe, delay, courses, size, rule, brakes)
        else:
            acts = acts_settled(besides[0], state, pipe, delay, courses, size, rule, brakes)
        likely += 1.0 - chance if acts else 0.0
    if chance > 0.0 and acts_settled(
        besides[futures + 1], state, pipe, delay, courses, size, rule, brakes
    ):  # fmt: skip
        likely += chance
    return likely == 1.0 or likely > rule.price * (1.0 - likely)


@hot_kernel
def any_goes_on(
    besides: NDArray, futures: int, chance: float, state: NDArray, pipe: NDArray,
    delay: int, courses: NDArray, size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether any family that is thought of needs braking on."""
    if chance < 1.0 and goes_on(
        besides, futures, state, pipe, delay, courses, size, rule, brakes
    ):  # fmt: skip
        return True
    return chance > 0.0 and goes_on(
        besides[futures + 1 :], 0, state, pipe, delay, courses, size, rule, brakes
    )


@hot_kernel
def touches_any(
    course: NDArray, besides: NDArray, futures: int, chance: float, other: float
) -> bool:
    """Whether a course touches in any future of the families that are thought of."""
    first = 0 if chance < 1.0 else futures + 1
    last = futures + 1 if chance > 0.0 else futures
    for m in range(first, last + 1):
        if impact(course, besides[m], other) >= 0.0:
            return True
    return False


@hot_kernel
def speeds_up(
    besides: NDArray, futures: int, chance: float, speeding: bool, state: NDArray, pipe: NDArray,
    delay: int, courses: NDArray, size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether clearing forward is certain to help where braking is not."""
    course, other = courses[0], state[OTHER]
    roll(course, state, pipe, delay, NOTHING, 0, 0.0, size, rule, brakes)
    if not touches_any(course, besides, futures, chance, other):
        return False
    roll(course, state, pipe, delay, BRAKE, 0, 0.0, size, rule, brakes)
    if not speeding and not touches_any(course, besides, futures, chance, other):
        return False
    roll(course, state, pipe, delay, SPEED_UP, 0, 0.0, size, rule, brakes)
    return not touches_any(course, besides, futures, chance, other)
