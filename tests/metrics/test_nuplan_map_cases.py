"""nuPlan's scenes on its map: lane facts fed by hand where few say all, else skipped and counted.

The scenes of driving direction and progress happen in one straight lane. Its heading is the one
fact that is fed: the one in which the ego's progress is the 41.04 m expected; the expert's progress
and all others follow. The speed limit is what the first of three overspeeds expected implies.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.start import Start
from drivestack.core.types import Floats
from drivestack.metrics.driving_direction import backward, direction_score, lane_progress
from drivestack.metrics.lane_facts import lane_facts
from drivestack.metrics.making_progress import ego_progress, is_making_progress
from drivestack.metrics.route_progress import route_progress
from drivestack.metrics.speed_limit import mean_overspeed, overspeed, speed_limit_compliance
from drivestack.roads.build import straight
from tests.metrics.nuplan_cases import SIZE, Case, case, centres
from tests.scenes import road_map, starts_of, write_road

pytestmark = pytest.mark.shared

ON_THE_MAP = {
    "drivable_area_compliance": 3,
    "driving_direction_compliance": 3,
    "ego_lane_change": 1,
    "ego_progress_along_expert_route": 3,
    "ego_is_making_progress": 1,
    "speed_limit_compliance": 2,
}
"""Metric and number of scenes; the 21 others need no map and are reproduced beside this file."""

NEED_THE_MAP = (
    "drivable_area_compliance__drivable_area_violation",
    "drivable_area_compliance__no_drivable_area_violation",
    "drivable_area_compliance__small_drivable_area_violation",
    "ego_lane_change__ego_lane_change",
    "ego_progress_along_expert_route__ego_no_progress_along_expert_route",
)
"""Scenes whose expectations are facts of the map themselves, or whose road bends."""

HEADING = -1.5572
"""Of the lane [rad]."""

LIMIT = 20.0 - 6.59
"""Of the road [m/s]: 30 mph, as expected of the first frame."""

SLIGHTLY = (2.0, 15.0)
"""Bounds [m] of one scene (scores.md, section 11)."""


def test_every_scene_is_accounted_for(shared: Path) -> None:
    files = sorted((shared / "data" / "nuplan_metric_cases").glob("*.json"))
    counts = {name: sum(f.name.startswith(f"{name}__") for f in files) for name in ON_THE_MAP}
    assert counts == ON_THE_MAP
    assert len(files) == sum(counts.values()) + 21
    assert set(NEED_THE_MAP) < {file.stem for file in files}


@pytest.mark.parametrize("name", NEED_THE_MAP)
def test_scenes_that_need_the_map(name: str) -> None:
    pytest.skip("needs the us-nv-las-vegas-strip map")


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return starts_of(write_road(tmp_path))[0]


def lane_of(found: Case) -> Map:
    """The straight lane that a scene's ego starts in the middle of."""
    along = np.array([math.cos(HEADING), math.sin(HEADING)])
    centre = centres(found.pose)[0, :2]
    ends = [straight(centre - 50.0 * along, centre + 100.0 * along, width=7.0)]
    return road_map("strip", {("a", "b"): ends})


def expert_of(found: Case) -> Floats:
    """Poses (T, 3) of the expert's centre."""
    return centres(np.array([state["pose"] for state in found.raw["expert_ego_states"]]))


@pytest.mark.parametrize(
    ("name", "bounds"),
    [("does_not_drive_backward", ()), ("drives_backward", ()),
     ("slightly_drives_backward", SLIGHTLY)],
)  # fmt: skip
def test_driving_direction(shared: Path, name: str, bounds: tuple[float, ...]) -> None:
    found = case(shared, f"driving_direction_compliance__ego_{name}")
    facts = lane_facts(lane_of(found), centres(found.pose), np.array(SIZE))
    assert (facts.lane == 0).all()
    metres = backward(lane_progress(facts.s, facts.lane), found.dt)
    assert -metres.max() == pytest.approx(found.values("MIN")[0], abs=0.01)
    assert direction_score(float(metres.max()), *bounds) == found.values("VALUE")[0]


@pytest.mark.parametrize("name", ["ego_drives_backward", "ego_progress_along_expert_route"])
def test_progress_along_the_route(shared: Path, start: Start, name: str) -> None:
    found = case(shared, f"ego_progress_along_expert_route__{name}")
    map = lane_of(found)
    expert = route_progress(start, map, expert_of(found))
    ego = route_progress(start, map, centres(found.pose))
    assert [expert, ego] == pytest.approx(found.values("VALUE"), abs=0.015)
    assert ego_progress(ego, expert) == pytest.approx(found.values("RATIO")[0], abs=0.01)


def test_making_progress(shared: Path, start: Start) -> None:
    found = case(shared, "ego_is_making_progress__ego_is_making_progress")
    map = lane_of(found)
    expert, ego = (route_progress(start, map, p) for p in (expert_of(found), centres(found.pose)))
    assert is_making_progress(ego_progress(ego, expert, floor=0.1)) is found.values("BOOLEAN")[0]


def test_speed_limit(shared: Path) -> None:
    found = case(shared, "speed_limit_compliance__speed_limit_violation")
    speed = np.hypot(*found.velocity.T)
    limit, limited = np.full(len(speed), LIMIT), np.ones(len(speed), np.bool_)
    over = overspeed(speed, limit, limited)
    np.testing.assert_array_equal(np.round(over, 2), found.series())
    spell = over[over > 0.0]
    assert spell.max() == pytest.approx(found.values("MAX")[0], abs=0.01)
    assert spell.mean() == pytest.approx(found.values("MEAN")[0], abs=0.01)
    assert (speed_limit_compliance(mean_overspeed(over)) == 1.0) is found.values("BOOLEAN")[0]


def test_no_speed_limit_violation(shared: Path) -> None:
    found = case(shared, "speed_limit_compliance__no_speed_limit_violation")
    speed = np.hypot(*found.velocity.T)
    over = overspeed(speed, np.full(1, LIMIT), np.ones(1, np.bool_))
    assert (speed_limit_compliance(mean_overspeed(over)) == 1.0) is found.values("BOOLEAN")[0]
