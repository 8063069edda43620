"""What a driver computes for one body: acceleration, steering, following the road.

Source: highway-env 1.12.1 `vehicle/behavior.py` and `vehicle/controller.py`. Parameters are those
of the **evaluating** vehicle, also when it judges another car (MOBIL).
"""

from __future__ import annotations

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.tables import Driver, Row, Table
from drivestack.roads.graph import next_lane
from drivestack.roads.lanes import heading_at, local_coordinates
from drivestack.vehicle.idm import (
    desired_gap,
    free_acceleration,
    interaction,
    linear_acceleration,
)
from drivestack.vehicle.steering import linear_steering, steering_control

from .neighbours import gap
from .views import Road, Work

_PLAIN = int(Driver.PLAIN)
_META = int(Driver.META)
_IDM = int(Driver.IDM)
_LINEAR = int(Driver.LINEAR)
_OBSTACLE = int(Driver.OBSTACLE)


@inlined_kernel
def is_controlled(body: Row) -> bool:
    """Whether highway-env counts the body as a `ControlledVehicle`."""
    return body.driver == _IDM or body.driver == _LINEAR or body.driver == _META


@inlined_kernel
def seen_target_speed(body: Row) -> float:
    """The target speed that others see [m/s]: plain ones have none (0), a stack its own."""
    if is_controlled(body):
        return body.target_speed
    if body.driver == _PLAIN or body.driver == _OBSTACLE:
        return 0.0
    return body.speed


@inlined_kernel
def wanted_gap(slot: Row, bodies: Table, work: Work, judge: int, k: int, front: int) -> float:
    """Desired gap of body k to `front` with the judge's parameters [m]."""
    return desired_gap(
        bodies[k].speed,
        work.marks[k].cos_h,
        work.marks[k].sin_h,
        bodies[front].speed,
        work.marks[front].cos_h,
        work.marks[front].sin_h,
        slot.distance_wanted,
        bodies[judge].time_wanted,
        slot.comfort_acc_max,
        slot.comfort_acc_min,
    )


@inlined_kernel
def acceleration(
    slot: Row, road: Road, bodies: Table, work: Work, judge: int, k: int, front: int
) -> float:
    """The acceleration that the judge expects of body k behind `front` [m/s2]; -1 means nobody."""
    if bodies[judge].driver == _LINEAR:
        return _linear(slot, road, bodies, work, judge, k, front)
    if k < 0 or bodies[k].driver == _OBSTACLE:
        return 0.0
    target = seen_target_speed(bodies[k])
    lane = road.lanes[bodies[k].lane]
    if lane.limited:
        target = min(max(target, 0.0), lane.speed_limit)
    result = free_acceleration(bodies[k].speed, target, bodies[judge].delta, slot.comfort_acc_max)
    if front >= 0:
        wanted = wanted_gap(slot, bodies, work, judge, k, front)
        distance = gap(road, bodies, work, k, front)
        result -= interaction(wanted, distance, slot.comfort_acc_max)
    return result


@hot_kernel
def _linear(
    slot: Row, road: Road, bodies: Table, work: Work, judge: int, k: int, front: int
) -> float:
    """`LinearVehicle.acceleration`: no lane limit; without a target speed the own speed counts."""
    if k < 0:
        return 0.0
    body = bodies[k]
    target = body.target_speed if is_controlled(body) else body.speed
    front_speed = body.speed
    distance = 0.0
    if front >= 0:
        front_speed = bodies[front].speed
        distance = gap(road, bodies, work, k, front)
    return linear_acceleration(
        body.speed,
        target,
        front >= 0,
        front_speed,
        distance,
        slot.distance_wanted,
        bodies[judge].time_wanted,
        bodies[judge].accel_gain[0],
        bodies[judge].accel_gain[1],
        bodies[judge].accel_gain[2],
    )


@inlined_kernel
def steering(slot: Row, road: Road, bodies: Table, work: Work, k: int) -> float:
    """Steering angle towards the centre of the target lane [rad], clipped."""
    body = bodies[k]
    lane = road.lanes[body.target_lane]
    if body.target_lane == body.lane:
        s = work.marks[k].own_s
        lateral = work.marks[k].own_lateral
    else:
        s, lateral = local_coordinates(lane, road.points, body.x, body.y)
    future = heading_at(lane, road.points, s + body.speed * slot.tau_pursuit)
    if body.driver == _LINEAR:
        angle = linear_steering(
            lateral,
            future,
            body.heading,
            body.speed,
            body.length,
            body.steer_gain[0],
            body.steer_gain[1],
        )
        return min(max(angle, -slot.max_steering), slot.max_steering)
    return steering_control(
        lateral,
        future,
        body.heading,
        body.speed,
        body.length,
        slot.kp_lateral,
        slot.kp_heading,
        slot.max_steering,
    )


@inlined_kernel
def follow_road(slot: Row, road: Road, bodies: Table, routes: Table, work: Work, k: int) -> None:
    """Hop to the next lane near the end of the target lane, one hop a call."""
    body = bodies[k]
    lane = road.lanes[body.target_lane]
    if body.target_lane == body.lane:
        s = work.marks[k].own_s
    else:
        s, _ = local_coordinates(lane, road.points, body.x, body.y)
    if s > lane.length - slot.lane_margin / 2:
        body.target_lane = next_lane(
            road.lanes, road.roads, road.numbers, road.points, body, routes[k], body.target_lane
        )
