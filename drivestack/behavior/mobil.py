"""MOBIL for the ego: whether to change lane now, from what can be seen; compiled.

Rules and thresholds: highway-env 1.12.1 `IDMVehicle.change_lane_policy`, `mobil`, politeness 0,
with the ego's own IDM. Others' targets cannot be seen: a follower is taken to want its present
speed, and who moves sideways to be on its way to the next lane. Nothing is remembered: a change
that has begun shows in the ego's motion, and the clock says when a second is over.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Row, Table
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import heading_at, local_coordinates, on_lane, overshoot, width_at
from drivestack.roads.links import Links
from drivestack.vehicle.idm import free_acceleration

from .rollout import behind_leader

BESIDE = 1.0
"""A body this far beside a lane still counts as on it [m]; highway-env's margin of neighbours."""

SEAM = 5.0
"""And this far beyond its ends [m]; highway-env's `VEHICLE_LENGTH`."""


class Others(NamedTuple):
    """Who was seen: states (N, 4), sizes (N, 2), valid (N,)."""

    state: NDArray
    size: NDArray
    valid: NDArray


class Stretches(NamedTuple):
    """A corridor's row: (W,) each, see `core.types.Corridor`."""

    lane: NDArray
    valid: NDArray
    start: NDArray
    leave_by: NDArray
    leave_for: NDArray
    through: NDArray


class Planned(NamedTuple):
    """A route's row: lanes, valid, change (L,), see `core.types.Route`; whether it is binding."""

    lanes: NDArray
    valid: NDArray
    change: NDArray
    binding: bool


class Near(NamedTuple):
    """Bumper gaps [m] to who is next on a lane (infinite: nobody), and their speeds [m/s]."""

    front_gap: float
    front_speed: float
    rear_gap: float
    rear_speed: float


@hot_kernel
def _place(map: Lanes, joints: Table, lane: int, x: float, y: float) -> tuple[bool, float]:
    """Whether a lane, or one that it continues or that continues it, has a point; its s there."""
    row = map.lanes[lane]
    for link in range(row.links_at, row.links_at + row.links_n):
        other = map.lanes[joints[link].lane]
        s, lateral = local_coordinates(other, map.points, x, y)
        if on_lane(other, map.points, s, lateral, BESIDE, SEAM):
            return True, s + joints[link].offset
    return False, 0.0


@kernel
def neighbours(
    map: Lanes, joints: Table, lane: int, s: float, half_length: float, others: Others
) -> Near:
    """Who drives before and behind a car of so much half length at s [m] on a lane.

    Args:
        joints: `Map.links`, where neighbours of a lane are looked for.
    """
    front_gap, front_speed, rear_gap, rear_speed = math.inf, 0.0, math.inf, 0.0
    for i in range(others.state.shape[0]):
        if not others.valid[i]:
            continue
        there, place = _place(map, joints, lane, others.state[i, 0], others.state[i, 1])
        if not there:
            continue
        gap = abs(place - s) - half_length - 0.5 * others.size[i, 0]
        if place >= s and gap < front_gap:
            front_gap, front_speed = gap, others.state[i, 3]
        if place < s and gap < rear_gap:
            rear_gap, rear_speed = gap, others.state[i, 3]
    return Near(front_gap, front_speed, rear_gap, rear_speed)


@hot_kernel
def leg_of(planned: Planned, lane: int) -> int:
    """The place of a lane in the route; -1: it is not on it."""
    for k in range(planned.lanes.shape[0]):
        if planned.valid[k] and planned.lanes[k] == lane:
            return k
    return -1


@hot_kernel
def own_stretch(
    map: Lanes, corridor: Stretches, planned: Planned, ego: NDArray, on_route: bool
) -> int:
    """The stretch that suits a pose (4,) best, with a radian counted as a metre; -1: none.

    Args:
        on_route: only lanes of the route; where an exit begins others lie on top of it.
    """
    best, chosen = math.inf, -1
    for w in range(corridor.lane.shape[0]):
        if not corridor.valid[w] or (on_route and leg_of(planned, corridor.lane[w]) < 0):
            continue
        row = map.lanes[corridor.lane[w]]
        s, lateral = local_coordinates(row, map.points, ego[0], ego[1])
        turn = wrap_to_pi(ego[2] - heading_at(row, map.points, s))
        if not on_lane(row, map.points, s, lateral, BESIDE, SEAM) or math.cos(turn) < 0.5:
            continue
        rank = abs(lateral) + abs(turn) + overshoot(row, s)
        if rank < best:
            best, chosen = rank, w
    return chosen


@hot_kernel
def stretch_at(corridor: Stretches, lane: int, s: float) -> int:
    """The stretch of a lane that holds s [m]; -1: none."""
    for w in range(corridor.lane.shape[0]):
        if corridor.valid[w] and corridor.lane[w] == lane:
            if corridor.start[w] - SEAM <= s and s <= corridor.leave_by[w]:
                return w
    return -1


@hot_kernel
def wished_lane(
    corridor: Stretches, own: int, planned: Planned, leg: int, s: float, driver: Row
) -> int:
    """The lane to change to as soon as it is safe, by a binding route or the stretch's end.

    Args:
        leg: place of the present lane in the route. s: of the ego on it [m].
    """
    if planned.binding and leg >= 0 and planned.change[leg]:
        return int(planned.lanes[leg + 1])
    if not corridor.through[own] and corridor.leave_by[own] - s < driver.early:
        return int(corridor.leave_for[own])
    return -1


@hot_kernel
def _is_taken(map: Lanes, lane: int, s: float, ego: NDArray, others: Others, driver: Row) -> bool:
    """Whether somebody close ahead is changing into the lane too."""
    row = map.lanes[lane]
    for i in range(others.state.shape[0]):
        if not others.valid[i]:
            continue
        state = others.state[i]
        there, lateral = local_coordinates(row, map.points, state[0], state[1])
        width = width_at(row, map.points, there)
        if not 0.5 * width < abs(lateral) < 1.5 * width:
            continue
        turn = wrap_to_pi(state[2] - heading_at(row, map.points, there))
        inwards = -math.copysign(1.0, lateral) * state[3] * math.sin(turn)
        comfort = 2.0 * math.sqrt(driver.accel * driver.comfort_decel)
        wanted = driver.gap + ego[3] * (driver.headway + (ego[3] - state[3]) / comfort)
        if inwards > driver.sideways and 0.0 < there - s < wanted + others.size[i, 0]:
            return True
    return False


@hot_kernel
def _imposes(near: Near, speed: float, driver: Row) -> float:
    """The acceleration [m/s2] left to the follower behind the ego."""
    return behind_leader(driver, 0.0, near.rear_speed, near.rear_gap, speed)


@kernel
def chosen_stretch(
    map: Lanes,
    joints: Table,
    corridor: Stretches,
    own: int,
    wish: int,
    planned: Planned,
    beside: NDArray,
    ego: NDArray,
    half_length: float,
    free: float,
    others: Others,
    second: bool,
    driver: Row,
) -> int:
    """The stretch to be on: the present one `own`, or one beside it.

    Args:
        wish: from `wished_lane`. beside: (2,) lanes to the left and to the right, -1 for none.
        free: acceleration [m/s2] without a leader. second: it is time for a decision.
        driver: IDM's parameters (see `rollout`) and `imposed`, `least_gain` [m/s2], `least_speed`,
        `sideways` [m/s], `begun`, `early` [m].
    """
    row = map.lanes[corridor.lane[own]]
    s, lateral = local_coordinates(row, map.points, ego[0], ego[1])
    turn = wrap_to_pi(ego[2] - heading_at(row, map.points, s))
    here = neighbours(map, joints, corridor.lane[own], s, half_length, others)
    before = behind_leader(driver, free, ego[3], here.front_gap, here.front_speed)
    chosen = own
    for k in range(2):
        lane = beside[k]
        if lane < 0:
            continue
        there, _ = local_coordinates(map.lanes[lane], map.points, ego[0], ego[1])
        w = stretch_at(corridor, lane, there)
        if w < 0:
            continue
        side = 1.0 if k == 0 else -1.0
        moves = side * ego[3] * math.sin(turn) > driver.sideways
        if moves and side * lateral > driver.begun:
            return own if _is_taken(map, lane, there, ego, others, driver) else w
        if wish >= 0:
            wanted = lane == wish
        else:
            lasts = corridor.through[w] or corridor.leave_by[w] - there > 2.0 * driver.early
            allowed = lasts and not (planned.binding and leg_of(planned, lane) < 0)
            wanted = allowed and (second or moves) and ego[3] >= driver.least_speed
        if not wanted:
            continue
        near = neighbours(map, joints, lane, there, half_length, others)
        after = behind_leader(driver, free, ego[3], near.front_gap, near.front_speed)
        least = -driver.imposed if wish >= 0 else before + driver.least_gain
        if _imposes(near, ego[3], driver) >= -driver.imposed and after >= least:
            chosen = w
    return chosen


@kernel
def lane_to_follow(
    map: Lanes,
    links: Links,
    joints: Table,
    corridor: Stretches,
    planned: Planned,
    ego: NDArray,
    half_length: float,
    lateral: float,
    others: Others,
    second: bool,
    driver: Row,
) -> tuple[int, float, Near]:
    """Which lane's line to follow (-1: the route's), in how many metres it ends, whom it passes.

    Args:
        lateral: of the ego from the route's line [m]. second: it is time for a decision.
    """
    nobody = Near(math.inf, 0.0, math.inf, 0.0)
    near_line = abs(lateral) <= driver.on_line
    own = own_stretch(map, corridor, planned, ego, True) if near_line else -1
    if own < 0:
        own = own_stretch(map, corridor, planned, ego, False)
    if own < 0:
        return -1, math.inf, nobody
    lane = int(corridor.lane[own])
    row = map.lanes[lane]
    s, _ = local_coordinates(row, map.points, ego[0], ego[1])
    leg = leg_of(planned, lane)
    wish = wished_lane(corridor, own, planned, leg, s, driver)
    free = free_acceleration(
        ego[3], row.speed_limit if row.limited else ego[3], driver.exponent, driver.accel
    )
    beside = np.array([links.left[lane], links.right[lane]])
    chosen = chosen_stretch(
        map, joints, corridor, own, wish, planned, beside, ego, half_length, free, others, second,
        driver,
    )  # fmt: skip
    if chosen != own:
        target = int(corridor.lane[chosen])
        aside = neighbours(map, joints, lane, s, half_length, others)
        return (-1 if target == wish and near_line else target), math.inf, aside
    stays = leg >= 0 and not planned.change[leg]
    if wish < 0 and near_line and stays:
        return -1, math.inf, nobody
    ends = wish >= 0 and not corridor.through[own]
    return lane, corridor.leave_by[own] - s if ends else math.inf, nobody
