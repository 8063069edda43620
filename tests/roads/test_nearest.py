"""The nearest lane: highway-env's answer, the same with and without the grid, first on ties."""

from __future__ import annotations

import dataclasses
import math

import gymnasium
import numpy as np
import pytest

from drivestack.core.map import Map
from drivestack.core.rng import stream
from drivestack.core.tables import GRID
from drivestack.roads.nearest import lane_at, nearest_lane, nearest_lanes
from drivestack.scenario.sources.highway_env import load
from drivestack.scenario.sources.highway_env_scenes import SCENES
from tests.scenes import two_lanes


def poses(map: Map, n: int) -> np.ndarray:
    """(3, n) x, y, heading on and around the grid of a map."""
    grid = map.grid[0]
    wide, high = grid["nx"] * grid["step_x"], grid["ny"] * grid["step_y"]
    draw = stream("nearest", map.name)
    low = (grid["x"] - 30.0, grid["y"] - 30.0, -4.0)
    return draw.uniform(low, (grid["x"] + wide + 30.0, grid["y"] + high + 30.0, 4.0), (n, 3)).T


@pytest.mark.parametrize("env", SCENES)
def test_the_grid_changes_no_answer(env: str) -> None:
    map = load(env, 0).map
    open_grid = np.zeros(1, GRID)
    open_grid["step_x"] = open_grid["step_y"] = 1.0
    full = dataclasses.replace(map, grid=open_grid)
    given = poses(map, 4000)
    np.testing.assert_array_equal(nearest_lanes(map, *given), nearest_lanes(full, *given))
    for x, y, heading in given.T[:50].tolist():
        assert nearest_lane(map, x, y, heading) == nearest_lane(full, x, y, heading)
        assert lane_at(map, x, y) == lane_at(full, x, y)


@pytest.mark.parametrize("env", ["roundabout-v1", "racetrack-large-v1"])
def test_it_is_highway_envs(env: str) -> None:
    import highway_env  # noqa: F401  registers the scenes

    map = load(env, 0).map
    real = gymnasium.make(env).unwrapped
    real.reset(seed=0)
    for x, y, heading in poses(map, 150).T.tolist():
        name = real.road.network.get_closest_lane_index(np.array([x, y]), heading)
        assert map.lane_name(nearest_lane(map, x, y, heading)[0]) == name
    real.close()


def test_ties_go_to_the_first_lane_and_headings_count() -> None:
    map = two_lanes(100.0)
    assert nearest_lane(map, 30.0, 2.0, 0.0) == (0, 30.0)
    assert nearest_lane(map, 30.0, 1.9, 0.0) == (1, 30.0)
    assert nearest_lane(map, -1.0e6, 0.0, math.pi) == (1, -1.0e6)
    assert nearest_lanes(map, *np.zeros((3, 0))).tolist() == []
