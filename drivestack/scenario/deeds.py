"""Rows of `ACTION` and `KNOT` from actions in the schema's words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.script import ACTION, KNOT, NEVER, NOWHERE, Deed, Frame, Relative, Shape, Span
from drivestack.roads.build import vertex_headings

from .action_schema import Action, Brake, Follow, Gap, Meet, ToLane, ToOffset, ToSpeed
from .cast import Cast
from .placing import lane_index
from .traffic_schema import Scripted

_SPANS = {
    "time": Span.TIME,
    "rate": Span.RATE,
    "over": Span.DISTANCE,
    "max_accel": Span.ACCELERATION,
}

FRAMES = {"body": Frame.ENTITY, "lane": Frame.LANE}
"""Frames of distances by their words."""


def action_row(
    cast: Cast, action: Action, actor: Scripted, *steps: str | int
) -> tuple[NDArray, NDArray]:
    """One `ACTION` without its cue, role and place of knots; and its (K,) `KNOT`."""
    row = np.zeros((), ACTION)
    row["of"] = row["lane"] = NOWHERE
    row["began"] = NEVER
    row["max_accel"] = row["max_brake"] = row["max_speed"] = math.inf
    where = (*steps, action.deed)
    knots = np.zeros(0, KNOT)
    match deed := getattr(action, action.deed):
        case ToSpeed():
            _speed(cast, row, deed, *where)
        case Brake():
            row["deed"], row["shape"], row["span"] = Deed.SPEED, Shape.LINEAR, Span.RATE
            row["target"], row["size"] = deed.to, deed.rate
        case Gap():
            _gap(cast, row, deed, *where)
        case Meet():
            _meet(cast, row, deed, *where)
        case ToOffset():
            row["deed"] = Deed.OFFSET
            _span(row, deed)
            row["target"] = deed.to
            if deed.of is not None:
                row["relative"], row["of"] = Relative.OTHER, cast.place(deed.of, *where, "of")
        case ToLane():
            _lane(cast, row, deed, actor, *where)
        case Follow():
            knots = _path(row, deed)
        case tuple():
            knots = _profile(row, deed)
        case "idm":
            row["deed"] = Deed.DRIVE
        case _:
            row["deed"] = Deed.VANISH
    return row, knots


def _span(row: NDArray, deed: ToSpeed | ToOffset | ToLane) -> None:
    row["shape"] = Shape[deed.shape.upper()]
    for name, size in deed.spans().items():
        if size is not None:
            row["span"], row["size"] = _SPANS[name], size


def _speed(cast: Cast, row: NDArray, deed: ToSpeed, *steps: str | int) -> None:
    row["deed"] = Deed.SPEED
    _span(row, deed)
    row["target"], row["continuous"] = deed.to, deed.continuous
    if deed.of is not None:
        row["relative"] = Relative.FACTOR if deed.times else Relative.OTHER
        row["of"] = cast.place(deed.of, *steps, "of")


def _gap(cast: Cast, row: NDArray, deed: Gap, *steps: str | int) -> None:
    limits: dict[str, Any] = {
        name: getattr(deed, name)
        for name in ("max_accel", "max_brake", "max_speed")
        if getattr(deed, name) is not None
    }
    row["deed"] = Deed.GAP if deed.continuous or limits else Deed.PLACE
    row["of"] = cast.place(deed.of, *steps, "of")
    row["ahead"] = 1.0 if deed.side == "ahead" else -1.0
    row["timed"] = deed.time is not None
    row["target"] = deed.time if deed.time is not None else deed.distance
    row["freespace"], row["continuous"] = deed.free, deed.continuous
    row["frame"], (row["own_back"], row["of_back"]) = FRAMES[deed.frame], deed.behind
    for name, limit in limits.items():
        row[name] = limit


def _meet(cast: Cast, row: NDArray, deed: Meet, *steps: str | int) -> None:
    row["deed"], row["of"] = Deed.SYNCHRONISE, cast.place(deed.of, *steps, "of")
    row["x"], row["y"] = cast.point(deed.there, *steps, "there")
    if deed.here is not None:
        row["own_x"], row["own_y"] = cast.point(deed.here, *steps, "here")
    row["own_s"] = deed.here_s or 0.0
    row["has_final"], row["target"] = deed.speed is not None, deed.speed or 0.0
    row["steady"] = deed.steady


def _lane(cast: Cast, row: NDArray, deed: ToLane, actor: Scripted, *steps: str | int) -> None:
    if actor.lane is None:
        raise cast.case.problem("only for actors that were put on a lane", *steps)
    row["deed"], row["target"] = Deed.LANE, deed.offset
    _span(row, deed)
    if deed.to is not None:
        row["lane"] = lane_index(cast.case, cast.map, deed.to, *steps, "to")
    elif deed.number is not None:
        row["number"] = deed.number
    else:
        row["by_number"] = deed.up is not None
        row["steps"] = deed.left if deed.up is None else deed.up
    if deed.of is not None:
        row["of"] = cast.place(deed.of, *steps, "of")


def _profile(row: NDArray, points: Sequence[tuple[float, float]]) -> NDArray:
    row["deed"], row["knots_n"] = Deed.PROFILE, len(points)
    knots = np.zeros(len(points), KNOT)
    knots["time"], knots["speed"] = np.array(points).T
    return knots


def _path(row: NDArray, deed: Follow) -> NDArray:
    """A trajectory; vertices of a timed one may coincide, where the actor stands."""
    table = np.array(deed.points, np.float64)
    line = table[:, -2:]
    row["deed"], row["knots_n"], row["from_s"] = Deed.PATH, len(line), deed.from_s
    row["timed"] = table.shape[1] == 3
    return knots_of(line, table[:, 0] if row["timed"] else None, deed.headings)


def knots_of(
    line: NDArray[np.float64],
    times: NDArray[np.float64] | None,
    headings: Sequence[float] | None,
) -> NDArray:
    """The `KNOT` rows of a polyline.

    Args:
        line: (K, 2) [m]. times: (K,) growing [s]; None: it has none. headings: (K,) [rad]; None:
        those of the line (`vertex_headings`).
    """
    step = np.diff(line, axis=0)
    length = np.hypot(*step.T)
    knots = np.zeros(len(line), KNOT)
    knots["x"], knots["y"] = line.T
    knots["s"][1:] = np.cumsum(length)
    if times is not None:
        knots["time"] = times
    moving = length > 0.0
    direction = np.zeros_like(step)
    direction[moving] = step[moving] / length[moving, None]
    for place in np.flatnonzero(~moving):  # who stands looks where it came from
        direction[place] = (
            direction[place - 1] if place and moving[:place].any() else _first(direction, moving)
        )
    knots["tx"][:-1], knots["ty"][:-1] = direction.T
    knots["tx"][-1], knots["ty"][-1] = direction[-1]
    if headings is None:
        knots["heading"] = vertex_headings(direction)
    else:
        knots["heading"] = np.unwrap(np.array(headings, np.float64))
    return knots


def _first(direction: NDArray[np.float64], moving: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The first direction in which it moves; along x if it never does."""
    return direction[np.argmax(moving)] if moving.any() else np.array([1.0, 0.0])
