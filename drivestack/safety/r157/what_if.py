"""The what-if rule on the cut-in grid: brake when waiting would lose the last option that clears.

It knows the other's place and lateral speed, how that grew since the last sample, the ego's speed
and deceleration, and its own commands under way. Futures of the other: *settled*, the lateral speed
stays until he is in the lane; *turning in*, it grows on for 0, 1, 2, ... samples and then stays.
Each future and option is a roll-out with the world's own step (`r157_what_if.md`, 5).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, inlined_kernel, kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table

from .cases import LANE, LENGTH, SAMPLES, STEP, WIDTH, CutIns, Sideways
from .courses import COURSE, OTHER, arrives, impact, roll
from .driven import NEVER, Brakes, Outcomes, Strike
from .families import FORETOLD, REMEMBERED, chance_of_sine, remember, sine_arrives
from .noise import Seen, truth

MOST_FUTURES = 30
"""Samples for which he may turn in on: three seconds; our choice."""

MOST_DELAY = 16
"""Samples that a command may be under way."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The rule's parameters.

    Attributes:
        price: of a needless brake, in collisions; infinite: only what is certain. late: samples
        that must be left until braking no longer clears. persistence: samples with motion before
        it acts. spare: clear distance that letting go must leave, once settled [m]. growth: of the
        lateral speed in a sample, above which he is turning in [m/s]. fastest: lateral speed that
        is thought of [m/s]; more than the grid's 1.7, or its fastest are never feared. shallow:
        contacts that are no deeper count as none [m]. severity: cost of an impact beside the
        collision's 1 [s/m]. exact: standard deviation of a lateral speed that is foretold
        [m/s]. memory: share of past errors that a sample leaves; 0.98: half of them after 3.4 s.
        unlikely: chance below which a family is not thought of.
    """

    price: float = math.inf
    late: float = 3.0
    persistence: float = 2.0
    spare: float = 2.0
    growth: float = 0.05
    fastest: float = 2.0
    shallow: float = 1e-6
    severity: float = 0.01
    exact: float = 0.001
    memory: float = 0.98
    unlikely: float = 0.01


@dataclass(frozen=True, slots=True)
class Reaction:
    """How late it is.

    Attributes:
        delay: samples from what is sensed to the first speed it can change, less one. timer:
        samples of attention, from the first motion on, before it may act at all.
    """

    delay: int = 0
    timer: int = 0


def drive_by_what_if(
    cases: CutIns,
    sideways: Sideways,
    rule: WhatIf,
    reaction: Reaction,
    seen: Seen | None = None,
) -> Outcomes:
    """Drive every case by the rule, which takes what it sees for the truth; None: it is."""
    found = Outcomes.blank(len(cases))
    known = truth(cases, sideways) if seen is None else seen
    _loop(cases.ego, cases.other, cases.gap, cases.aside, sideways.y, sideways.lead, known.y,
          known.speed, known.row,
          parameter_table(rule), parameter_table(Brakes()), np.array([LENGTH, WIDTH, STEP, LANE]),
          SAMPLES, reaction.delay, reaction.timer, found.strike, found.braked, found.lost,
          found.impact)  # fmt: skip
    found.flagged[:] = found.braked
    return found


@inlined_kernel
def cost(impact: float, rule: Row) -> float:
    """Of a contact at a closing speed [m/s], in collisions; 0 where there is none."""
    return 0.0 if impact < 0.0 else 1.0 + rule.severity * impact


@hot_kernel
def acts_settled(
    arrival: float, state: NDArray, pipe: NDArray, delay: int, courses: NDArray, size: NDArray,
    rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """The certain rule: a contact is foretold, and soon braking will not clear it."""
    roll(courses[0], state, pipe, delay, NEVER, 0.0, size, rule, brakes)
    if impact(courses[0], arrival, state[OTHER]) < 0.0:
        return False
    roll(courses[0], state, pipe, delay, int(rule.late), 0.0, size, rule, brakes)
    return impact(courses[0], arrival, state[OTHER]) >= 0.0


@hot_kernel
def acts_turning(
    arrivals: NDArray, futures: int, state: NDArray, pipe: NDArray, delay: int, courses: NDArray,
    size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Optimal stopping along the ramp: brake now, or learn first whether it ends here."""
    nothing, other = courses[futures + 1], state[OTHER]
    roll(nothing, state, pipe, delay, NEVER, 0.0, size, rule, brakes)
    value = wait = now = 0.0
    for j in range(futures, -1, -1):
        roll(courses[j], state, pipe, delay, j, 0.0, size, rule, brakes)
        now = stop = 0.0
        for m in range(j, futures + 1):
            if impact(nothing, arrivals[m], other) < 0.0:
                now += rule.price
                continue
            left = cost(impact(courses[j], arrivals[m], other), rule)
            now += left
            if m == j:
                stop = left
        wait = stop + value
        value = min(now, wait)
    return now < wait


@hot_kernel
def goes_on(
    arrivals: NDArray, futures: int, state: NDArray, pipe: NDArray, delay: int, courses: NDArray,
    size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether letting go would touch in any future that is still open."""
    spare = rule.spare if futures == 0 else 0.0
    roll(courses[0], state, pipe, delay, NEVER, spare, size, rule, brakes)
    for m in range(futures + 1):
        if impact(courses[0], arrivals[m], state[OTHER]) >= 0.0:
            return True
    return False


@hot_kernel
def _acts(
    arrivals: NDArray, futures: int, turning: bool, sine: NDArray, chance: float, state: NDArray,
    pipe: NDArray, delay: int, courses: NDArray, size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether the families whose rule acts are likely enough for the price of acting in vain."""
    likely = 0.0
    if chance < 1.0:
        # what the present speed foretells comes all the more if it still grows
        if turning and rule.price < math.inf:
            acts = acts_turning(arrivals, futures, state, pipe, delay, courses, size, rule, brakes)
        else:
            acts = acts_settled(arrivals[0], state, pipe, delay, courses, size, rule, brakes)
        likely += 1.0 - chance if acts else 0.0
    if chance > 0.0 and acts_settled(
        sine[0], state, pipe, delay, courses, size, rule, brakes
    ):  # fmt: skip
        likely += chance
    return likely == 1.0 or likely > rule.price * (1.0 - likely)


@hot_kernel
def _goes_on(
    arrivals: NDArray, futures: int, sine: NDArray, chance: float, state: NDArray, pipe: NDArray,
    delay: int, courses: NDArray, size: NDArray, rule: Row, brakes: Row,
) -> bool:  # fmt: skip
    """Whether any family that is thought of needs braking on."""
    if chance < 1.0 and goes_on(
        arrivals, futures, state, pipe, delay, courses, size, rule, brakes
    ):  # fmt: skip
        return True
    return chance > 0.0 and goes_on(sine, 0, state, pipe, delay, courses, size, rule, brakes)


@kernel
def _loop(
    egos: NDArray, others: NDArray, gaps: NDArray, asides: NDArray, ys: NDArray, leads: NDArray,
    seen_y: NDArray, seen_speed: NDArray, rows: NDArray, rules: Table, stops: Table,
    size: NDArray, samples: int, delay: int, timer: int,
    strikes: NDArray, braked: NDArray, lost: NDArray, impacts: NDArray,
) -> None:  # fmt: skip
    rule, brakes = rules[0], stops[0]
    length, width, step, lane = size[0], size[1], size[2], size[3]
    memory, sine = np.zeros(REMEMBERED), np.zeros(1)
    state, arrivals = np.zeros(4), np.zeros(MOST_FUTURES + 1)
    courses = np.zeros((MOST_FUTURES + 2, COURSE))
    pipe = np.zeros(MOST_DELAY + 1, np.bool_)
    for n in range(len(gaps)):
        k, v, other, brake, moving = asides[n], egos[n], others[n], 0.0, 0
        x, front = -step * v * leads[k], gaps[n] + length - step * other * leads[k]
        pipe[:] = False
        braking, before, grown = False, 0.0, 0.0
        memory[:] = 0.0
        memory[FORETOLD] = -1.0
        for i in range(samples + leads[k]):
            ahead, y, aside = front - x, seen_y[rows[n], i], seen_speed[rows[n], i]
            if ys[k, i] - width < 0.0 and abs(ahead) - length < 0.0:
                strikes[n] = Strike.BESIDE if ahead < 0.0 else Strike.BEHIND
                impacts[n] = abs(v - other)
                break
            moving += aside > 0.0
            if moving > 0 and y >= width:
                remember(memory, y, aside, before, grown, lane, size, rule)
            grown, before = aside - before, aside
            state[0], state[1], state[2], state[3] = ahead, v, other, brake
            wants = False
            closing = ahead > -length and (v > other or ahead < length)
            if closing and moving >= rule.persistence and moving > timer:
                turning = grown > rule.growth and y > 0.0
                futures = 0
                if turning:
                    futures = min(int((rule.fastest - aside) / grown + 1e-9), MOST_FUTURES)
                for m in range(futures + 1):
                    arrivals[m] = arrives(y, aside, grown, m, size, rule)
                sine[0] = sine_arrives(y, aside, lane, size)
                chance = chance_of_sine(memory, rule)
                if braking:
                    wants = _goes_on(arrivals, futures, sine, chance, state, pipe, delay, courses,
                                     size, rule, brakes)  # fmt: skip
                else:
                    wants = _acts(arrivals, futures, turning, sine, chance, state, pipe, delay,
                                  courses, size, rule, brakes)  # fmt: skip
            braking = wants
            if delay > 0:
                command = pipe[0]
                for t in range(delay - 1):
                    pipe[t] = pipe[t + 1]
                pipe[delay - 1] = wants
            else:
                command = wants
            brake = min(brake + step * brakes.jerk, brakes.full) if command else 0.0
            braked[n] |= command
            v = max(v - step * brake, 0.0)
            x += step * v
            front += step * other
        lost[n] = egos[n] - v
