"""Recorded traffic that reacts: known answers on a straight road."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from drivestack.core.start import EgoKind, Start
from drivestack.core.tables import BODY, REPLAY, Driver
from drivestack.core.types import Floats
from drivestack.scenario.reacting import reacting
from drivestack.world.engine import Engine
from tests.world.small_worlds import HZ, car, highway, place, start_of

TICKS, DT = 10 * HZ, 1.0 / HZ


def drive(x: float, speeds: Floats) -> NDArray:
    """Recorded rows along x that begin at a place and have a speed a tick."""
    rows = np.zeros(len(speeds), REPLAY)
    rows["s"][1:] = np.cumsum(speeds[1:]) * DT
    rows["x"], rows["speed"] = x + rows["s"], speeds
    return rows


def steady(x: float, speed: float) -> NDArray:
    return drive(x, np.full(TICKS + 1, speed))


def recorded(ego: NDArray, *others: NDArray, first: int = 0) -> Start:
    """An ego that was recorded, under given control, and replayed others; the last comes later."""
    bodies = [car(ego["x"][0], 0.0, ego["speed"][0], driver=Driver.STACK)]
    rows = []
    for number, other in enumerate(others, start=1):
        body = car(other["x"][0], 0.0, other["speed"][0], driver=Driver.REPLAY)
        body["replay_at"], body["replay_n"] = sum(map(len, rows)), len(other)
        body["replay_from"] = first if number == len(others) else 0
        body["present"] = body["replay_from"] == 0
        bodies.append(body)
        rows.append(other)
    start = start_of(highway(1), place(highway(1), np.concatenate(bodies)), EgoKind.STACK)
    log = np.stack([ego[name] for name in ("x", "y", "heading", "speed")], axis=-1)
    slot = start.slot.copy()
    slot["clamped"] = True
    return replace(start, slot=slot, replay=np.concatenate(rows), log=log)


def driven(start: Start, accel: float, ticks: int = TICKS) -> NDArray:
    """(T + 1, N) `BODY` with a constant acceleration of the ego."""
    world = Engine()
    world.reset([start])
    shown = [world.raw()[0]]
    for _ in range(ticks):
        world.step(np.array([[accel, 0.0]]))
        shown.append(world.raw()[0])
    return np.stack(shown)


def gaps(states: NDArray, rear: int, front: int) -> Floats:
    lengths = 0.5 * (states["length"][:, rear] + states["length"][:, front])
    return states["x"][:, front] - states["x"][:, rear] - lengths


def same(one: NDArray, other: NDArray, names: tuple[str, ...] = BODY.names or ()) -> None:
    for name in names:
        if name not in ("reactive", "clock"):
            np.testing.assert_array_equal(one[name], other[name], name)


def test_a_follower_stops_behind_an_ego_that_stops() -> None:
    start = recorded(steady(60.0, 12.0), steady(40.0, 12.0))
    through, behind = driven(start, -6.0), driven(reacting(start, 1.0), -6.0)
    assert gaps(through, 1, 0).min() < 0.0, "a replayed one drives through it"
    assert 0.5 < gaps(behind, 1, 0).min() <= gaps(behind, 1, 0)[-1] < 4.0
    assert behind["speed"][-1, 1] == pytest.approx(0.0, abs=0.05)
    assert not behind["contact"].any()


def test_on_the_recorded_way_everybody_is_replayed_exactly() -> None:
    start = recorded(steady(60.0, 12.0), steady(54.5, 12.0), steady(40.0, 12.5))
    same(driven(start, 0.0), driven(reacting(start, 1.0), 0.0))


def test_the_hand_over_is_at_the_first_tick_beyond_the_departure() -> None:
    start = reacting(recorded(steady(60.0, 12.0), steady(40.0, 12.0)), 1.0)
    world = Engine()
    world.reset([start])
    ego = driven(start, -6.0)["x"][:, 0]
    wanted = int(np.flatnonzero(np.abs(ego - start.log[:, 0]) > 1.0)[0])
    before = []
    for _ in range(TICKS):
        before.append(bool(world._store.slots["handed_over"][0]))
        world.step(np.array([[-6.0, 0.0]]))
    assert before == [tick > wanted for tick in range(TICKS)]


def test_an_ego_that_nobody_recorded_hands_over_at_once() -> None:
    start = recorded(steady(60.0, 12.0), steady(50.0, 12.0))
    start = replace(start, log=start.log[:0])
    assert driven(reacting(start, 1.0), -6.0, 1)["lag"][-1, 1] > 0.0


def test_a_vehicle_that_was_held_up_drives_on_at_its_recorded_pace() -> None:
    stops = np.concatenate([np.full(HZ, 12.0), np.full(3 * HZ, 0.0), np.full(6 * HZ + 1, 12.0)])
    start = reacting(recorded(steady(60.0, 12.0), drive(40.0, stops)), 1.0)
    shown = driven(start, -1.0)
    still = shown["x"][1:, 1] == shown["x"][:-1, 1]
    assert still.sum() >= 3 * HZ - 1, "the dwell of a queue is kept"
    assert shown["lag"][HZ * 4, 1] == 0.0, "nobody was in its way until then"


def test_vehicles_behind_a_late_one_wait_too_and_leave_their_recorded_gap() -> None:
    start = recorded(steady(60.0, 12.0), steady(45.0, 12.0), steady(37.0, 12.0))
    shown = driven(reacting(start, 1.0), -6.0)
    assert (shown["lag"][-1, 1:] > 10.0).all()
    assert gaps(shown, 2, 1).min() > 0.3
    assert gaps(shown, 2, 1)[-1] < 4.0


def test_a_recorded_gap_shorter_than_idms_makes_nobody_brake() -> None:
    start = recorded(steady(60.0, 12.0), steady(50.0, 12.0))
    shown = driven(reacting(start, 1.0), 0.3, 2 * HZ)
    assert shown["x"][-1, 0] - start.log[2 * HZ, 0] > 0.5
    assert (shown["lag"][:, 1] == 0.0).all()


def test_somebody_beside_or_behind_is_no_leader() -> None:
    start = recorded(steady(60.0, 12.0), steady(75.0, 12.0), steady(62.0, 12.0))
    bodies, rows = start.bodies.copy(), start.replay.copy()
    bodies["y"][2], rows["y"][TICKS + 1 :] = 2.5, 2.5
    start = replace(start, bodies=bodies, replay=rows)
    same(driven(start, 0.5), driven(reacting(start, 1.0), 0.5), ("x", "y", "speed", "lag"))


def test_a_vehicle_waits_outside_while_its_first_place_is_taken() -> None:
    start = recorded(steady(60.0, 6.0), steady(10.0, 6.0), drive(60.0, np.full(60, 6.0)), first=30)
    shown = driven(reacting(start, 1.0), -6.0)
    assert shown["present"][30, 2] == 0
    assert not shown["contact"].any()


def test_at_the_end_of_its_path_a_vehicle_is_gone() -> None:
    start = recorded(steady(60.0, 12.0), drive(40.0, np.full(HZ, 12.0)))
    shown = driven(reacting(start, 1.0), 2.0)
    assert shown["present"][HZ - 1, 1]
    assert not shown["present"][HZ:, 1].any()


def test_forks_and_refills_keep_it() -> None:
    start = reacting(recorded(steady(60.0, 12.0), steady(45.0, 12.0)), 1.0)
    world = Engine()
    world.reset([start])
    control = np.array([[-6.0, 0.0]])
    for _ in range(TICKS // 3):
        world.step(control)
    twins = world.fork(2)
    for _ in range(TICKS // 3):
        world.step(control)
        twins.step(np.repeat(control, 2, axis=0))
    for twin in twins.raw():
        same(world.raw()[0], twin)
    world.refill(0, start)
    for _ in range(2 * (TICKS // 3)):
        world.step(control)
    same(world.raw()[0], twins.raw()[0])


@example(2.0, 22.06205307536233, 2.0, 17.0, 1)
@settings(max_examples=30, deadline=None)
@given(
    st.floats(2.0, 20.0), st.floats(7.0, 40.0), st.floats(-8.0, 3.0), st.floats(0.0, 20.0),
    st.integers(0, 1000),
)  # fmt: skip
def test_nobody_is_early_or_faster_than_recorded(
    speed: float, distance: float, accel: float, other: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    uneven = np.maximum(other + np.cumsum(rng.normal(0.0, 0.2, TICKS + 1)), 0.0)
    start = recorded(steady(60.0, speed), drive(60.0 - distance, uneven), steady(5.0, speed))
    shown = driven(reacting(start, 1.0), accel)
    assert (shown["lag"] >= 0.0).all()
    assert (np.diff(shown["lag"], axis=0) <= 1.0 + 1e-9).all(), "no clock runs backwards"
    assert (np.diff(shown["lag"], axis=0) >= -1e-9).all(), "nor faster than the recording's"
    moved = np.diff(shown["x"][:, 1])
    assert (moved >= 0.0).all()
    assert moved.max() <= uneven[1:].max() * DT + 1e-9
