"""The self-tests of scores.md, section 12, that concern single measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.episode import Outcome, ReferenceRun
from drivestack.core.start import Start
from drivestack.core.tables import Kind
from drivestack.core.types import Floats
from drivestack.metrics.collision import Collision, Fault, no_at_fault_collision
from drivestack.metrics.comfort import bounded
from drivestack.metrics.compose import COMPOSITIONS, composed
from drivestack.metrics.driving_direction import backward, direction_score, lane_progress
from drivestack.metrics.judge import COMPOSED, absent, measured
from drivestack.metrics.making_progress import (
    ego_progress,
    epdms_progress,
    is_comparable,
    is_making_progress,
    pdms_progress,
)
from drivestack.metrics.signals import Signals
from drivestack.metrics.speed_limit import mean_overspeed, overspeed, speed_limit_compliance
from drivestack.metrics.time_to_collision import within_bound
from drivestack.roads.build import straight
from tests.metrics.drives import driven, straight_ego
from tests.scenes import road_map, starts_of, two_lanes, write_road


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def ahead(ego: Floats, gap: float, v: float, y: float = 0.0, dt: float = 0.1) -> Floats:
    """One other (T, 1, 4), bumper `gap` metres before the ego's at the start, at its own speed."""
    t = np.arange(len(ego)) * dt
    x = ego[0, 0] + 5.0 + gap + v * t
    return np.stack([x, np.full_like(t, y), np.zeros_like(t), np.full_like(t, v)], axis=-1)[:, None]


def hit(kind: Kind, at_fault: bool = True) -> Collision:
    return Collision(3, 0, kind, Fault.FRONT, at_fault, 1.0)


@pytest.mark.parametrize("dt", [0.1, 0.05, 1 / 15])
def test_constant_speed_lane_follower(start: Start, dt: float) -> None:
    values = measured(driven(start, two_lanes(), straight_ego(10.0, dt=dt), dt=dt))
    for name in ("comfort", "driving_direction", "drivable_area", "drivable_area_strict",
                 "no_at_fault_collision", "ttc_within_bound", "speed_limit"):  # fmt: skip
        assert values[name] == 1.0, name


def test_stopped_ego_hit_from_behind(start: Start) -> None:
    ego = straight_ego(0.0)
    other = ahead(ego, -20.0, 10.0)
    values = measured(driven(start, two_lanes(), ego, other, contact=10))
    assert (values["contact"], values["at_fault"]) == (1.0, 0.0)
    assert values["no_at_fault_collision"] == values["ttc_within_bound"] == 1.0


@pytest.mark.parametrize(("time", "held"), [(0.9, False), (1.0, True), (2.95, True)])
def test_time_to_collision_on_the_bound(start: Start, time: float, held: bool) -> None:
    assert within_bound(np.array([time])) is held
    # boxes meet a hair before `time`, so that the step at `time` is the first in contact
    ego = straight_ego(10.0, seconds=0.0)
    episode = driven(start, two_lanes(), ego, ahead(ego, 10.0 * time - 0.2, 0.0))
    assert measured(episode)["ttc_within_bound"] == float(held)


def test_time_to_collision_looks_ahead_only_while_in_lane(start: Start) -> None:
    """One beside who drifts in counts for an ego that straddles, not for one in its lane."""
    for y, held in ((0.0, 1.0), (1.2, 0.0)):
        ego = straight_ego(10.0, seconds=0.0, y=y)
        drifting = np.tile([99.0, y + 2.5, -0.3, 10.0], (1, 1, 1))
        assert measured(driven(start, two_lanes(), ego, drifting))["ttc_within_bound"] == held


@pytest.mark.parametrize(
    ("kinds", "score"),
    [
        ([], 1.0),
        ([Kind.OBSTACLE], 0.5),
        ([Kind.OBSTACLE, Kind.OBSTACLE], 0.0),
        ([Kind.PEDESTRIAN], 0.0),
        ([Kind.BICYCLE], 0.0),
        ([Kind.CAR], 0.0),
        ([Kind.OBSTACLE, Kind.CAR], 0.0),
    ],
)
def test_one_cone_is_half_and_one_pedestrian_nothing(kinds: list[Kind], score: float) -> None:
    assert no_at_fault_collision([hit(kind) for kind in kinds]) == score
    assert no_at_fault_collision([hit(kind, at_fault=False) for kind in kinds]) == 1.0


@pytest.mark.parametrize(
    ("out", "slack", "strict"),
    [(0.0, 1.0, 1.0), (0.29, 1.0, 0.0), (0.3, 0.0, 0.0), (1.0, 0.0, 0.0)],
)
@pytest.mark.parametrize("side", [-1, 1])
def test_corner_outside(start: Start, out: float, slack: float, strict: float, side: int) -> None:
    # two lanes from y = -2 to y = 6; the body is 2 m wide
    y = 5.0 + out if side > 0 else -1.0 - out
    values = measured(driven(start, two_lanes(), straight_ego(10.0, y=y)))
    assert (values["drivable_area"], values["drivable_area_strict"]) == (slack, strict)


@pytest.mark.parametrize(
    ("distance", "score"), [(0.0, 1.0), (1.99, 1.0), (2.0, 0.5), (5.99, 0.5), (6.0, 0.0)]
)
def test_wrong_way_within_a_second(start: Start, distance: float, score: float) -> None:
    assert direction_score(distance) == score
    # one second of driving against the lane's direction, standing before and after
    x = 100.0 - distance * np.clip(np.arange(41) * 0.1 - 1.0, 0.0, 1.0)
    ego = np.column_stack([x, np.zeros(41), np.full(41, np.pi), np.full(41, distance)])
    one_lane = road_map("one", {("a", "b"): [straight((0, 0), (600, 0))]})
    assert measured(driven(start, one_lane, ego))["driving_direction"] == score


def test_direction_forgets_after_a_second_and_on_a_lane_change() -> None:
    slow = np.full(100, -0.15)
    assert backward(slow, 0.1).max() == pytest.approx(11 * 0.15)
    assert backward(-slow, 0.1).max() == 0.0
    s, lane = np.array([50.0, 49.0, 9.0, 8.0]), np.array([0, 0, 1, -1], np.int32)
    np.testing.assert_array_equal(lane_progress(s, lane), [0.0, -1.0, 0.0, 0.0])


def test_oncoming_lane_is_wrong_way(start: Start) -> None:
    both = road_map(
        "both",
        {("a", "b"): [straight((0, 0), (600, 0))], ("b", "a"): [straight((600, 4), (0, 4))]},
    )
    right, wrong = straight_ego(10.0), straight_ego(10.0, y=4.0)
    assert measured(driven(start, both, right))["driving_direction"] == 1.0
    assert measured(driven(start, both, wrong))["driving_direction"] == 0.0


@pytest.mark.parametrize(("over", "score"), [(0.0, 1.0), (1.115, 0.5), (2.23, 0.0), (9.0, 0.0)])
def test_mean_overspeed(over: float, score: float) -> None:
    speed, limit = np.full(1001, 20.0 + over), np.full(1001, 20.0)
    limited = np.ones(1001, np.bool_)
    for signed in (speed, -speed):
        mean = mean_overspeed(overspeed(signed, limit, limited))
        assert speed_limit_compliance(mean) == pytest.approx(score, abs=1e-3)
    assert mean_overspeed(overspeed(speed, limit, ~limited)) == 0.0
    assert mean_overspeed(np.zeros(0)) == mean_overspeed(np.ones(1)) == 0.0


@pytest.mark.parametrize(
    ("ego", "reference", "ratio", "making"),
    [
        (41.04, 41.99, 0.977, True),
        (4.07, 25.83, 0.158, False),
        (-13.0, 10.0, 0.0, False),
        (0.5, 1.0, 1.0, True),
        (60.0, 40.0, 1.0, True),
        (8.0, 40.0, 0.2, True),
        (10.0, None, 1.0, True),
    ],
)
def test_progress(ego: float, reference: float | None, ratio: float, making: bool) -> None:
    """The first three are nuPlan's scenes; their progress values, which need the map, are given."""
    found = ego_progress(ego, reference)
    assert found == pytest.approx(ratio, abs=1e-3)
    assert is_making_progress(found) is making


def test_navsim_progress() -> None:
    """Version 2 masks only the divisor by the multipliers."""
    for progress in (pdms_progress, epdms_progress):
        assert progress(20.0, 40.0, 1.0) == 0.5
        assert progress(50.0, 40.0, 1.0) == 1.0
        assert progress(4.0, 5.0, 1.0) == 1.0
        assert progress(-3.0, 40.0, 1.0) == 0.0
    assert pdms_progress(50.0, 40.0, 0.5) == 0.625
    assert epdms_progress(20.0, 40.0, 0.5) == 0.5
    assert (pdms_progress(4.0, 5.0, 0.0), epdms_progress(4.0, 5.0, 0.0)) == (0.0, 1.0)
    assert is_comparable(1.0, 5.1)
    assert not is_comparable(5.0, 5.0)


@pytest.mark.parametrize(
    ("accel", "comfortable"),
    [(2.39, 1.0), (2.41, 0.0), (-4.04, 1.0), (-4.06, 0.0)],
)
def test_comfort_bounds(start: Start, accel: float, comfortable: float) -> None:
    episode = driven(start, two_lanes(), straight_ego(10.0), accel=accel)
    assert measured(episode)["comfort"] == comfortable


@pytest.mark.parametrize(("lateral", "comfortable"), [(4.8, 1.0), (4.95, 0.0)])
@pytest.mark.parametrize("side", [-1, 1])
def test_lateral_comfort(start: Start, lateral: float, comfortable: float, side: int) -> None:
    """True lateral acceleration, speed times yaw rate: upstream's is always 0 (trap 2)."""
    ego = straight_ego(20.0)
    ego[:, 2] = side * lateral / 20.0 * np.arange(len(ego)) * 0.1
    assert measured(driven(start, two_lanes(), ego))["comfort"] == comfortable


@pytest.mark.parametrize("y", [-1.4, 0.0, 1.7])
@pytest.mark.parametrize("v", [4.0, 12.0])
def test_mirrored_scenes_score_the_same(start: Start, y: float, v: float) -> None:
    t = np.arange(41) * 0.1
    ego = straight_ego(10.0, y=y)
    ego[:, 2] = 0.1 * np.sin(t)
    other = ahead(ego, 9.0, v, y=y + 1.1)
    lanes = {("a", "b"): [straight((0, 4), (600, 4)), straight((0, 0), (600, 0))]}
    mirrored = {("a", "b"): [straight((0, -4), (600, -4)), straight((0, 0), (600, 0))]}
    flip = np.array([1.0, -1.0, -1.0, 1.0])
    one = measured(driven(start, road_map("one", lanes), ego, other))
    two = measured(driven(start, road_map("two", mirrored), ego * flip, other * flip))
    assert one == two


def test_nothing_after_the_first_contact_counts(start: Start) -> None:
    """The backend moves crashed bodies as no driver would; scores end with the contact."""
    ego = straight_ego(10.0)
    other = ahead(ego, 10.05, 0.0)
    wild = ego.copy()
    wild[12:, 1], wild[12:, 2] = 50.0, 2.0
    calm = measured(driven(start, two_lanes(), ego, other, contact=11))
    after = measured(driven(start, two_lanes(), wild, other, contact=11))
    scores = ("comfort", "drivable_area", "driving_direction", "ttc_within_bound", "speed_limit",
              "no_at_fault_collision")  # fmt: skip
    assert [calm[name] for name in scores] == [after[name] for name in scores]
    assert calm["at_fault"] == 1.0
    assert calm["no_at_fault_collision"] == calm["ttc_within_bound"] == 0.0


SIGNALS = ("lon_accel", "lat_accel", "jerk", "lon_jerk", "yaw_rate", "yaw_accel")


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("lon_accel", 2.40),
        ("lon_accel", -4.05),
        ("lat_accel", 4.89),
        ("lat_accel", -4.89),
        ("jerk", 8.37),
        ("jerk", -8.37),
        ("lon_jerk", 4.13),
        ("lon_jerk", -4.13),
        ("yaw_rate", 0.95),
        ("yaw_rate", -0.95),
        ("yaw_accel", 1.93),
        ("yaw_accel", -1.93),
    ],
)
def test_comfort_bounds_are_strict_in_every_frame(name: str, bound: float) -> None:
    for value, comfortable in ((0.999 * bound, True), (bound, False)):
        series = {key: np.zeros(9) for key in SIGNALS}
        series[name][4] = value
        within = [(one.values < one.bound).all() for one in bounded(Signals(**series))]
        assert all(within) is comfortable


def test_a_safe_drive_that_keeps_up_with_its_reference(start: Start) -> None:
    ego = straight_ego(10.0)
    episode = driven(start, two_lanes(), ego, ahead(ego, 15.0, 10.0))
    values = measured(episode, ReferenceRun("somebody", 40.0))
    assert values["route_progress_m"] == pytest.approx(40.0)
    for column in COMPOSED:
        assert (values[column] or 0.0) >= 0.95, column
    assert absent(values) == ("traffic_lights", "extended_comfort")


@pytest.mark.parametrize(
    ("reference", "ratio"), [(40.0, 1.0), (80.0, 0.5), (300.0, 0.1333), (None, 1.0)]
)
def test_progress_against_a_reference(start: Start, reference: float | None, ratio: float) -> None:
    """Without a figure of its own the reference is the drive itself."""
    episode = driven(start, two_lanes(), straight_ego(10.0))
    values = measured(episode, ReferenceRun("somebody", reference))
    for name in ("ego_progress", "ego_progress_pdms", "ego_progress_epdms"):
        assert values[name] == pytest.approx(ratio, abs=1e-3)
    assert values["making_progress"] == float(ratio >= 0.2)


def test_progress_is_absent_where_there_is_nothing_to_compare(start: Start) -> None:
    standing = driven(start, two_lanes(), straight_ego(1.0))
    names = {"ego_progress", "making_progress", "ego_progress_pdms", "ego_progress_epdms"}
    for reference in (None, ReferenceRun("somebody", 5.0)):
        values = measured(standing, reference)
        assert names <= set(absent(values))
    assert not names & set(absent(measured(standing, ReferenceRun("somebody", 5.1))))


def test_a_failed_episode_scores_nothing_and_is_there(start: Start) -> None:
    episode = driven(start, two_lanes(), straight_ego(10.0))
    found = composed(Outcome.FAILED, measured(episode))
    assert {name: score.value for name, score in found.items()} == dict.fromkeys(COMPOSITIONS, 0.0)
    nothing = measured(driven(start, two_lanes(), np.zeros((0, 4))))
    assert [nothing[column] for column in COMPOSED] == [0.0] * 3
