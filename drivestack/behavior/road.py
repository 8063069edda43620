"""What kernels are told of one scenario: the road as map and route have it, and the ego's body."""

from __future__ import annotations

from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.lines import rows_in_use
from drivestack.core.types import Route
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.links import Links

from .route_lanes import route_lanes


class Routes(NamedTuple):
    """The arrays of a `core.types.Route` that kernels read, (B, ·); the last four: its corridor."""

    lanes: NDArray
    lane_valid: NDArray
    line: NDArray
    valid: NDArray
    speed_limit: NDArray
    spacing: NDArray
    stretch: NDArray
    stretch_valid: NDArray
    leave_by: NDArray
    through: NDArray


def routes_of(route: Route) -> Routes:
    """The arrays of a route, for kernels."""
    return Routes(
        route.lanes,
        route.lane_valid,
        route.line,
        route.valid,
        route.speed_limit,
        route.spacing,
        route.corridor.lane,
        route.corridor.valid,
        route.corridor.leave_by,
        route.corridor.through,
    )


class Road(NamedTuple):
    """A map's tables and one route on it.

    wanted: (L,) lanes of the roads it passes. sequence, valid: (L',) its lanes.
    line: (P, 3), of which n rows hold, `spacing` [m] apart. limit: (P,) [m/s].
    stretch, stretch_valid: (W,) lanes of the corridor, which are left before s = `leave_by` [m],
    where they do not lead `through` to the goal.
    """

    map: Lanes
    links: Links
    wanted: NDArray
    sequence: NDArray
    valid: NDArray
    line: NDArray
    n: int
    spacing: float
    limit: NDArray
    stretch: NDArray
    stretch_valid: NDArray
    leave_by: NDArray
    through: NDArray


class Body(NamedTuple):
    """The ego: state (4,), acceleration [m/s2] and steering angle [rad] in force, size (2,) [m]."""

    state: NDArray
    accel: float
    steer: float
    size: NDArray


@kernel
def road_of(map: Lanes, links: Links, routes: Routes, b: int) -> Road:
    """The road of scenario b; n < 2 where it has no route."""
    sequence, valid = routes.lanes[b], routes.lane_valid[b]
    n = rows_in_use(routes.valid[b])
    wanted = route_lanes(map, sequence, valid)
    line, limit = routes.line[b], routes.speed_limit[b]
    return Road(
        map, links, wanted, sequence, valid, line, n, routes.spacing[b], limit,
        routes.stretch[b], routes.stretch_valid[b], routes.leave_by[b], routes.through[b],
    )  # fmt: skip
