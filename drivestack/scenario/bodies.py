"""Bodies before they are listed in a scenario: the ego, cars, replayed and standing ones."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.core.start import EgoKind
from drivestack.core.tables import REPLAY, Driver, Kind
from drivestack.vehicle.parameters import new_body

from .replay import replay_rows

EGO_DRIVERS = {
    EgoKind.PLAIN: Driver.PLAIN,
    EgoKind.META: Driver.META,
    EgoKind.IDM: Driver.IDM,
    EgoKind.STACK: Driver.STACK,
}

CONTROLLED = (Driver.META, Driver.IDM)
"""Drivers that follow a target lane and speed."""


EGO_SIZE = (5.0, 2.0)
"""Length and width [m]: highway-env 1.12.1 `Vehicle`."""


def no_route() -> NDArray[np.int32]:
    """The route of a body without one: (0, 2)."""
    return np.zeros((0, 2), np.int32)


def no_replay() -> NDArray:
    """The replay rows of a body that is not replayed: (0,)."""
    return np.zeros(0, REPLAY)


@dataclass(frozen=True, slots=True)
class Pose:
    """x, y [m] in the map's frame, heading [rad]."""

    x: float
    y: float
    heading: float


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One body.

    Attributes:
        row: (1,) `BODY`. route: (Q, 2) road and lane number or -1. replay: (T,) `REPLAY`.
        first_tick: the tick of the first replay row.
    """

    row: NDArray
    route: NDArray[np.int32] = field(default_factory=no_route)
    replay: NDArray = field(default_factory=no_replay)
    first_tick: int = 0

    @property
    def stands(self) -> bool:
        """Whether it is an obstacle, which is listed after all vehicles."""
        return bool(self.row["driver"][0] == Driver.OBSTACLE)


def body_row(
    driver: Driver, kind: Kind, pose: Pose, speed: float, length: float, width: float
) -> NDArray:
    """A (1,) `BODY` with highway-env's driver constants; lanes are filled later."""
    rows = new_body("idm")
    row = rows[0]
    row["driver"], row["kind"] = driver, kind
    row["x"], row["y"], row["heading"], row["speed"] = pose.x, pose.y, pose.heading, speed
    row["length"], row["width"] = length, width
    row["contact_with"], row["target_lane"] = -1, -1
    if driver in CONTROLLED:
        row["target_speed"] = speed
    return rows


def first_timer(pose: Pose, delay: float) -> float:
    """When a car first thinks of changing lanes [s]: highway-env's hash of its position.

    `behavior.py:IDMVehicle.__init__`; it spreads decisions over the ticks.
    """
    return ((pose.x + pose.y) * math.pi) % delay


def replayed(
    kind: Kind,
    size: tuple[float, float],
    times: NDArray[np.float64],
    states: NDArray[np.float64],
    physics: int,
    ticks: int,
) -> Body | None:
    """A body that follows recorded states; None if it is never there. See `replay_rows`."""
    first, rows = replay_rows(times, states, physics, ticks)
    if len(rows) == 0:
        return None
    x, y, heading, speed = (float(rows[name][0]) for name in ("x", "y", "heading", "speed"))
    row = body_row(Driver.REPLAY, kind, Pose(x, y, heading), speed, *size)
    return Body(row, no_route(), rows, first)
