"""The what-if rule under noise: act on the expected loss over what is believed of the other.

A belief becomes some tens of *futures*: a place, a lateral speed, how it grows on and how likely
that is; `losses.py` weighs them.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table

from .belief import KEEPS, SETTLED, TURNS, WAYS, Tracker, first_belief, update
from .cases import LENGTH, SAMPLES, STEP, WIDTH, CutIns, Sideways
from .courses import (
    BRAKE,
    COMES,
    COURSE,
    NEARS,
    NOTHING,
    PARTS,
    arrives,
    impact,
    passed_on,
    pedals,
    roll,
)
from .driven import NEVER, Brakes, Outcomes, Strike
from .losses import (
    ALONE,
    FUTURE,
    MOST_COURSES,
    SHOWN,
    TWIN,
    WEIGHT,
    Expected,
    acts_by_loss,
    goes_on_by_loss,
)
from .noise import Seen
from .what_if import MOST_DELAY, Reaction, WhatIf

NODES = 5
"""Of the Gauss-Hermite rule over a lateral speed: exact to the ninth power."""

MOST_FUTURES = 1 + NODES + 3 * 31
"""Keeps; settled, at every node; turning in, at three nodes, and ends within three seconds."""


def drive_by_belief(
    cases: CutIns, sideways: Sideways, seen: Seen, rule: WhatIf, expected: Expected,
    tracker: Tracker, reaction: Reaction,
) -> Outcomes:  # fmt: skip
    """Drive every case by expected loss."""
    found = Outcomes.blank(len(cases))
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    _loop(cases.ego, cases.other, cases.gap, cases.aside, sideways.y, sideways.lead,
          seen.y, seen.speed, seen.row, parameter_table(rule), parameter_table(expected),
          parameter_table(tracker), parameter_table(Brakes()), np.array([LENGTH, WIDTH, STEP]),
          nodes, weights / weights.sum(), SAMPLES, reaction.delay, reaction.timer, found.strike,
          found.braked, found.lost, found.impact)  # fmt: skip
    found.flagged[:] = found.braked
    return found


@hot_kernel
def _futures(
    chance: NDArray, mean: NDArray, spread: NDArray, nodes: NDArray, weights: NDArray,
    futures: NDArray, still: NDArray, size: NDArray, rule: Row, expected: Row, tracker: Row,
) -> int:  # fmt: skip
    """Write what may come of a belief, (F, FUTURE); returns how many."""
    futures[0, NEARS], futures[0, PARTS], futures[0, COMES] = 0.0, 0.0, NEVER
    futures[0, WEIGHT], futures[0, SHOWN] = chance[KEEPS], 1.0
    count = 1
    variance = max(spread[SETTLED, 1, 1], 1e-12)
    for k in range(len(nodes)):
        off = nodes[k] * math.sqrt(variance)
        y = mean[SETTLED, 0] + off * spread[SETTLED, 0, 1] / variance
        speed = max(mean[SETTLED, 1] + off, 0.0)
        arrives(futures[count], y, speed, 0.0, 0, -NEVER, still, size, rule)
        futures[count, WEIGHT] = chance[SETTLED] * weights[k]
        futures[count, SHOWN] = expected.settles
        count += 1
    if chance[TURNS] < expected.least:
        return count
    variance = max(spread[TURNS, 1, 1], 1e-12)
    for k in range(3):
        off = (k - 1) * math.sqrt(3.0 * variance)
        weight = 2.0 / 3.0 if k == 1 else 1.0 / 6.0
        y = mean[TURNS, 0] + off * spread[TURNS, 0, 1] / variance
        speed = max(mean[TURNS, 1] + off, 0.0)
        growth = mean[TURNS, 2] + off * spread[TURNS, 2, 1] / variance
        growth = tracker.step * max(growth, 0.3)
        ends = min(max(int((rule.fastest - speed) / growth + 1e-9), 0), 30)
        for m in range(ends + 1):
            arrives(futures[count], y, speed, growth, m, -NEVER, still, size, rule)
            futures[count, WEIGHT] = chance[TURNS] * weight / (ends + 1)
            futures[count, SHOWN] = m + expected.shows
            count += 1
    return count


@kernel
def _loop(
    egos: NDArray, others: NDArray, gaps: NDArray, asides: NDArray, ys: NDArray, leads: NDArray,
    seen_y: NDArray, seen_speed: NDArray, rows: NDArray, rules: Table, more: Table,
    trackers: Table, stops: Table, size: NDArray, nodes: NDArray, weights: NDArray, samples: int,
    delay: int, timer: int,
    strikes: NDArray, braked: NDArray, lost: NDArray, impacts: NDArray,
) -> None:  # fmt: skip
    rule, expected, tracker, brakes = rules[0], more[0], trackers[0], stops[0]
    length, width, step = size[0], size[1], size[2]
    state, twin = np.zeros(4), np.zeros(4)
    futures, courses = np.zeros((MOST_FUTURES, FUTURE)), np.zeros((MOST_COURSES, COURSE))
    chance, mean, spread = np.zeros(WAYS), np.zeros((WAYS, 3)), np.zeros((WAYS, 3, 3))
    old_chance, old_mean, old_spread = chance.copy(), mean.copy(), spread.copy()
    over = np.zeros((WAYS, WAYS))
    pipe, still = np.zeros(MOST_DELAY + 1, np.int64), np.zeros(1)
    for n in range(len(gaps)):
        k, v, other, brake, moving = asides[n], egos[n], others[n], 0.0, 0
        x, front = -step * v * leads[k], gaps[n] + length - step * other * leads[k]
        alone = x
        pipe[:] = NOTHING
        braking = False
        for i in range(samples + leads[k]):
            ahead, y = front - x, ys[k, i]
            if y - width < 0.0 and abs(ahead) - length < 0.0:
                strikes[n] = Strike.BESIDE if ahead < 0.0 else Strike.BEHIND
                impacts[n] = abs(v - other)
                break
            if ahead <= -length:
                break
            open = v > other or ahead < length
            if not open:
                pass
            elif i == 0:
                first_belief(seen_y[rows[n], 0], chance, mean, spread, tracker)
            else:
                update(seen_y[rows[n], i], seen_speed[rows[n], i], chance, mean, spread,
                       old_chance, old_mean, old_spread, over, tracker)  # fmt: skip
            if open and (moving > 0 or chance[KEEPS] < 0.5):
                moving += 1
            state[0], state[1], state[2], state[3] = ahead, v, other, brake
            wants = False
            if open and moving >= rule.persistence and moving > timer and chance[KEEPS] < 0.99:
                count = _futures(
                    chance,
                    mean,
                    spread,
                    nodes,
                    weights,
                    futures,
                    still,
                    size,
                    rule,
                    expected,
                    tracker,
                )
                twin[0], twin[1], twin[2] = front - alone, egos[n], other
                roll(courses[ALONE], twin, pipe, 0, NOTHING, 0, 0.0, size, rule, brakes)
                for f in range(count):
                    futures[f, TWIN] = impact(courses[ALONE], futures[f], other)
                if braking:
                    wants = goes_on_by_loss(
                        count, futures, state, pipe, delay, courses, size, rule, expected, brakes
                    )
                else:
                    wants = acts_by_loss(
                        count, futures, state, pipe, delay, courses, size, rule, expected, brakes
                    )
            braking = wants
            command = passed_on(pipe, delay, BRAKE if wants else NOTHING)
            brake = pedals(command, brake, step, rule, brakes)
            braked[n] |= command == BRAKE
            v = max(v - step * brake, 0.0)
            x += step * v
            alone += step * egos[n]
            front += step * other
        lost[n] = egos[n] - v
