"""Roll-outs against the same motion, sample by sample."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.parameters import parameter_table
from drivestack.core.rng import stream
from drivestack.safety.r157.cases import LANE, LENGTH, STEP, WIDTH
from drivestack.safety.r157.courses import (
    BRAKE,
    COURSE,
    ENTERS,
    LEAVES,
    LONGEST,
    NOTHING,
    SPEED_UP,
    STAYS,
    TIMES,
    arrives,
    impact,
    passed_on,
    pedals,
    roll,
)
from drivestack.safety.r157.driven import NEVER, Brakes
from drivestack.safety.r157.shifts import ACCEL, JERK, offsets_of
from drivestack.safety.r157.what_if import WhatIf

SIZE = np.array([LENGTH, WIDTH, STEP, LANE])
RULE = parameter_table(WhatIf(surge=2.5))[0]
BRAKES = parameter_table(Brakes())[0]


def simulated(
    state: np.ndarray, pipe: np.ndarray, command: int, begin: int, y: float, speed: float,
    growth: float, rising: int, since: int, offsets: np.ndarray,
) -> float:  # fmt: skip
    """Closing speed at the first contact, below 0 where there is none within 10 min."""
    ahead, v, other, effort = state
    for t in range(6_000):
        moved = offsets[min(max(since + t, 0), len(offsets) - 1)]
        if y + moved - WIDTH < -1e-6 and abs(ahead) - LENGTH < -1e-6:
            return abs(v - other)
        if ahead <= -LENGTH or (v <= other and ahead >= LENGTH and command != SPEED_UP):
            return -1.0
        given = pipe[t] if t < len(pipe) else command if t >= len(pipe) + begin else NOTHING
        effort = pedals(int(given), effort, STEP, RULE, BRAKES) if given != NOTHING else 0.0
        v = max(v - STEP * effort, 0.0)
        ahead += STEP * (other - v)
        y -= STEP * speed
        if t < rising:
            speed = min(speed + growth, 2.0)
    return -1.0


@pytest.mark.parametrize("command", [NOTHING, BRAKE, SPEED_UP])
def test_a_course_and_an_arrival_are_the_contact(command: int) -> None:
    draws = stream("courses", command)
    course, beside, struck = np.zeros(COURSE), np.zeros(TIMES), 0
    for _ in range(200):
        v, other = draws.uniform(5.0, 36.0), draws.uniform(2.0, 28.0)
        state = np.array([draws.uniform(-3.0, 40.0), v, other, draws.choice([0.0, 0.0, 5.0])])
        if command == SPEED_UP:  # who is slower and speeds up may overlap twice
            state[1] = max(v, other)
        pipe = draws.choice([NOTHING, command], size=draws.integers(0, 5))
        y, speed = draws.uniform(1.95, 4.0), draws.uniform(0.1, 1.5)
        growth, rising = draws.uniform(0.05, 0.2), int(draws.integers(0, 6))
        begin = int(draws.integers(0, 4)) if command != NOTHING else 0
        since, offsets = (-NEVER, np.zeros(1))
        if draws.random() < 0.5:
            since, offsets = int(draws.integers(-6, 12)), offsets_of(0.8)
        roll(course, state, pipe, len(pipe), command, begin, 0.0, SIZE, RULE, BRAKES)
        arrives(beside, y, speed, growth, rising, since, offsets, SIZE, RULE)
        wanted = simulated(state, pipe, command, begin, y, speed, growth, rising, since, offsets)
        assert impact(course, beside, other) == pytest.approx(wanted, abs=1e-9)
        struck += wanted >= 0.0
    assert 20 < struck < 180


def test_what_is_given_arrives_after_the_delay() -> None:
    pipe = np.zeros(3, np.int64)
    given = [BRAKE, NOTHING, SPEED_UP, BRAKE, NOTHING, NOTHING, NOTHING]
    assert [passed_on(pipe, 3, command) for command in given] == [0, 0, 0, *given[:4]]
    assert passed_on(pipe, 0, BRAKE) == BRAKE


@pytest.mark.parametrize("distance", [0.05, 0.8, 3.0])
def test_a_shift_keeps_its_limits(distance: float) -> None:
    offsets = offsets_of(distance)
    assert offsets[0] == 0.0
    assert offsets[-1] == distance
    assert (np.diff(offsets) > 0.0).all()
    accel = np.diff(offsets, 2) / STEP**2
    assert abs(accel).max() < ACCEL + 0.01
    assert abs(np.diff(accel)).max() / STEP < JERK + 0.3


def test_a_shift_is_as_quick_as_its_limits_allow() -> None:
    """0.8 m: 3 (0.3 + h)(0.6 + h) = 0.8 for h seconds of full acceleration."""
    held = (-0.9 + math.sqrt(0.81 - 4.0 * (0.18 - 0.8 / 3.0))) / 2.0
    assert len(offsets_of(0.8)) - 1 == math.ceil(2.0 * (0.6 + held) / STEP)
    np.testing.assert_array_equal(offsets_of(0.0), [0.0])


def rolled(ahead: float, v: float, other: float, command: int) -> np.ndarray:
    course, state = np.zeros(COURSE), np.array([ahead, v, other, 0.0])
    roll(course, state, np.zeros(1, np.int64), 0, command, 0, 0.0, SIZE, RULE, BRAKES)
    return course


def test_who_overlaps_and_is_as_fast_does_so_for_ever() -> None:
    assert rolled(3.0, 10.0, 10.0, NOTHING)[[ENTERS, LEAVES]].tolist() == [0.0, NEVER]
    faster = rolled(3.0, 10.0, 12.0, NOTHING)
    assert faster[[ENTERS, LEAVES]].tolist() == [0.0, math.floor((LENGTH - 3.0) / 0.2)]


def test_who_passes_between_two_samples_never_overlaps() -> None:
    course = rolled(LENGTH + 0.5, 101.0, 1.0, NOTHING)
    assert course[[ENTERS, LEAVES]].tolist() == [NEVER, -1.0]


def test_two_that_stand_beside_each_other_are_followed_as_long_as_a_course_is() -> None:
    course = rolled(3.0, 0.0, 0.0, BRAKE)
    assert course[[ENTERS, LEAVES, STAYS]].tolist() == [0.0, LONGEST - 1, LONGEST - 1]


def test_who_does_not_come_nearer_never_arrives() -> None:
    beside = np.zeros(TIMES)
    arrives(beside, 3.0, 0.0, 0.0, 0, -NEVER, np.zeros(1), SIZE, RULE)
    assert beside.tolist() == [0.0, 0.0, NEVER]
