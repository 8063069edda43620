"""The lane grid loses nothing: its cells name every lane that is nearest or carries a body."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.map import Map
from drivestack.core.rng import stream
from drivestack.core.tables import Table
from drivestack.roads.build import LaneSpec, build_map, circular, polyline, sine, straight
from drivestack.roads.grid import cell_of
from drivestack.roads.lanes import (
    heading_at,
    local_coordinates,
    on_lane,
    overshoot,
    position,
    width_at,
)
from drivestack.roads.mirror import mirrored
from drivestack.scenario.sources.highway_env import load
from drivestack.scenario.sources.highway_env_scenes import SCENES


@kernel
def missing(
    lanes: Table, points: Table, grid: Table, cell_at: Table, cell_lanes: Table, poses: Table
) -> int:
    """First pose at which the grid lacks the nearest lane or a lane that carries a body; -1."""
    found = np.zeros(lanes.shape[0], np.bool_)
    for k in range(poses.shape[0]):
        x, y, heading = poses[k, 0], poses[k, 1], poses[k, 2]
        cell = cell_of(grid[0], x, y)
        if cell < 0:
            continue
        found[:] = False
        for place in range(cell_at[cell], cell_at[cell + 1]):
            found[cell_lanes[place]] = True
        best = math.inf
        nearest = -1
        for index in range(lanes.shape[0]):
            lane = lanes[index]
            s, lateral = local_coordinates(lane, points, x, y)
            turn = abs(wrap_to_pi(heading - heading_at(lane, points, s)))
            distance = abs(lateral) + overshoot(lane, s) + turn
            if distance < best:
                best = distance
                nearest = index
            # margin and ends as the engine asks
            if on_lane(lane, points, s, lateral, 1.0, 5.0) and not found[index]:
                return k
        if not found[nearest]:
            return k
    return -1


def check(map: Map, n: int) -> None:
    """Poses all over the grid and beyond it, on cell borders, and where lanes only just carry."""
    draw = stream("grid", map.name, map.y_right)
    grid = map.grid[0]
    low = np.array([grid["x"], grid["y"]])
    step = np.array([grid["step_x"], grid["step_y"]])
    cells = np.array([grid["nx"], grid["ny"]])
    anywhere = draw.uniform(low - 30.0, low + cells * step + 30.0, (n, 2))
    borders = low + draw.integers(0, cells + 1, (n, 2)) * step
    places = np.concatenate(
        [anywhere, borders, low + draw.integers(0, 2 * cells, (n, 2)) * step / 2]
    )
    places = np.concatenate([places, np.array(list(_barely_carried(map)))])
    poses = np.column_stack([places, draw.uniform(-9.0, 9.0, len(places))])
    tables = (map.lanes, map.points, map.grid, map.cell_at, map.cell_lanes)
    bad = missing(*tables, poses)
    assert bad < 0, poses[bad].tolist()


def _barely_carried(map: Map) -> Iterator[tuple[float, float]]:
    """Points at the corners of what a lane carries."""
    for lane in map.lanes:
        for s in (-4.999, float(lane["length"]) + 4.999):
            for side in (-1.0, 1.0):
                yield position(
                    lane, map.points, s, side * (width_at(lane, map.points, s) / 2 + 0.999)
                )


@pytest.mark.parametrize("env", SCENES)
def test_highway_env_maps(env: str) -> None:
    map = load(env, 0).map
    check(map, 3000)
    check(mirrored(map), 1000)


def test_cells_are_in_graph_order() -> None:
    """The first lane wins ties, so a cell's lanes stand as in the map."""
    map = load("roundabout-v1", 0).map
    for at, end in zip(map.cell_at, map.cell_at[1:], strict=False):
        assert (np.diff(map.cell_lanes[at:end]) > 0).all()


metres = st.floats(-80.0, 80.0)
points = st.tuples(metres, metres)
lines = st.lists(points, min_size=2, max_size=6).filter(
    lambda line: all(math.dist(a, b) > 0.5 for a, b in pairwise(line))
)
widths = st.floats(2.0, 8.0)
arcs = st.builds(
    lambda center, radius, start, turn, width: circular(
        center, radius, start, start + turn, width=width
    ),
    points,
    st.floats(2.0, 60.0),
    st.floats(-7.0, 7.0),
    st.floats(0.1, 6.2),
    widths,
)
straights = st.builds(lambda line, width: straight(line[0], line[1], width), lines, widths)
sines = st.builds(
    lambda line, amplitude, pulsation, phase: sine(line[0], line[1], amplitude, pulsation, phase),
    lines,
    st.floats(0.0, 6.0),
    st.floats(0.01, 0.5),
    st.floats(-4.0, 4.0),
)
polylines = st.builds(polyline, lines, widths)


@settings(max_examples=40)
@given(
    specs=st.lists(st.one_of(polylines, polylines, arcs, straights, sines), min_size=1, max_size=8)
)
def test_random_maps(specs: list[LaneSpec]) -> None:
    """Lanes of every kind that cross and overlap; polylines of changing width."""
    named = [(f"{number}", f"{number + 1}", spec) for number, spec in enumerate(specs)]
    check(build_map("random", named), 150)


@settings(max_examples=20)
@given(line=lines, ends=st.tuples(widths, widths))
def test_changing_widths(line: list[tuple[float, float]], ends: tuple[float, float]) -> None:
    """A polyline's own width counts where it is widest."""
    spec = polyline(line, np.linspace(*ends, len(line)))
    check(build_map("funnel", [("a", "b", spec)]), 150)
