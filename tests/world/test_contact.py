"""Collisions: no pair is lost by the sweep over x, pairs run in list order, boxes as shapely's."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from drivestack.core.geometry import corners
from drivestack.core.tables import BODY, Driver
from drivestack.roads.build import build_map, straight
from drivestack.vehicle.parameters import highway_env_slot, new_body
from drivestack.world.contact import collide, swept_overlap
from drivestack.world.pool import MapPool
from drivestack.world.projection import project_all
from drivestack.world.views import Road, Work, scratch

MAP = build_map("line", [("a", "b", straight((0.0, 0.0), (100.0, 0.0)))], y_right=True)
POOL = MapPool()
POOL.add([MAP])
ROAD = Road(POOL.tables.places[:1], *POOL.tables[1:])


def heap(seed: int, vehicles: int, obstacles: int) -> tuple[np.ndarray, np.ndarray]:
    """Bodies of different sizes and speeds thrown together; some axis-parallel, in line, absent."""
    draw = np.random.default_rng(seed)
    bodies = np.zeros(vehicles + obstacles, BODY)
    for k in range(len(bodies)):
        bodies[k] = new_body()[0]
        body = bodies[k]
        body["x"], body["y"] = draw.integers(0, 60, 2) * 0.5
        body["heading"] = draw.choice([0.0, draw.uniform(-4.0, 4.0)])
        body["speed"] = draw.choice([0.0, draw.uniform(-30.0, 40.0)])
        if draw.random() < 0.2:
            body["length"], body["width"] = 12.0, 3.0
        body["check_collisions"] = draw.random() < 0.7
        body["present"] = draw.random() < 0.9
        if k >= vehicles:
            body["driver"], body["speed"], body["length"] = Driver.OBSTACLE, 0.0, 2.0
    slot = highway_env_slot()
    slot["n"], slot["obstacles_at"], slot["obstacles_n"] = vehicles, vehicles, obstacles
    slot["dt"] = draw.choice([1 / 5, 1 / 15])
    return bodies, slot


def polygon(body: np.void) -> np.ndarray:
    """(5, 2) closed, corners in highway-env's order and arithmetic."""
    c, s = math.cos(body["heading"]), math.sin(body["heading"])
    half_l, half_w = float(body["length"]) / 2, float(body["width"]) / 2
    ends = [(-half_l, -half_w), (-half_l, half_w), (half_l, half_w), (half_l, -half_w)]
    points = [(c * a + -s * b + body["x"], s * a + c * b + body["y"]) for a, b in ends]
    return np.array([*points, points[0]])


def reach(body: np.void) -> float:
    return math.sqrt(body["length"] * body["length"] + body["width"] * body["width"])


def all_pairs(bodies: np.ndarray, slot: np.void) -> dict[int, tuple[float, float]]:
    """`Road.step`'s loop over every pair; the impacts that stay, and `crashed` in place."""
    impacts: dict[int, tuple[float, float]] = {}
    dt = float(slot["dt"])
    for i in range(int(slot["n"])):
        for j in range(i + 1, len(bodies)):
            a, b = bodies[i], bodies[j]
            checked = a["check_collisions"] or b["check_collisions"]
            if not (checked and a["present"] and b["present"]):
                continue
            dx, dy = float(b["x"] - a["x"]), float(b["y"] - a["y"])
            limit = (reach(a) + reach(b)) / 2 + float(a["speed"]) * dt
            if math.sqrt(dx * dx + dy * dy) > limit:
                continue
            sweeps = [
                (
                    body["speed"] * math.cos(body["heading"]),
                    body["speed"] * math.sin(body["heading"]),
                )
                for body in (a, b)
            ]
            sweep = [float(one * dt - other * dt) for one, other in zip(*sweeps, strict=True)]
            now, soon, x, y = swept_overlap(np.array([polygon(a), polygon(b)]), *sweep)
            if soon and b["driver"] == Driver.OBSTACLE:
                impacts[i] = x, y
            elif soon:
                impacts[i], impacts[j] = (x / 2, y / 2), (-x / 2, -y / 2)
            if now:
                a["crashed"] = b["crashed"] = True
    return impacts


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), vehicles=st.integers(2, 30), obstacles=st.integers(0, 4))
def test_equals_all_pairs(seed: int, vehicles: int, obstacles: int) -> None:
    bodies, slot = heap(seed, vehicles, obstacles)
    expected = bodies.copy()
    work = Work(*(table[0] for table in scratch(1, len(bodies), 1)))
    project_all(slot[0], ROAD, bodies, work, False)
    for _ in range(2):  # the second time from the first one's order
        project_all(slot[0], ROAD, bodies, work, True)
        collide(slot[0], bodies, work, True)
        impacts = all_pairs(expected, slot[0])
        assert np.flatnonzero(bodies["has_impact"]).tolist() == sorted(impacts)
        for k, impact in impacts.items():
            assert (bodies[k]["impact_x"], bodies[k]["impact_y"]) == impact
        assert (bodies["crashed"] == expected["crashed"]).all()
        bodies["has_impact"] = False
        for table in (bodies, expected):
            table["x"] += np.random.default_rng(seed).normal(0.0, 3.0, len(table))


def test_a_body_that_appears_has_a_direction() -> None:
    """Directions are kept while headings stay; one that appears with heading 0 has none yet."""
    bodies, slot = heap(1, 2, 0)
    bodies["heading"], bodies["present"] = 0.0, (True, False)
    work = Work(*(table[0] for table in scratch(1, len(bodies), 1)))
    project_all(slot[0], ROAD, bodies, work, False)
    bodies["present"] = True
    project_all(slot[0], ROAD, bodies, work, True)
    assert work.marks["cos_h"].tolist() == [1.0, 1.0]


boxes = st.tuples(
    st.floats(-8.0, 8.0), st.floats(-8.0, 8.0), st.floats(-4.0, 4.0), st.floats(0.5, 12.0)
)


@given(a=boxes, b=boxes)
def test_overlap_is_shapelys(a: tuple[float, ...], b: tuple[float, ...]) -> None:
    """Without a sweep; the translation parts the boxes, as far as none holds the other."""
    shapes = []
    for x, y, heading, length in (a, b):
        body = new_body()[0]
        body["x"], body["y"], body["heading"], body["length"] = x, y, heading, length
        shapes.append(polygon(body))
    now, soon, dx, dy = swept_overlap(np.array(shapes), 0.0, 0.0)
    one, other = (Polygon(shape) for shape in shapes)
    assert now == soon
    if one.distance(other) > 1e-9 or one.intersection(other).area > 1e-9:
        assert now == one.intersects(other)
    if now:
        moved = Polygon(shapes[0] + 1.000001 * np.array([dx, dy]))
        assert moved.intersection(other).area < 1e-3 or one.contains(other) or other.contains(one)


def test_corners_are_those_of_geometry() -> None:
    body = new_body()[0]
    body["x"], body["y"], body["heading"] = 3.0, -2.0, 0.7
    ours = corners(np.array([3.0, -2.0, 0.7]), np.array([5.0, 2.0]))
    assert Polygon(polygon(body)).symmetric_difference(Polygon(ours)).area < 1e-12
