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

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table

from .cases import LANE, LENGTH, SAMPLES, STEP, WIDTH, CutIns, Sideways
from .courses import BRAKE, COURSE, NOTHING, SPEED_UP, TIMES, arrives, passed_on, pedals, roll
from .driven import NEVER, Brakes, Outcomes, Strike
from .families import FORETOLD, REMEMBERED, chance_of_sine, remember, sine_arrives
from .noise import Seen, truth
from .shifts import offsets_of
from .stopping import acts, any_goes_on, speeds_up, touches_any

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
        unlikely: chance below which a family is not thought of. shift: how far it may shift away
        inside its lane [m]; 0: not at all. surge, surge_jerk: how it may speed up to clear forward
        [m/s2, m/s3]; 0: not at all.
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
    shift: float = 0.0
    surge: float = 0.0
    surge_jerk: float = 3.0


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
          known.speed, known.row, offsets_of(rule.shift), parameter_table(rule),
          parameter_table(Brakes()), np.array([LENGTH, WIDTH, STEP, LANE]), SAMPLES,
          reaction.delay, reaction.timer, found.strike, found.braked, found.evaded, found.lost,
          found.impact)  # fmt: skip
    found.flagged[:] = found.braked
    return found


@kernel
def _loop(
    egos: NDArray, others: NDArray, gaps: NDArray, asides: NDArray, ys: NDArray, leads: NDArray,
    seen_y: NDArray, seen_speed: NDArray, rows: NDArray, offsets: NDArray, rules: Table,
    stops: Table, size: NDArray, samples: int, delay: int, timer: int,
    strikes: NDArray, braked: NDArray, evaded: NDArray, lost: NDArray, impacts: NDArray,
) -> None:  # fmt: skip
    rule, brakes = rules[0], stops[0]
    length, width, step, lane = size[0], size[1], size[2], size[3]
    memory, state, last = np.zeros(REMEMBERED), np.zeros(4), len(offsets) - 1
    besides = np.zeros((MOST_FUTURES + 2, TIMES))
    courses = np.zeros((MOST_FUTURES + 2, COURSE))
    pipe = np.zeros(MOST_DELAY + 1, np.int64)
    for n in range(len(gaps)):
        k, v, other, effort, moving = asides[n], egos[n], others[n], 0.0, 0
        x, front = -step * v * leads[k], gaps[n] + length - step * other * leads[k]
        pipe[:] = NOTHING
        command, before, grown, shifts_at = NOTHING, 0.0, 0.0, NEVER
        memory[:] = 0.0
        memory[FORETOLD] = -1.0
        for i in range(samples + leads[k]):
            ahead, y, aside = front - x, seen_y[rows[n], i], seen_speed[rows[n], i]
            moved = offsets[min(max(i - shifts_at, 0), last)]
            if ys[k, i] + moved - width < 0.0 and abs(ahead) - length < 0.0:
                strikes[n] = Strike.BESIDE if ahead < 0.0 else Strike.BEHIND
                impacts[n] = abs(v - other)
                break
            moving += aside > 0.0
            if moving > 0 and y >= width - rule.shift:
                remember(memory, y, aside, before, grown, lane, size, rule)
            grown, before = aside - before, aside
            state[0], state[1], state[2], state[3] = ahead, v, other, effort
            closing = ahead > -length and (v > other or ahead < length)
            last_command, command = command, NOTHING
            if closing and moving >= rule.persistence and moving > timer:
                turning = grown > rule.growth and y > 0.0
                futures = int((rule.fastest - aside) / grown + 1e-9) if turning else 0
                futures = min(futures, MOST_FUTURES)
                chance = chance_of_sine(memory, rule)
                _foretell(
                    besides, y, aside, grown, futures, i - shifts_at, lane, offsets, size, rule
                )
                if rule.shift > 0.0 and shifts_at == NEVER:
                    roll(courses[0], state, pipe, delay, NOTHING, 0, 0.0, size, rule, brakes)
                    if touches_any(courses[0], besides, futures, chance, other):
                        shifts_at, evaded[n] = i + delay, True
                        _foretell(
                            besides, y, aside, grown, futures, -delay, lane, offsets, size, rule
                        )
                command = _command(besides, futures, turning, chance, last_command, state, pipe,
                                   delay, courses, size, rule, brakes)  # fmt: skip
                evaded[n] |= command == SPEED_UP
            given = passed_on(pipe, delay, command)
            effort = pedals(given, effort, step, rule, brakes)
            braked[n] |= given == BRAKE
            v = max(v - step * effort, 0.0)
            x += step * v
            front += step * other
        lost[n] = max(egos[n] - v, 0.0)


@hot_kernel
def _command(
    besides: NDArray, futures: int, turning: bool, chance: float, last: int, state: NDArray,
    pipe: NDArray, delay: int, courses: NDArray, size: NDArray, rule: Row, brakes: Row,
) -> int:  # fmt: skip
    """What is given now, after what was given last."""
    if rule.surge > 0.0 and last != BRAKE and speeds_up(
        besides, futures, chance, last == SPEED_UP, state, pipe, delay, courses, size, rule, brakes
    ):  # fmt: skip
        return SPEED_UP
    if last == BRAKE:
        brakes_on = any_goes_on(
            besides, futures, chance, state, pipe, delay, courses, size, rule, brakes
        )
    else:
        brakes_on = acts(
            besides, futures, turning, chance, state, pipe, delay, courses, size, rule, brakes
        )
    return BRAKE if brakes_on else NOTHING


@hot_kernel
def _foretell(
    besides: NDArray, y: float, aside: float, grown: float, futures: int, since: int, lane: float,
    offsets: NDArray, size: NDArray, rule: Row,
) -> None:  # fmt: skip
    """Write when he is too near in each future of the ramp, and after these on a sinusoid."""
    for m in range(futures + 1):
        arrives(besides[m], y, aside, grown, m, since, offsets, size, rule)
    moved = offsets[-1] if since > -MOST_DELAY - 1 else 0.0
    sine_arrives(besides[futures + 1], y, aside, lane, moved, size)
