"""Leader and follower against a plain restatement of highway-env's rule, over random traffic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivestack.core.map import Map
from drivestack.core.tables import BODY, Driver
from drivestack.roads.build import build_map, circular, straight
from drivestack.roads.lanes import local_coordinates, on_lane, position
from drivestack.scenario.sources.highway_env import load
from drivestack.vehicle.parameters import highway_env_slot, new_body
from drivestack.world.neighbours import follower, leader
from drivestack.world.pool import MapPool
from drivestack.world.projection import project_all, sort_lists
from drivestack.world.views import Road, Work, scratch


def loop() -> Map:
    """Connected roads that overlap: two ways over one line, and a branch that comes back."""
    lanes = [("a", "b", straight((0.0, y), (60.0, y))) for y in (0.0, 4.0)]
    lanes += [("b", "a", straight((60.0, y), (0.0, y))) for y in (0.0, 4.0)]
    lanes += [("b", "c", straight((60.0, 0.0), (90.0, 10.0)))]
    lanes += [("c", "b", circular((75.0, 20.0), 18.0, -0.5, -3.6, clockwise=False))]
    return build_map("loop", lanes, y_right=True)


MAPS = {
    "loop": loop,
    "merge": lambda: load("merge-v1", 0).map,
    "roundabout": lambda: load("roundabout-v1", 0).map,
    "two-way": lambda: load("two-way-v0", 0).map,
    "exit": lambda: load("exit-v1", 0).map,
}


def traffic(map: Map, seed: int, vehicles: int, obstacles: int) -> tuple[np.ndarray, np.ndarray]:
    """Bodies on and beside lanes, many of them at the same s; some are absent."""
    draw = np.random.default_rng(seed)
    bodies = np.zeros(vehicles + obstacles, BODY)
    for k in range(len(bodies)):
        bodies[k] = new_body()[0]
        body = bodies[k]
        lane = map.lanes[draw.integers(len(map.lanes))]
        s = float(draw.integers(-2, 2 + int(min(lane["length"], 300.0) / 5.0))) * 5.0
        body["x"], body["y"] = position(lane, map.points, s, float(draw.choice([0.0, 1.0, -2.9])))
        body["heading"] = draw.uniform(-3.0, 3.0)
        body["present"] = k >= vehicles or draw.random() < 0.95
        body["driver"] = Driver.IDM if k < vehicles else Driver.OBSTACLE
    slot = highway_env_slot()
    slot["n"], slot["obstacles_at"], slot["obstacles_n"] = vehicles, vehicles, obstacles
    return bodies, slot


def brute_force(map: Map, bodies: np.ndarray, k: int, lane: int, s: float) -> tuple[int, int]:
    """`Road.neighbour_vehicles`, body by body, link by link."""
    row = map.lanes[lane]
    links = map.links[row["links_at"] : row["links_at"] + row["links_n"]]
    front = rear = -1
    s_front = s_rear = 0.0
    for v, body in enumerate(bodies):
        if v == k or not body["present"]:
            continue
        for link in links:
            other = map.lanes[link["lane"]]
            s_v, lateral = local_coordinates(other, map.points, body["x"], body["y"])
            if not on_lane(other, map.points, s_v, lateral, 1.0, 5.0):
                continue
            s_v += link["offset"]
            if s <= s_v and (front < 0 or s_v <= s_front):
                front, s_front = v, s_v
            if s_v < s and (rear < 0 or s_v > s_rear):
                rear, s_rear = v, s_v
            break
    return front, rear


def projected(map: Map, bodies: np.ndarray, slot: np.ndarray) -> tuple[Road, Work]:
    """What the engine knows of the bodies before they act."""
    pool = MapPool()
    pool.add([map])
    tables = pool.tables
    road = Road(tables.places[:1], *tables[1:])
    work = Work(*(table[0] for table in scratch(1, len(bodies), len(map.lanes))))
    project_all(slot[0], road, bodies, work, True)
    sort_lists(slot[0], road, bodies, work)
    return road, work


@pytest.mark.parametrize("name", MAPS)
@settings(max_examples=12)
@given(seed=st.integers(0, 2**32 - 1), vehicles=st.integers(1, 25), obstacles=st.integers(0, 3))
def test_equals_brute_force(name: str, seed: int, vehicles: int, obstacles: int) -> None:
    map = MAPS[name]()
    bodies, slot = traffic(map, seed, vehicles, obstacles)
    road, work = projected(map, bodies, slot)
    draw = np.random.default_rng(seed)
    for k in range(vehicles):
        if not bodies[k]["present"]:
            continue
        lanes = {int(bodies[k]["lane"]), *draw.integers(len(map.lanes), size=3).tolist()}
        for lane in lanes:
            row = map.lanes[lane]
            s, _ = local_coordinates(row, map.points, bodies[k]["x"], bodies[k]["y"])
            found = leader(road, work, k, lane, s), follower(road, work, k, lane, s)
            assert found == brute_force(map, bodies, k, lane, s), (k, lane)


def test_lists_follow_the_bodies() -> None:
    """Lists that are renewed from the last tick's order equal lists made afresh."""
    map = loop()
    bodies, slot = traffic(map, 3, 20, 2)
    road, work = projected(map, bodies, slot)
    draw = np.random.default_rng(3)
    for _ in range(20):
        bodies["x"][:20] += draw.normal(0.0, 4.0, 20)
        project_all(slot[0], road, bodies, work, True)
        sort_lists(slot[0], road, bodies, work)
        afresh, other = bodies.copy(), slot.copy()
        for name in ("entries_n", "order_n", "x_order_n"):
            other[name] = 0
        _, fresh = projected(map, afresh, other)
        assert work.lists["at"].tolist() == fresh.lists["at"].tolist()
        n = int(work.lists["at"][-1])
        assert work.items[:n].tolist() == fresh.items[:n].tolist()
