"""Small worlds in highway-env's frame: a winding road, MOBIL traffic, a pile-up."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.map import Map
from drivestack.core.start import EgoKind, Physics, Rates, SceneRule, Start
from drivestack.core.tables import REPLAY, Driver, Kind
from drivestack.roads.build import LaneSpec, build_map, circular, sine, straight
from drivestack.roads.nearest import nearest_lane
from drivestack.vehicle.parameters import highway_env_slot, new_body

TICKS, HZ = 60, 15


def start_of(map: Map, bodies: NDArray, ego: EgoKind) -> Start:
    """A scenario of these bodies; the first one is the ego, obstacles stand last."""
    slot = highway_env_slot()
    obstacles = int((bodies["driver"] == Driver.OBSTACLE).sum())
    slot["n"] = slot["obstacles_at"] = len(bodies) - obstacles
    slot["obstacles_n"], slot["next_id"] = obstacles, len(bodies)
    slot["active"], slot["dt"] = True, 1.0 / HZ
    return Start(
        scenario=map.name,
        seed=0,
        map=map,
        bodies=bodies,
        routes=np.zeros((len(bodies), 1, 2), np.int32),
        slot=slot,
        replay=np.zeros(0, REPLAY),
        ego_kind=ego,
        physics=Physics.HIGHWAY_ENV,
        rates=Rates(HZ, HZ, HZ),
        policy_ticks=HZ,
        ticks=TICKS,
        rule=SceneRule.NONE,
        generator="",
        spawn_probability=0.0,
        goal=np.zeros(3),
        has_goal=False,
        reference=None,
        source="symmetry",
    )


def place(map: Map, bodies: NDArray) -> NDArray:
    """The bodies with lanes and targets filled in."""
    for body in bodies:
        lane, _ = nearest_lane(map, float(body["x"]), float(body["y"]), float(body["heading"]))
        body["lane"] = lane
        if body["driver"] in (Driver.IDM, Driver.LINEAR, Driver.META):
            body["target_lane"] = lane
            body["target_speed"] = body["target_speed"] or body["speed"]
    return bodies


def car(x: float, y: float, speed: float, preset: str = "idm", **others: float) -> NDArray:
    """One row of `BODY`."""
    row = new_body(preset)
    row["x"], row["y"], row["speed"] = x, y, speed
    for name, value in others.items():
        row[name] = value
    return row


def obstacle(x: float, y: float) -> NDArray:
    """A standing square."""
    size = {"length": 2.0, "width": 2.0}
    return car(x, y, 0.0, driver=Driver.OBSTACLE, kind=Kind.OBSTACLE, **size)


def highway(lanes: int) -> Map:
    """Lanes 4 m apart along x, in highway-env's frame."""
    roads = [
        ("a", "b", straight((0.0, 4.0 * k), (600.0, 4.0 * k), speed_limit=30.0))
        for k in range(lanes)
    ]
    return build_map("highway", roads, y_right=True, connected=False)


def winding() -> Map:
    """A straight, a sine and a straight lane."""
    pieces: list[tuple[str, str, LaneSpec]] = [
        ("a", "b", straight((0.0, 0.0), (60.0, 0.0))),
        ("b", "c", sine((60.0, 0.0), (160.0, 0.0), 2.0, 2 * math.pi / 100.0, 0.0)),
        ("c", "d", straight((160.0, 0.0), (400.0, 0.0))),
    ]
    return build_map("winding", pieces, y_right=True)


def ring() -> Map:
    """A straight lane into an arc."""
    pieces = [
        ("a", "b", straight((0.0, 0.0), (50.0, 0.0))),
        ("b", "c", circular((50.0, 30.0), 30.0, -math.pi / 2, math.pi / 3)),
    ]
    return build_map("ring", pieces, y_right=True)


def following() -> Start:
    """IDM and linear drivers on a winding road, off the centre line."""
    map = winding()
    drivers = [car(10.0, 0.6, 14.0), car(40.0, -0.5, 9.0, "linear", target_speed=12.0)]
    drivers += [car(75.0, 1.1, 12.0, heading=0.05), car(25.0, 0.2, 17.0, "aggressive")]
    bodies = place(map, np.concatenate([*drivers, obstacle(330.0, -0.3)]))
    return start_of(map, bodies, EgoKind.IDM)


def changing() -> Start:
    """MOBIL traffic on two lanes: at most one candidate, timers given."""
    map = highway(2)
    rows = [car(20.0, 4.0, 20.0, driver=Driver.STACK)]
    for k, (x, lane, speed) in enumerate(
        ((65.0, 1, 24.0), (110.0, 1, 12.0), (200.0, 0, 23.0), (240.0, 0, 11.0), (90.0, 0, 27.0))
    ):
        target_speed = 28.0 if speed > 20.0 else speed
        timer = 0.13 + 0.17 * k
        rows.append(car(x, 4.0 * lane + 0.2, speed, target_speed=target_speed, timer=timer))
    return start_of(map, place(map, np.concatenate(rows)), EgoKind.STACK)


def crashing() -> Start:
    """A pile-up of plain cars and an obstacle at all angles."""
    map = highway(2)
    rows = [car(100.0, 1.0, 12.0, driver=Driver.PLAIN, heading=0.2)]
    for x, y, speed, heading in (
        (106.0, 3.1, 3.0, -0.4),
        (96.0, -0.4, 18.0, 0.1),
        (103.0, 6.5, 10.0, -0.7),
        (110.0, -3.0, 8.0, 0.8),
    ):
        rows.append(car(x, y, speed, driver=Driver.PLAIN, heading=heading))
    bodies = place(map, np.concatenate([*rows, obstacle(112.0, 1.5)]))
    bodies["target_lane"] = -1
    return start_of(map, bodies, EgoKind.PLAIN)
