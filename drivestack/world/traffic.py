"""The act phase: every vehicle decides, in list order, while nothing moves.

Source: highway-env 1.12.1 `Road.act`, `IDMVehicle.act`, `ControlledVehicle.act`, `MDPVehicle.act`.
Targets, timers and routes change at once and are seen by later vehicles; positions are not touched.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import Driver, Meta, Row, Table
from drivestack.roads.lanes import is_reachable, local_coordinates
from drivestack.vehicle.steering import speed_control

from .driving import acceleration, follow_road, steering
from .lane_change import change_lane, list_changing, note_change
from .neighbours import leader
from .views import Road, Work

_META = int(Driver.META)
_IDM = int(Driver.IDM)
_LINEAR = int(Driver.LINEAR)
_LANE_LEFT = int(Meta.LANE_LEFT)
_LANE_RIGHT = int(Meta.LANE_RIGHT)
_FASTER = int(Meta.FASTER)
_SLOWER = int(Meta.SLOWER)


@hot_kernel
def act(slot: Row, road: Road, bodies: Table, routes: Table, work: Work, meta: int) -> None:
    """Let everybody decide; a meta-action ego that is given an action decides twice."""
    list_changing(slot, bodies, work)
    if meta >= 0 and bodies[slot.ego].driver == _META:
        _meta_action(slot, road, bodies, routes, work, int(slot.ego), meta)
        note_change(slot, bodies, work, int(slot.ego))
    for k in range(slot.n):
        body = bodies[k]
        if not body.present:
            continue
        if body.driver == _IDM or body.driver == _LINEAR:
            if not body.crashed:
                _drive(slot, road, bodies, routes, work, k)
                note_change(slot, bodies, work, k)
        elif body.driver == _META:
            follow_road(slot, road, bodies, routes, work, k)
            _control(slot, road, bodies, work, k)
            note_change(slot, bodies, work, k)


@inlined_kernel
def _drive(slot: Row, road: Road, bodies: Table, routes: Table, work: Work, k: int) -> None:
    """IDM with MOBIL: between two lanes the stronger braking of both counts."""
    body = bodies[k]
    follow_road(slot, road, bodies, routes, work, k)
    if body.lane_changes:
        change_lane(slot, road, bodies, routes, work, k)
    body.steer = steering(slot, road, bodies, work, k)
    front = leader(road, work, k, int(body.lane), work.marks[k].own_s)
    accel = acceleration(slot, road, bodies, work, k, k, front)
    if body.lane != body.target_lane:
        lane = road.lanes[body.target_lane]
        s, _ = local_coordinates(lane, road.points, body.x, body.y)
        front = leader(road, work, k, int(body.target_lane), s)
        accel = min(accel, acceleration(slot, road, bodies, work, k, k, front))
    body.accel = min(max(accel, -slot.acc_max), slot.acc_max)


@hot_kernel
def _control(slot: Row, road: Road, bodies: Table, work: Work, k: int) -> None:
    """Low-level control towards target lane and target speed; the acceleration is not clipped."""
    body = bodies[k]
    body.steer = steering(slot, road, bodies, work, k)
    body.accel = speed_control(body.speed, body.target_speed, slot.kp_a)


@hot_kernel
def _meta_action(
    slot: Row, road: Road, bodies: Table, routes: Table, work: Work, k: int, meta: int
) -> None:
    """Follow the road, then change the target lane or speed, then control.

    Faster and slower step from the listed speed that is nearest to the **present** speed.
    """
    body = bodies[k]
    if meta == _FASTER or meta == _SLOWER:
        last = slot.speeds_n - 1
        share = (body.speed - slot.speeds[0]) / (slot.speeds[last] - slot.speeds[0])
        nearest = min(max(_round_half_even(share * last), 0.0), float(last))
        step = 1.0 if meta == _FASTER else -1.0
        body.target_speed = slot.speeds[int(min(max(nearest + step, 0.0), float(last)))]
    follow_road(slot, road, bodies, routes, work, k)
    if meta == _LANE_LEFT or meta == _LANE_RIGHT:
        own = road.lanes[body.target_lane]
        number = own.id + (1 if meta == _LANE_RIGHT else -1)
        number = min(max(number, 0), road.roads[own.road].lane_n - 1)
        wanted = body.target_lane - own.id + number
        if is_reachable(road.lanes[wanted], road.points, body.x, body.y, slot.lane_margin):
            body.target_lane = wanted
    _control(slot, road, bodies, work, k)


@hot_kernel
def _round_half_even(value: float) -> float:
    """numpy's rounding."""
    low = math.floor(value)
    part = value - low
    if part > 0.5 or (part == 0.5 and low % 2.0 != 0.0):
        return low + 1.0
    return low
