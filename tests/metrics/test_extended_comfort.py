"""How much plans differ, and the share of those that agree."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.episode import PLAN_CHANGE
from drivestack.core.start import Start
from drivestack.core.types import Floats, Plan
from drivestack.metrics.judge import judged, measured
from drivestack.metrics.plan_change import plan_changes
from tests.metrics.drives import driven, straight_ego
from tests.scenes import starts_of, two_lanes, write_road

DT = 0.05
"""Of the ticks."""


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def plan(
    accel: float = 0.0, rate: float = 0.0, tick: int = 0, v: float = 10.0, dt: float = 0.1,
    steps: int = 40,
) -> Plan:  # fmt: skip
    """One plan of constant acceleration and yaw rate that starts at a tick."""
    t = tick * DT + dt * (1 + np.arange(steps))
    states = np.zeros((1, steps, 4))
    states[0, :, 2], states[0, :, 3] = rate * t, v + accel * t
    controls = np.zeros((1, steps, 2))
    controls[..., 0] = accel
    one = np.ones(1, np.int32)
    return Plan(states, controls, 0 * one, 0 * one, tick * one, np.full(1, dt))


def change(before: Plan, after: Plan) -> dict[str, float] | None:
    found, compared = plan_changes(before, after, np.full(1, DT), np.ones(1, np.bool_))
    if not compared[0]:
        return None
    return {name: float(found[name][0]) for name in ("accel", "jerk", "yaw_rate", "yaw_accel")}


def test_a_plan_that_goes_on_does_not_differ() -> None:
    for later in (2, 5, 11):
        found = change(plan(0.7, 0.1), plan(0.7, 0.1, tick=later))
        assert found is not None
        assert max(found.values()) < 1e-6


def test_known_differences() -> None:
    found = change(plan(0.5), plan(1.2, tick=2))
    assert found == pytest.approx(
        {"accel": 0.7, "jerk": 0.0, "yaw_rate": 0.0, "yaw_accel": 0.0}, abs=1e-9
    )
    found = change(plan(rate=0.1), plan(rate=0.25, tick=2))
    assert found is not None
    assert (found["yaw_rate"], found["yaw_accel"]) == (
        pytest.approx(0.15),
        pytest.approx(0.0, abs=1e-9),
    )
    assert found["accel"] == pytest.approx(1.5)  # 10 m/s times the yaw rate
    swerve, straight = plan(tick=2), plan()
    states = swerve.states.copy()
    t = 0.1 * np.arange(1, 41)
    states[0, :, 2] = 0.2 * t**2
    found = change(straight, replace(swerve, states=states))
    assert found is not None
    assert found["yaw_accel"] == pytest.approx(0.4, abs=1e-6)


def test_braking_and_accelerating_alike_have_one_magnitude() -> None:
    """NAVSIM's form: the magnitude of the acceleration, not its direction."""
    found = change(plan(-1.0), plan(1.0, tick=2))
    assert found is not None
    assert found["accel"] == pytest.approx(0.0, abs=1e-9)


def test_mirrored_plans_differ_the_same() -> None:
    streams = np.random.default_rng(2)
    yaw = np.cumsum(streams.normal(0.0, 0.02, (2, 40)), axis=1)
    found = []
    for side in (1.0, -1.0):
        plans = [plan(tick=0), plan(tick=2)]
        for number, one in enumerate(plans):
            states = one.states.copy()
            states[0, :, 2] = side * yaw[number]
            plans[number] = replace(one, states=states)
        found.append(change(*plans))
    assert found[0] == pytest.approx(found[1], abs=1e-12)


def test_grids_that_differ_are_met_halfway() -> None:
    """A later plan at 0.2 s between states against one at 0.1 s, 0.15 s after it."""
    found = change(plan(0.5, 0.1), plan(0.5, 0.1, tick=3, dt=0.2, steps=20))
    assert found is not None
    assert max(found.values()) < 1e-6


def test_a_heading_that_wraps_is_no_turn() -> None:
    before, after = plan(rate=0.3), plan(rate=0.3, tick=2)
    turned = [
        replace(one, states=np.where(np.arange(4) == 2, _wrapped(one.states + 3.1), one.states))
        for one in (before, after)
    ]
    assert change(*turned) == pytest.approx(change(before, after), abs=1e-6)


def _wrapped(angles: Floats) -> Floats:
    return (angles + math.pi) % (2 * math.pi) - math.pi


@pytest.mark.parametrize(
    ("tick", "compared"), [(0, False), (1, True), (11, True), (12, False), (-2, False)]
)
def test_only_plans_close_in_time_are_compared(tick: int, compared: bool) -> None:
    """0.55 s are 11 ticks."""
    assert (change(plan(), plan(tick=tick)) is not None) is compared


def test_plans_that_hardly_overlap_are_not_compared() -> None:
    assert change(plan(steps=4), plan(tick=2, steps=40)) is not None
    assert change(plan(steps=4), plan(tick=4, steps=40)) is None
    rows = np.zeros(1, np.bool_)
    assert not plan_changes(plan(), plan(tick=2), np.full(1, DT), rows)[1].any()


def test_rows_do_not_depend_on_each_other() -> None:
    ones = [(plan(0.5), plan(1.0, tick=2)), (plan(rate=0.1), plan(rate=0.3, tick=4))]
    before, after = (_stacked([pair[i] for pair in ones]) for i in (0, 1))
    found, compared = plan_changes(before, after, np.full(2, DT), np.ones(2, np.bool_))
    assert compared.all()
    for row, pair in enumerate(ones):
        alone, _ = plan_changes(*pair, np.full(1, DT), np.ones(1, np.bool_))
        assert found[row].tobytes() == alone[0].tobytes()


def _stacked(plans: list[Plan]) -> Plan:
    names = ("states", "controls", "chosen", "source", "tick", "dt")
    return Plan(*(np.concatenate([getattr(one, name) for one in plans]) for name in names))


def changes(*rows: tuple[int, float, float, float, float]) -> np.ndarray:
    return np.array(list(rows), PLAN_CHANGE)


def test_the_share_that_agrees(start: Start) -> None:
    episode = driven(start, two_lanes(), straight_ego(10.0))
    found = changes(
        (1, 0.7, 0.5, 0.1, 0.1),  # all on their bounds
        (2, 0.71, 0.0, 0.0, 0.0),
        (3, 0.0, 0.0, 0.0, 0.25),
        (4, 0.0, 0.0, 0.0, 0.0),
    )
    whole = replace(episode, plan_changes=found)
    (reason,) = (r for r in judged(whole) if r.measure == "extended_comfort")
    assert (reason.value, reason.tick, reason.measured, reason.bound) == (0.5, 3, 0.25, 0.1)
    assert "2 of 4 plans" in reason.sentence
    assert "yaw acceleration differs by 0.25 rad/s2" in reason.sentence
    assert measured(replace(episode, plan_changes=found[:0]))["extended_comfort"] is None


def test_plans_after_the_first_contact_do_not_count(start: Start) -> None:
    episode = driven(start, two_lanes(), straight_ego(10.0), contact=2)
    found = changes((2, 0.0, 0.0, 0.0, 0.0), (3, 9.0, 9.0, 9.0, 9.0))
    assert measured(replace(episode, plan_changes=found))["extended_comfort"] == 1.0
