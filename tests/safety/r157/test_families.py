"""Ramp or sinusoid: told apart by what they foretold."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.parameters import parameter_table
from drivestack.safety.r157.cases import LANE, LENGTH, STEP, WIDTH, Sideways, ramps, sinusoids
from drivestack.safety.r157.courses import COMES, PARTS, TIMES
from drivestack.safety.r157.driven import NEVER
from drivestack.safety.r157.families import (
    FORETOLD,
    REMEMBERED,
    chance_of_sine,
    remember,
    sine_arrives,
)
from drivestack.safety.r157.what_if import WhatIf

SIZE = np.array([LENGTH, WIDTH, STEP, LANE])
RULE = parameter_table(WhatIf())[0]


def chance_after(path: Sideways, k: int, samples: int) -> float:
    memory, before, grown = np.zeros(REMEMBERED), 0.0, 0.0
    memory[FORETOLD] = -1.0
    for i in range(samples + 1):
        y, speed = path.y[k, i], path.speed[k, i]
        if speed > 0.0:
            remember(memory, y, speed, before, grown, LANE, SIZE, RULE)
        grown, before = speed - before, speed
    return float(chance_of_sine(memory, RULE))


def arrival_of(y: float, speed: float, moved: float = 0.0) -> float:
    beside = np.zeros(TIMES)
    sine_arrives(beside, y, speed, LANE, moved, SIZE)
    assert beside[PARTS] == 0.0
    return float(beside[COMES])


@pytest.mark.parametrize("k", [1, 4, 9, 17])
def test_a_sinusoid_arrives_when_it_does(k: int) -> None:
    path = sinusoids()
    arrival = int(np.argmax(path.y[k] < WIDTH))
    for i in (0, 1, arrival // 2, arrival - 1):
        found = arrival_of(path.y[k, i], path.speed[k, i])
        assert found == (arrival - i if arrival else NEVER) or (arrival == 0 and found > 300 - i)


@pytest.mark.parametrize("k", [5, 9, 17])
def test_a_sinusoid_is_believed_within_a_second(k: int) -> None:
    assert chance_after(sinusoids(), k, 10) > 0.9


@pytest.mark.parametrize("k", range(1, 18))
@pytest.mark.parametrize("accel", [0.75, 1.5, 3.0])
def test_a_ramp_is_never_taken_for_a_sinusoid(k: int, accel: float) -> None:
    path = ramps(accel)
    moving = int(np.argmax(path.y[k] < WIDTH)) or 100
    assert all(chance_after(path, k, n) == 0.0 for n in range(2, moving, 3))


def test_who_is_in_the_lane_has_arrived_and_who_stands_beside_it_never_does() -> None:
    assert arrival_of(1.0, 0.0) == 0.0
    assert arrival_of(3.0, 0.0) == NEVER
    assert arrival_of(4.0, 1.0) == NEVER


def test_an_ego_that_has_shifted_is_reached_later() -> None:
    path = sinusoids()
    y, speed = path.y[9, 5], path.speed[9, 5]
    assert arrival_of(y, speed, 0.8) == int(np.argmax(path.y[9] < WIDTH - 0.8)) - 5
    assert arrival_of(y, speed, 0.8) > arrival_of(y, speed)
