"""Positions and speeds of scripted actors against OpenSCENARIO's formulas."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.script import Shape, Span
from drivestack.world.actors.ramps import ramp, ramp_area, ramp_length, ramp_slope
from tests.world.actors.playing import HZ, LEFT, RIGHT, played, scripted, started, tracks

SHAPES = (Shape.LINEAR, Shape.SINUSOIDAL, Shape.CUBIC)
EXACT = 1e-9


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 3.0])
def test_a_sinusoidal_lane_change_has_the_given_peak_rate(tmp_path: Path, rate: float) -> None:
    change = {"when": {"time": 1.0}, "do": {"lane_change": {"to": RIGHT, "rate": rate}}}
    scenes = played(started(tmp_path, scripted("a", change, speed=20.0)), 14)
    y = tracks(scenes)[:, 1]
    lasting = math.pi * 3.5 / (2.0 * rate)
    u = np.clip((np.arange(len(y)) / HZ - 1.0) / lasting, 0.0, 1.0)
    np.testing.assert_allclose(y, 5.25 - 3.5 * (1.0 - np.cos(math.pi * u)) / 2.0, atol=EXACT)
    steepest = np.abs(np.diff(y)).max() * HZ
    assert steepest == pytest.approx(rate, rel=1e-2)  # of a chord over one tick
    assert scenes[-1].cue_ended[0, 0] == math.ceil(round((1.0 + lasting) * HZ, 6))


def test_the_speed_is_the_ground_s_and_the_heading_follows_the_motion(tmp_path: Path) -> None:
    change = {"do": {"lane_change": {"left": -1, "rate": 2.0}}}
    states = tracks(played(started(tmp_path, scripted("a", change, speed=10.0)), 4))
    np.testing.assert_allclose(np.diff(states[:, 0]), 10.0 / HZ, atol=EXACT)
    middle = states[round(math.pi * 3.5 / 4.0 * HZ / 2.0)]
    assert middle[2] == pytest.approx(-math.atan2(2.0, 10.0), abs=1e-3)
    assert middle[3] == pytest.approx(math.hypot(10.0, 2.0), abs=1e-3)
    assert states[-1, 2] == 0.0


@pytest.mark.parametrize("accel", [0.3, 1.0])
def test_an_offset_keeps_its_largest_lateral_acceleration(tmp_path: Path, accel: float) -> None:
    move = {"do": {"offset": {"to": 1.5, "max_accel": accel}}}
    y = tracks(played(started(tmp_path, scripted("a", move, speed=15.0)), 12))[:, 1] - 5.25
    lasting = math.pi * math.sqrt(1.5 / (2.0 * accel))
    u = np.clip(np.arange(len(y)) / HZ / lasting, 0.0, 1.0)
    np.testing.assert_allclose(y, 0.75 * (1.0 - np.cos(math.pi * u)), atol=EXACT)
    during = y[: math.floor(lasting * HZ)]
    assert np.abs(np.diff(during, 2)).max() * HZ**2 == pytest.approx(accel, rel=0.02)


def test_an_offset_counts_from_another_body(tmp_path: Path) -> None:
    move = {"do": {"offset": {"to": 2.0, "of": "ego", "time": 2.0}}}
    states = tracks(played(started(tmp_path, scripted("a", move, speed=15.0)), 3))
    assert states[-1, 1] == pytest.approx(1.75 + 2.0, abs=EXACT)


@pytest.mark.parametrize("shape", ["linear", "sinusoidal", "cubic"])
def test_a_change_of_speed_is_integrated_exactly(tmp_path: Path, shape: str) -> None:
    change = {"do": {"speed": {"to": 20.0, "shape": shape, "time": 3.33}}}
    states = tracks(played(started(tmp_path, scripted("a", change, speed=10.0)), 5))
    t = np.arange(len(states)) / HZ
    fine = np.linspace(0.0, 5.0, 500_001)
    u = np.clip(fine / 3.33, 0.0, 1.0)
    value = {"linear": u, "sinusoidal": (1 - np.cos(math.pi * u)) / 2, "cubic": u**2 * (3 - 2 * u)}
    speed = 10.0 + 10.0 * value[shape]
    way = np.concatenate(([0.0], np.cumsum((speed[1:] + speed[:-1]) / 2 * np.diff(fine))))
    np.testing.assert_allclose(states[:, 3], np.interp(t, fine, speed), atol=1e-6)
    np.testing.assert_allclose(states[:, 0] - 100.0, np.interp(t, fine, way), atol=1e-6)


def test_a_rate_is_an_acceleration_whatever_its_sign(tmp_path: Path) -> None:
    slow = {"do": {"speed": {"to": 5.0, "rate": 2.5}}}
    states = tracks(played(started(tmp_path, scripted("a", slow, speed=15.0)), 6))
    t = np.arange(len(states)) / HZ
    np.testing.assert_allclose(states[:, 3], np.maximum(15.0 - 2.5 * t, 5.0), atol=EXACT)
    never = {"do": {"speed": {"to": 5.0, "rate": 0.0}}}
    scenes = played(started(tmp_path, scripted("a", never, speed=15.0)), 2)
    assert tracks(scenes)[-1, 3] == 15.0
    assert not scenes[-1].cue_over[0, 0]


def test_a_distance_is_driven_during_the_change(tmp_path: Path) -> None:
    change = {"do": {"speed": {"to": 20.0, "shape": "cubic", "over": 60.0}}}
    scenes = played(started(tmp_path, scripted("a", change, speed=10.0)), 6)
    states = tracks(scenes)
    assert states[80, 0] == pytest.approx(160.0, abs=1e-6)  # 60 m at a mean of 15 m/s: 4 s
    assert states[80, 3] == pytest.approx(20.0, abs=1e-6)
    assert scenes[-1].cue_ended[0, 0] == 80


def test_braking_ends_at_a_standstill(tmp_path: Path) -> None:
    brake = {"when": {"time": 0.5}, "do": {"brake": {"rate": 6.0}}}
    states = tracks(played(started(tmp_path, scripted("a", brake, speed=12.0)), 4))
    assert states[-1, 3] == 0.0
    assert states[-1, 0] == pytest.approx(100.0 + 6.0 + 12.0**2 / 12.0, abs=EXACT)


@pytest.mark.parametrize("ramp", [{"shape": "step"}, {"time": 1.0}])
def test_a_factor_that_is_continuous_multiplies_for_ever(tmp_path: Path, ramp: dict) -> None:
    follow = {"speed": {"to": 2.0, "of": "ego", "times": True, "continuous": True, **ramp}}
    start = started(
        tmp_path, scripted("a", {"do": follow}, s=300.0), ego={"lane": RIGHT, "speed": 5.0}
    )
    scenes = played(start, 3, accel=1.0)
    ego = np.array([scene.ego.state[0, 3] for scene in scenes])
    np.testing.assert_allclose(tracks(scenes)[25:, 3], 2.0 * ego[24:-1], atol=EXACT)


def test_a_relative_speed_that_is_continuous_follows_the_other(tmp_path: Path) -> None:
    follow = {"do": {"speed": {"to": -2.0, "of": "ego", "shape": "step", "continuous": True}}}
    start = started(tmp_path, scripted("a", follow, s=300.0), ego={"lane": RIGHT, "speed": 10.0})
    scenes = played(start, 3, accel=1.0)
    ego = np.array([scene.ego.state[0, 3] for scene in scenes])
    np.testing.assert_allclose(tracks(scenes)[2:, 3], ego[1:-1] - 2.0, atol=EXACT)


def test_a_profile_is_linear_between_its_points(tmp_path: Path) -> None:
    profile = {"do": {"profile": [[0, 10], [2, 14], [3, 0]]}}
    states = tracks(played(started(tmp_path, scripted("a", profile, speed=10.0)), 4))
    t = np.arange(len(states)) / HZ
    np.testing.assert_allclose(states[:, 3], np.interp(t, [0, 2, 3], [10, 14, 0]), atol=EXACT)
    assert states[-1, 0] == pytest.approx(100.0 + 24.0 + 7.0, abs=EXACT)


def test_a_rigid_time_gap_is_kept_while_the_other_accelerates(tmp_path: Path) -> None:
    keep = {"do": {"gap": {"of": "ego", "side": "ahead", "time": 2.0}}}
    start = started(tmp_path, scripted("a", keep, lane=RIGHT, s=60.0, speed=10.0),
                    ego={"lane": RIGHT, "speed": 10.0})  # fmt: skip
    scenes = played(start, 5, accel=0.8)
    ego = np.array([scene.ego.state[0] for scene in scenes])
    gap = tracks(scenes)[:, 0] - ego[:, 0] - 5.0
    # the gap of a tick is set from the other's speed at the tick before
    np.testing.assert_allclose(gap[2:], 2.0 * ego[1:-1, 3], atol=0.01)


def test_a_gap_within_limits_is_reached_without_swinging(tmp_path: Path) -> None:
    limits = {"max_accel": 2.0, "max_brake": 3.0, "max_speed": 20.0}
    keep = {"do": {"gap": {"of": "ego", "side": "ahead", "distance": 30.0, **limits}}}
    start = started(tmp_path, scripted("a", keep, lane=RIGHT, s=55.0, speed=5.0),
                    ego={"lane": RIGHT, "speed": 10.0})  # fmt: skip
    scenes = played(start, 20)
    states, ego = tracks(scenes), np.array([scene.ego.state[0] for scene in scenes])
    gap = states[:, 0] - ego[:, 0] - 5.0
    accel = np.diff(states[:, 3]) * HZ
    assert accel.max() <= 2.0 + EXACT
    assert accel.min() >= -3.0 - EXACT
    assert states[:, 3].max() <= 20.0
    np.testing.assert_allclose(gap[-HZ:], 30.0, atol=0.02)


def test_a_gap_that_is_not_kept_puts_the_actor_there(tmp_path: Path) -> None:
    put = {"do": {"gap": {"of": "ego", "side": "ahead", "distance": 12.0, "continuous": False}}}
    start = started(tmp_path, scripted("a", put, lane=RIGHT, s=60.0, speed=10.0),
                    ego={"lane": RIGHT, "s": 5.0, "speed": 10.0})  # fmt: skip
    scenes = played(start, 2)
    gap = tracks(scenes)[1:, 0] - np.array([scene.ego.state[0, 0] for scene in scenes[1:]]) - 5.0
    np.testing.assert_allclose(gap, 12.0, atol=EXACT)


def test_a_gap_between_points_and_along_the_lane(tmp_path: Path) -> None:
    """15 m between the rear axles, on an arc of 50 m: 15 m along it, and 1 m more of centres."""
    bend = [{"kind": "circular", "from": "a", "to": "b", "center": [0, 50], "radius": 50,
             "start_phase": -math.pi / 2, "end_phase": math.pi / 2}]  # fmt: skip
    put = {"gap": {"of": "b", "side": "ahead", "distance": 15.0, "continuous": False,
                   "free": False, "frame": "lane"}}  # fmt: skip
    ego = {"lane": LEFT, "s": 1.0, "speed": 0.0}
    other = scripted("b", s=30.0)
    start = started(tmp_path, scripted("a", {"do": put}, s=60.0), other, ego=ego, lanes=bend)
    x, y = tracks(played(start, 1))[-1, :2]
    assert 50.0 * math.atan2(x, 50.0 - y) == pytest.approx(45.0)
    straight = put["gap"] | {"frame": "body", "behind": [1.0, 2.0]}
    start = started(tmp_path, scripted("a", {"do": {"gap": straight}}, s=60.0), other)
    assert tracks(played(start, 1))[-1, 0] == pytest.approx(30.0 - 2.0 + 15.0 + 1.0)


def test_a_trajectory_without_times_is_followed_at_the_own_speed(tmp_path: Path) -> None:
    follow = {"do": {"follow": {"points": [[50, 20], [50, 10], [60, 10]]}}}
    walker = {"kind": "scripted", "name": "w", "type": "pedestrian", "position": [50, 20],
              "speed": 1.4, "events": [follow]}  # fmt: skip
    scenes = played(started(tmp_path, walker), 20)
    states = tracks(scenes)
    assert states[100, :2].tolist() == pytest.approx([50.0, 13.0])
    assert states[200, :2].tolist() == pytest.approx([54.0, 10.0])
    end = math.ceil(20.0 / 1.4 * HZ)
    assert scenes[-1].cue_ended[0, 0] == end
    np.testing.assert_allclose(np.diff(states[end:, 0]), 1.4 / HZ)  # and straight on


def test_a_trajectory_with_times_is_at_its_vertices_on_time(tmp_path: Path) -> None:
    follow = {
        "when": {"time": 1.0},
        "do": {"follow": {"points": [[0, 50, 20], [2, 50, 10], [3, 50, 10], [5, 60, 10]]}},
    }
    walker = {"kind": "scripted", "name": "w", "type": "animal", "position": [50, 20],
              "events": [follow]}  # fmt: skip
    states = tracks(played(started(tmp_path, walker), 7))
    for time, x, y in ((1, 50, 20), (3, 50, 10), (4, 50, 10), (5, 55, 10), (6, 60, 10)):
        assert states[time * HZ, :2].tolist() == pytest.approx([x, y]), time
    assert states[round(3.5 * HZ), 3] == 0.0


@pytest.mark.parametrize("speed", [8.0, 15.0])
def test_meeting_arrives_together_and_at_the_final_speed(tmp_path: Path, speed: float) -> None:
    meet = {"do": {"meet": {"there": {"lane": RIGHT, "s": 155.0}, "here": {"position": [155, 3]},
                            "speed": 1.5, "steady": 2.0}}}  # fmt: skip
    walker = {"kind": "scripted", "name": "w", "type": "pedestrian", "position": [155, 9],
              "heading": -math.pi / 2, "events": [meet]}  # fmt: skip
    start = started(tmp_path, walker, ego={"lane": RIGHT, "s": 5.0, "speed": speed})
    scenes = played(start, 155.0 / speed + 1.0)
    arrival = 150.0 / speed
    y = tracks(scenes)[:, 1]
    t = np.arange(len(y)) / HZ
    assert np.interp(arrival, t, y) == pytest.approx(3.0, abs=0.05)
    assert tracks(scenes)[round(arrival * HZ), 3] == pytest.approx(1.5)
    assert np.interp(arrival - 2.0 / 1.5, t, y) == pytest.approx(5.0, abs=0.05)
    standing = arrival - 2.0 / 1.5 - 2.0 * 4.0 / 1.5  # 4 m of constant acceleration from 0
    assert np.interp(standing - 0.1, t, y) == pytest.approx(9.0, abs=1e-6)


def test_meeting_from_motion_changes_speed_in_time(tmp_path: Path) -> None:
    meet = {"do": {"meet": {"there": {"lane": RIGHT, "s": 155.0}, "here": {"lane": LEFT, "s": 200},
                            "speed": 12.0}}}  # fmt: skip
    start = started(tmp_path, scripted("a", meet, speed=6.0),
                    ego={"lane": RIGHT, "s": 5.0, "speed": 15.0})  # fmt: skip
    states = tracks(played(start, 10))
    assert states[200, 0] == pytest.approx(200.0, abs=0.3)
    assert states[200, 3] == pytest.approx(12.0, abs=0.1)


def test_beside_the_centre_of_a_bend_the_speed_is_its_own(tmp_path: Path) -> None:
    bend = [{"kind": "circular", "from": "a", "to": "b", "center": [0, 50], "radius": 50,
             "start_phase": -math.pi / 2, "end_phase": math.pi / 2}]  # fmt: skip
    actor = scripted("a", lane=LEFT, s=20.0, lateral=1.5, speed=10.0)
    ego = {"lane": LEFT, "s": 1.0, "speed": 0.0}
    states = tracks(played(started(tmp_path, actor, ego=ego, lanes=bend), 5))
    assert np.hypot(states[:, 0], states[:, 1] - 50.0) == pytest.approx(48.5, abs=1e-9)
    turned = np.unwrap(states[:, 2])
    np.testing.assert_allclose(np.diff(turned), 10.0 / HZ / 48.5, atol=EXACT)


def test_it_goes_on_to_the_next_lane_and_against_it(tmp_path: Path) -> None:
    lanes = [
        {"kind": "straight", "from": "a", "to": "b", "start": [0, 0], "end": [50, 0]},
        {"kind": "circular", "from": "b", "to": "c", "center": [50, 20], "radius": 20,
         "start_phase": -math.pi / 2, "end_phase": 0},
    ]  # fmt: skip
    ego = {"lane": ["a", "b", 0], "s": 1.0, "speed": 0.0}
    ahead = scripted("a", lane=["a", "b", 0], s=40.0, speed=10.0)
    back = scripted("b", lane=["b", "c", 0], s=25.0, speed=10.0, against=True)
    scenes = played(started(tmp_path, ahead, back, ego=ego, lanes=lanes), 3)
    first, second = tracks(scenes, 0)[-1], tracks(scenes, 1)[-1]
    assert first[:2].tolist() == pytest.approx([50 + 20 * math.sin(1.0), 20 - 20 * math.cos(1.0)])
    assert second[:2].tolist() == pytest.approx([45.0, 0.0])
    assert math.cos(second[2]) == pytest.approx(-1.0)


def test_it_is_handed_over_to_idm_and_may_vanish(tmp_path: Path) -> None:
    go = scripted("a", {"when": {"time": 1.0}, "do": {"drive": "idm"}}, s=60.0, speed=15.0)
    wall = {"kind": "obstacle", "lane": LEFT, "s": 200.0}
    gone = scripted("c", {"when": {"time": 2.0}, "do": {"vanish": True}}, s=300.0)
    scenes = played(started(tmp_path, go, wall, gone), 15)
    states = tracks(scenes, 0)
    np.testing.assert_allclose(states[: HZ + 1, 3], 15.0)
    stopped, passed = states[-1, 3] < 1.0, abs(states[-1, 1] - 1.75) < 0.5
    assert stopped or passed  # it brakes for what stands there, or changes lanes
    assert scenes[2 * HZ].agents.valid[0, 1, 0]
    assert not scenes[2 * HZ + 1].agents.valid[0, 1, 0]


@given(st.sampled_from(SHAPES), st.floats(0.0, 1.0))
def test_ramps_are_symmetrical_and_their_slope_and_area_agree(shape: Shape, u: float) -> None:
    assert ramp(shape, 0.0) == 0.0
    assert ramp(shape, 1.0) == 1.0
    assert ramp(shape, u) + ramp(shape, 1.0 - u) == pytest.approx(1.0)
    h = 1e-5
    if h < u < 1.0 - h:
        assert (ramp(shape, u + h) - ramp(shape, u - h)) / (2 * h) == pytest.approx(
            ramp_slope(shape, u), abs=1e-6
        )
        assert (ramp_area(shape, u + h) - ramp_area(shape, u - h)) / (2 * h) == pytest.approx(
            ramp(shape, u), abs=1e-6
        )
    assert ramp_area(shape, 1.0) == pytest.approx(0.5)


@given(st.sampled_from(SHAPES), st.floats(0.1, 10.0), st.floats(-30.0, 30.0))
def test_a_rate_is_the_largest_on_the_way(shape: Shape, rate: float, change: float) -> None:
    length = ramp_length(shape, Span.RATE, rate, change)
    if abs(change) < 1e-6:
        return
    steepest = max(ramp_slope(shape, u) for u in np.linspace(0.0, 0.9999, 2001))
    assert abs(change) / length * steepest == pytest.approx(rate, rel=1e-3)
