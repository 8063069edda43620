"""Which way fits: yaw rate, speed before a bend, drift and place; known answers and orders."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats
from drivestack.safety.what_if.likelihood import (
    drifting_fits,
    leaving,
    speed_fits,
    turning_fits,
    way_fits,
)
from drivestack.safety.what_if.parameters import Beliefs
from drivestack.safety.what_if.trace import COLUMNS

BELIEFS = Beliefs()
OWN = parameter_table(BELIEFS)[0]
COUNT, SPACING = 61, 0.5


def bending(radius: float, after: float = 0.0) -> Floats:
    """A trace of 30 m that bends to the left after some metres; only yaws are looked at."""
    table = np.zeros((COUNT, COLUMNS))
    table[:, 2] = np.maximum(np.arange(COUNT) * SPACING - after, 0.0) / radius
    return table


STRAIGHT = bending(math.inf)


def test_a_yaw_rate_fits_the_bend_that_has_it() -> None:
    bend = bending(20.0)
    assert turning_fits(bend, COUNT, SPACING, 8.0, 0.4, OWN) == pytest.approx(1.0)
    assert turning_fits(STRAIGHT, COUNT, SPACING, 8.0, 0.0, OWN) == 1.0
    # one standard deviation off
    spread = BELIEFS.unsteady + BELIEFS.loose * 0.4
    found = turning_fits(bend, COUNT, SPACING, 8.0, 0.4 - spread, OWN)
    assert found == pytest.approx(math.exp(-0.5))


@pytest.mark.parametrize("turn", [0.0, 0.1, 0.4])
def test_left_and_right_are_alike(turn: float) -> None:
    left, right = bending(20.0), bending(-20.0)
    assert turning_fits(left, COUNT, SPACING, 8.0, turn, OWN) == pytest.approx(
        turning_fits(right, COUNT, SPACING, 8.0, -turn, OWN)
    )
    assert speed_fits(left, COUNT, SPACING, 12.0, 0.0, OWN) == pytest.approx(
        speed_fits(right, COUNT, SPACING, 12.0, 0.0, OWN)
    )


def test_any_speed_fits_a_straight_and_a_comfortable_bend() -> None:
    assert speed_fits(STRAIGHT, COUNT, SPACING, 40.0, 0.0, OWN) == 1.0
    radius, v = 20.0, math.sqrt(20.0 * BELIEFS.cornering) - 0.01
    assert speed_fits(bending(radius, 8.0), COUNT, SPACING, v, 0.0, OWN) == 1.0


def test_the_nearer_a_bend_that_is_taken_too_fast_the_less_likely() -> None:
    found = [
        speed_fits(bending(10.0, at), COUNT, SPACING, 10.0, 0.0, OWN) for at in (20.0, 12.0, 6.0)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.5
    assert found[-1] < 0.1
    assert found[0] > 1e3 * speed_fits(bending(10.0, 4.0), COUNT, SPACING, 14.0, 0.0, OWN)


def test_who_brakes_for_a_bend_may_take_it() -> None:
    bend = bending(10.0, 8.0)
    assert speed_fits(bend, COUNT, SPACING, 10.0, -3.0, OWN) > 2.0 * speed_fits(
        bend, COUNT, SPACING, 10.0, 0.0, OWN
    )
    assert speed_fits(bend, COUNT, SPACING, 10.0, 3.0, OWN) == speed_fits(
        bend, COUNT, SPACING, 10.0, 0.0, OWN
    )


def test_no_way_is_out_of_the_question() -> None:
    bend = bending(10.0, 4.0)
    assert way_fits(STRAIGHT, COUNT, SPACING, 14.0, 0.0, 0.0, False, OWN) == 1.0
    assert way_fits(bend, COUNT, SPACING, 14.0, 0.0, 0.0, False, OWN) == BELIEFS.doubt
    assert way_fits(STRAIGHT, COUNT, SPACING, 14.0, 0.0, 0.0, True, OWN) == BELIEFS.cutting


def test_in_a_bend_a_drift_says_less() -> None:
    def ratio(table: Floats) -> float:
        drifts = (drifting_fits(table, COUNT, SPACING, 8.0, 0.0, v, False, OWN) for v in (1.0, 0.0))
        return next(drifts) / next(drifts)

    assert ratio(bending(20.0)) > 2.0 * ratio(STRAIGHT)


def likely(lateral: float, aside: float) -> float:
    keeps = drifting_fits(STRAIGHT, COUNT, SPACING, 10.0, lateral, aside, False, OWN)
    return leaving(keeps, aside, OWN)


def test_the_faster_and_the_farther_the_more_it_leaves() -> None:
    by_speed = [likely(0.0, aside) for aside in (0.0, 0.1, 0.3, 0.5, 0.8, 1.5)]
    by_place = [likely(lateral, 0.5) for lateral in (-0.5, 0.0, 0.5, 1.0)]
    for found in (by_speed, by_place):
        assert found == sorted(found)
        assert found[0] < 0.02
        assert found[-1] > 20.0 * found[0]
    assert likely(-0.4, -0.5) == likely(0.4, 0.5)
    # on the other side an offset tells nothing, nor does one that does not grow
    assert likely(-0.4, 0.5) == likely(0.0, 0.5)
    assert likely(1.0, 0.04) == 0.0
    # farther than an offset can tell
    assert likely(1.5, 0.5) == likely(1.0, 0.5)


def test_bayes_rule_by_hand() -> None:
    leaves = BELIEFS.leaving * 0.5 / BELIEFS.fastest / (3.0 * BELIEFS.own)
    assert leaving(0.0, 0.1, OWN) == BELIEFS.surest
    assert leaving(0.0, BELIEFS.fastest - 1e-9, OWN) == BELIEFS.surest
    assert leaving(0.0, -BELIEFS.fastest, OWN) == 1.0
    assert leaving(1.0, -0.1, OWN) == pytest.approx(leaves / (leaves + 1.0 - BELIEFS.leaving))


def winding(number: int) -> Floats:
    """A trace that bends this way and that."""
    table = np.zeros((COUNT, COLUMNS))
    table[1:, 2] = np.cumsum(np.random.default_rng(number).normal(0.0, 0.04, COUNT - 1))
    return table


def bend_at(table: Floats, count: int, spacing: float, metres: float) -> float:
    """Over some 2 m, and over less where the trace ends before."""
    first = min(int(metres / spacing), count - 1)
    last = min(first + max(round(2.0 / spacing), 1), count - 1)
    return (table[last, 2] - table[first, 2]) / (spacing * (last - first)) if last > first else 0.0


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("v", [0.0, 3.0, 9.0, 25.0])
@pytest.mark.parametrize("count", [COUNT, 9, 2, 1])
@pytest.mark.parametrize("spacing", [SPACING, 2.0 / 4.47, 5.0])
def test_what_is_written_down_is_what_is_computed(
    number: int, v: float, count: int, spacing: float
) -> None:
    table = winding(number)
    expected = v * bend_at(table, count, spacing, 0.15 * v)
    for turn in (-0.2, 0.0, 0.3):
        z = (turn - expected) / (BELIEFS.unsteady + BELIEFS.loose * abs(expected))
        found = turning_fits(table, count, spacing, v, turn, OWN)
        assert found == pytest.approx(math.exp(-0.5 * z * z))
    asked, step = [0.0], max(round(2.0 / spacing), 1)
    for k in range(int(0.3 * v / spacing) + 1, count - step, step):
        bend = abs(table[k + step, 2] - table[k, 2]) / (step * spacing)
        if v * v * bend > BELIEFS.cornering:
            asked.append((v * v - BELIEFS.cornering / bend) / (2.0 * k * spacing))
    for gain in (-2.0, 0.0, 1.0):
        z = max(max(asked) - max(-gain, 0.0), 0.0) / BELIEFS.slowing
        found = speed_fits(table, count, spacing, v, gain, OWN)
        assert found == pytest.approx(math.exp(-0.5 * z * z))
        for turn in (0.0, 0.1):
            both = max(turning_fits(table, count, spacing, v, turn, OWN) * found, BELIEFS.doubt)
            way = way_fits(table, count, spacing, v, gain, turn, False, OWN)
            assert way == pytest.approx(both)
            way = way_fits(table, count, spacing, v, gain, turn, True, OWN)
            assert way == pytest.approx(both * BELIEFS.cutting)
    spread = BELIEFS.wander + v * v * abs(bend_at(table, count, spacing, 0.0)) * BELIEFS.early
    for lateral, aside in ((0.3, 0.4), (-0.3, 0.4), (-0.3, -0.4), (5.0, 0.4), (0.3, 0.01)):
        far = min(max(lateral * np.sign(aside), 0.0), BELIEFS.own)
        q = far / BELIEFS.offset if abs(aside) >= BELIEFS.slight else 0.0
        z = aside / spread
        wanted = math.exp(-0.5 * (z * z + q * q)) / (2.0 * math.pi * spread * BELIEFS.offset)
        found = drifting_fits(table, count, spacing, v, lateral, aside, False, OWN)
        assert found == pytest.approx(wanted)
        q = BELIEFS.own / BELIEFS.offset  # wherever it is, outside of its lane
        wanted = math.exp(-0.5 * (z * z + q * q)) / (2.0 * math.pi * spread * BELIEFS.offset)
        found = drifting_fits(table, count, spacing, v, lateral, aside, True, OWN)
        assert found == pytest.approx(wanted)


def test_exactly_as_slow_as_counts_is_a_drift() -> None:
    slight = BELIEFS.slight
    far, near = (
        drifting_fits(STRAIGHT, COUNT, SPACING, 8.0, at, slight, False, OWN) for at in (0.5, 0.0)
    )
    assert far < near
    assert leaving(0.0, slight, OWN) == BELIEFS.surest
    assert leaving(0.0, -slight, OWN) == BELIEFS.surest
    assert leaving(0.0, 0.99 * slight, OWN) == 0.0


def test_bayes_rule_where_half_a_lane_is_another() -> None:
    narrow = Beliefs(own=0.8)
    leaves = narrow.leaving * 0.5 / narrow.fastest / (3.0 * 0.8)
    wanted = leaves / (leaves + 2.0 * (1.0 - narrow.leaving))
    assert leaving(2.0, 0.5, parameter_table(narrow)[0]) == pytest.approx(wanted)
