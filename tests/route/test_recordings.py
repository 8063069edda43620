"""Every shared recording of NGSIM is routed from where its ego starts to its goal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivestack.core.types import Aim
from drivestack.route.graph import lane_graph
from drivestack.route.lane_router import LaneRouter
from drivestack.scenario import load
from drivestack.scenario.commonroad.recording import read_recording
from drivestack.sim.goals import goals_of
from tests.route.test_scenes import points, seen_by

pytestmark = pytest.mark.shared

FOLDERS = {"commonroad_ngsim_head": 6, "commonroad_ngsim_2018a": 47}
"""How many recordings they hold."""

BOTH = ("commonroad_ngsim_head", pytest.param("commonroad_ngsim_2018a", marks=pytest.mark.nightly))


def files(shared: Path, folder: str) -> list[Path]:
    found = sorted((shared / "data" / folder).glob("*.xml.gz"))
    if not found:
        pytest.skip(f"shared data not found at {shared / 'data' / folder}")
    return found


@pytest.mark.parametrize("folder", BOTH)
def test_joints_are_the_links_of_lanelets(shared: Path, folder: str) -> None:
    """Worked out from geometry, they are what the files say."""
    for path in files(shared, folder):
        network = read_recording(path).network
        graph = lane_graph(network.map)
        for number, lanelet in network.lanelets.items():
            expected = sorted(network.lane_of[other] for other in lanelet.successors)
            assert sorted(graph.onward(network.lane_of[number])) == expected, path.name


@pytest.mark.parametrize("folder", BOTH)
def test_every_goal_is_reached(shared: Path, folder: str) -> None:
    found = files(shared, folder)
    assert len(found) == FOLDERS[folder]
    for path in found:
        for start in load(path):
            goal = goals_of([start], [start.map], len(start.log))
            route = LaneRouter().route(seen_by(start.map, start), goal)
            place = f"{path.name}: {start.scenario}"
            if not goal.valid[0]:
                assert route.aim[0] == Aim.NO_GOAL, place
                continue
            assert route.aim[0] == Aim.GOAL, place
            near = np.hypot(*(points(route)[:, :2] - goal.position[0]).T).min()
            assert near <= goal.radius[0] + 1e-6, f"{place}: the line misses the goal by {near} m"
