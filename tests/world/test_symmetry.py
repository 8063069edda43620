"""Mirror and SE(2): the same world in another frame gives the same records.

Negation is exact, so mirror images agree bit for bit where no angle is wrapped by more than a
quarter turn; after a rotation they agree to rounding. highway-env prefers the right lane and hashes
positions, so timers are given and at most one candidate passes.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from drivestack.core.map import Map
from drivestack.core.start import EgoKind, Start
from drivestack.core.tables import Plant, Side
from drivestack.core.types import Scene
from drivestack.roads.grid import lane_grid
from drivestack.roads.mirror import mirrored
from drivestack.vehicle.bicycle import step_dynamic, step_kinematic
from drivestack.vehicle.lagged import step_lagged
from drivestack.vehicle.parameters import highway_env_slot, new_body
from drivestack.world.engine import Engine

from .small_worlds import HZ, TICKS, car, changing, crashing, following, place, ring, start_of

_NEGATED = ("y", "heading", "steer", "impact_y", "lateral_speed", "yaw_rate")
_SWAPPED = {Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}


def image_of(start: Start, keep_frame: bool) -> Start:
    """The start with y negated.

    Args:
        keep_frame: y points to the same side as before, so that the world itself is mirrored;
            else the frame is, and the world is the same.
    """
    bodies = start.bodies.copy()
    for field in _NEGATED:
        bodies[field] = -bodies[field]
    map = mirrored(start.map)
    if keep_frame:
        map = replace(map, y_right=start.map.y_right)
    return replace(start, map=map, bodies=bodies)


def scenes(start: Start, steer: float) -> list[Scene]:
    """What is observed at every tick under a fixed control."""
    world = Engine()
    world.reset([start])
    found = [world.observe()]
    for _ in range(TICKS):
        world.step(np.array([[0.3, steer]]))
        found.append(world.observe())
    return found


def assert_image(scene: Scene, other: Scene, sign: float, allowed: float = 0.0) -> None:
    """Every field equal; of a mirrored world y, yaw and steering negated and sides exchanged."""
    flip = np.array([1.0, sign, sign, 1.0])
    pairs = (
        (scene.ego.state * flip, other.ego.state),
        (scene.agents.state * flip, other.agents.state),
        (scene.ego.steer * sign, other.ego.steer),
        (scene.control * (1.0, sign), other.control),
        (scene.target_speed, other.target_speed),
    )
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, rtol=0.0, atol=allowed)
    names = ("lane", "target_lane", "ego_lane", "crashed", "agent_crashed", "contact")
    for name in names:
        np.testing.assert_array_equal(getattr(scene, name), getattr(other, name), name)
    side = Side(int(scene.contact_side[0]))
    expected = _SWAPPED.get(side, side) if sign < 0.0 else side
    assert other.contact_side[0] == expected
    assert other.contact_with[0] == scene.contact_with[0]


SCENARIOS = {"following": following, "changing": changing, "crashing": crashing}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_mirrored_frame_changes_no_record(name: str) -> None:
    """The same world, written with y to the other side: identical records."""
    start = SCENARIOS[name]()
    pair = zip(scenes(start, 0.01), scenes(image_of(start, False), 0.01), strict=True)
    for scene, other in pair:
        assert_image(scene, other, 1.0)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_mirrored_world_gives_mirrored_records(name: str) -> None:
    """Left and right exchanged, controls too; sides of contact swap."""
    start = SCENARIOS[name]()
    pair = zip(scenes(start, 0.01), scenes(image_of(start, True), -0.01), strict=True)
    for scene, other in pair:
        assert_image(scene, other, -1.0)


def test_scenarios_do_something() -> None:
    """Lanes are changed, and cars are struck on a side."""
    lanes = np.array([scene.lane[0] for scene in scenes(changing(), 0.0)])
    assert (lanes != lanes[0]).any()
    struck = [int(scene.contact_side[0]) for scene in scenes(crashing(), 0.0)]
    assert {Side.LEFT, Side.RIGHT} & set(struck)


def moved(map: Map, x: float, y: float, angle: float) -> Map:
    """The map rotated about the origin, then shifted."""
    c, s = math.cos(angle), math.sin(angle)
    lanes = map.lanes.copy()
    lanes["x"], lanes["y"] = (
        c * map.lanes["x"] - s * map.lanes["y"] + x,
        (s * map.lanes["x"] + c * map.lanes["y"] + y),
    )
    lanes["dx"] = c * map.lanes["dx"] - s * map.lanes["dy"]
    lanes["dy"] = s * map.lanes["dx"] + c * map.lanes["dy"]
    lanes["heading"] += angle
    lanes["start_phase"] += angle
    grid, cell_at, cell_lanes = lane_grid(lanes, map.points)
    return replace(map, lanes=lanes, grid=grid, cell_at=cell_at, cell_lanes=cell_lanes)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("pose", [(120.0, -70.0, 0.9), (-31.0, 8.0, -2.4), (5.0, 5.0, math.pi / 2)])
def test_a_moved_world_gives_moved_records(name: str, pose: tuple[float, float, float]) -> None:
    """Up to rounding, until a crash: a push ends in a touch, which rounding decides."""
    start = SCENARIOS[name]()
    x, y, angle = pose
    c, s = math.cos(angle), math.sin(angle)
    bodies = start.bodies.copy()
    bodies["x"] = c * start.bodies["x"] - s * start.bodies["y"] + x
    bodies["y"] = s * start.bodies["x"] + c * start.bodies["y"] + y
    bodies["heading"] += angle
    other = replace(start, map=moved(start.map, *pose), bodies=bodies)
    for scene, image in zip(scenes(start, 0.01), scenes(other, 0.01), strict=True):
        back = _moved_back(image, pose)
        assert_image(scene, back, 1.0, allowed=1e-6)
        if scene.agent_crashed.any():
            break


def _moved_back(scene: Scene, pose: tuple[float, float, float]) -> Scene:
    """A record in the frame of the world that was moved (the ISO frame has y negated)."""
    x, y, angle = pose[0], -pose[1], -pose[2]
    c, s = math.cos(angle), math.sin(angle)

    def turned(state: NDArray, here: NDArray) -> NDArray:
        out = state.copy()
        dx, dy = state[..., 0] - x, state[..., 1] - y
        out[..., 0], out[..., 1] = c * dx + s * dy, c * dy - s * dx
        out[..., 2] -= angle
        out[~here] = 0.0
        return out

    everybody = np.ones(scene.ego.state.shape[:-1], np.bool_)
    ego = replace(scene.ego, state=turned(scene.ego.state, everybody))
    agents = replace(scene.agents, state=turned(scene.agents.state, scene.agents.valid))
    return replace(scene, ego=ego, agents=agents)


PLANTS = {
    Plant.KINEMATIC: step_kinematic,
    Plant.DYNAMIC: step_dynamic,
    Plant.LAGGED: step_lagged,
}
angles, speeds = st.floats(-7.0, 7.0), st.floats(-10.0, 45.0)


@pytest.mark.parametrize("plant", PLANTS)
@given(heading=angles, speed=speeds, steer=st.floats(-0.9, 0.9), rate=st.floats(-2.0, 2.0))
def test_plants(plant: Plant, heading: float, speed: float, steer: float, rate: float) -> None:
    """One tick of every plant, mirrored exactly."""
    found = []
    for sign in (1.0, -1.0):
        body, slot = new_body()[0], highway_env_slot()[0]
        slot["dt"], slot["plant"], slot["applied_steer"] = 1.0 / HZ, plant, sign * 0.02
        body["x"], body["y"], body["heading"] = 10.0, sign * 3.7, sign * heading
        body["speed"], body["accel"], body["steer"] = speed, 1.3, sign * steer
        body["yaw_rate"], body["lateral_speed"] = sign * rate, sign * 0.3
        body["has_impact"], body["impact_x"], body["impact_y"] = True, 0.2, sign * 0.1
        PLANTS[plant](body, slot)
        found.append(body)
    left, right = found
    for name in ("x", "y", "heading", "speed", "accel", "steer", "lateral_speed", "yaw_rate"):
        sign = -1.0 if name in _NEGATED else 1.0
        assert right[name] == sign * left[name], name


def test_an_arc_is_mirrored_to_rounding() -> None:
    """On arcs angles are wrapped, which is not odd: the last bits differ."""
    map = ring()
    bodies = place(map, np.concatenate([car(30.0, 0.4, 11.0), car(48.0, 0.1, 8.0)]))
    start = start_of(map, bodies, EgoKind.IDM)
    for scene, other in zip(scenes(start, 0.0), scenes(image_of(start, False), 0.0), strict=True):
        assert_image(scene, other, 1.0, allowed=1e-9)
