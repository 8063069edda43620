"""The ego's own options: paths it may follow, speeds it may drive, rolled out by the bicycle.

Three kinds of paths: the plan's, the lane's middle, and those of the lanes beside. Each may be
followed at a distance aside. 'Nothing' is the plan at its own speeds, the commanded control first.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.tables import Row
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import heading_at, local_coordinates, position
from drivestack.roads.ways import STRETCHES
from drivestack.vehicle.bicycle import euler_step
from drivestack.vehicle.pursuit import pursuit_steering

POINTS = 128
"""Most points of a path; 2 m apart at 40 m/s for 6 s."""


class Path(IntEnum):
    """Which path is followed."""

    PLAN = 0
    LANE = 1
    LEFT = 2
    RIGHT = 3


class Speeds(IntEnum):
    """How fast."""

    PLANNED = 0
    BRAKE = 1
    HOLD = 2
    GAIN = 3
    EASE = 4
    """Slow down comfortably."""


OPTIONS = np.array(
    [
        (Path.PLAN, 0, Speeds.HOLD),
        (Path.LANE, 0, Speeds.HOLD),
        (Path.PLAN, 0, Speeds.EASE),
        (Path.LANE, 0, Speeds.EASE),
        (Path.PLAN, 0, Speeds.BRAKE),
        (Path.LANE, 0, Speeds.BRAKE),
        (Path.LANE, 1, Speeds.BRAKE),
        (Path.LANE, -1, Speeds.BRAKE),
        (Path.LANE, 1, Speeds.HOLD),
        (Path.LANE, -1, Speeds.HOLD),
        (Path.LANE, 0, Speeds.GAIN),
        (Path.LEFT, 0, Speeds.BRAKE),
        (Path.RIGHT, 0, Speeds.BRAKE),
        (Path.LEFT, 0, Speeds.HOLD),
        (Path.RIGHT, 0, Speeds.HOLD),
    ],
    np.int64,
)
"""(O, 3) path, side of a shift inside it, speeds; of equally good ones the first is taken."""


@hot_kernel
def path_along(map: Lanes, way: NDArray, x: float, y: float, spacing: float, path: NDArray) -> int:
    """Write the middle of a way (`STRETCHES`) from abreast of a point on; returns how many points.

    Args:
        path: (`POINTS`, 3) x, y, yaw, written.
    """
    q, lane = 0, way[0]
    s, _ = local_coordinates(map.lanes[lane], map.points, x, y)
    for k in range(path.shape[0]):
        px, py = position(map.lanes[lane], map.points, s, 0.0)
        path[k, 0], path[k, 1] = px, py
        path[k, 2] = heading_at(map.lanes[lane], map.points, s)
        s += spacing
        if s > map.lanes[lane].length and q + 1 < STRETCHES and way[q + 1] >= 0:
            beyond = s - map.lanes[lane].length
            nx, ny = position(map.lanes[lane], map.points, map.lanes[lane].length, 0.0)
            q += 1
            lane = way[q]
            s, _ = local_coordinates(map.lanes[lane], map.points, nx, ny)
            s += beyond
    return path.shape[0]


@hot_kernel
def path_straight(x: float, y: float, yaw: float, spacing: float, path: NDArray) -> int:
    """Write a path straight on, for who is on no lane."""
    c, s = math.cos(yaw), math.sin(yaw)
    for k in range(path.shape[0]):
        path[k, 0], path[k, 1] = x + c * spacing * k, y + s * spacing * k
        path[k, 2] = yaw
    return path.shape[0]


@hot_kernel
def path_planned(states: NDArray, first: int, path: NDArray) -> int:
    """Write a plan's places (T, 4) from row `first` on; returns how many, at least one."""
    count = 0
    for t in range(first, states.shape[0]):
        if count == path.shape[0]:
            break
        path[count, 0], path[count, 1], path[count, 2] = states[t, 0], states[t, 1], states[t, 2]
        count += 1
    if count == 0:
        last = states.shape[0] - 1
        path[0, 0], path[0, 1], path[0, 2] = states[last, 0], states[last, 1], states[last, 2]
        count = 1
    return count


@hot_kernel
def _steer(
    path: NDArray, count: int, at: int, shift: float, x: float, y: float, yaw: float, v: float,
    length: float, own: Row,
) -> tuple[float, int]:  # fmt: skip
    """Steering [rad] towards a path, straight on behind it, and where to look from next time."""
    look = max(own.look_time * v, own.look_least)
    while at + 1 < count:
        dx, dy = path[at, 0] - x, path[at, 1] - y
        if dx * dx + dy * dy >= look * look:
            break
        at += 1
    px, py, heading = path[at, 0], path[at, 1], path[at, 2]
    c, s = math.cos(heading), math.sin(heading)
    ahead = (x - px) * c + (y - py) * s
    short = 0.0
    if at + 1 == count:
        short = max(ahead + look, 0.0)
    px, py = px + c * short - s * shift, py + s * short + c * shift
    steer = pursuit_steering(x, y, yaw, length, px, py, own.steer)
    if v * v > 1.0:
        # tan(steer) = 2 tan(slip), and the curvature is sin(slip) / (length / 2)
        sine = min(0.5 * length * own.grip / (v * v), 0.7)
        most = math.atan(2.0 * sine / math.sqrt(1.0 - sine * sine))
        steer = min(max(steer, -most), most)
    return steer, at


@hot_kernel
def roll(
    ego: NDArray, length: float, now: NDArray, control: NDArray, late: int,
    planned: NDArray, planned_n: int, plan: NDArray, plan_first: int, plan_step: float,
    path: NDArray, path_n: int, shift: float, speeds: int, gentle: float, own: Row,
    poses: NDArray, first: NDArray,
) -> None:  # fmt: skip
    """Roll an option out: the plan for `late` steps, the option then.

    Args:
        ego: (4,). now: (2,) present acceleration and steering angle. control: (2,) commanded,
        what the first step of the plan is driven with. planned: (`POINTS`, 3) its path. plan:
        (T, 4) its states, row `plan_first` one `plan_step` [s] ahead of now. path: (`POINTS`, 3) of
        the option. shift: to the left of it [m]. speeds: `Speeds`. gentle: deceleration of a gentle
        stop [m/s2]. poses: (S + 1, 4), written. first: (2,) the control that begins it, written.
    """
    dt = own.step
    x, y, yaw, v, steer = ego[0], ego[1], ego[2], ego[3], now[1]
    poses[0, 0], poses[0, 1], poses[0, 2], poses[0, 3] = x, y, yaw, v
    at = along = 0
    last = plan.shape[0] - 1
    for k in range(1, poses.shape[0]):
        turn = own.turn * dt
        if k <= late or speeds == 0:
            place = (k - 1) * dt / plan_step + plan_first
            i = min(int(place), last)
            aim = plan[i, 3]
            if i < last:
                aim += (place - i) * (plan[i + 1, 3] - aim)
            accel = (aim - v) / max(own.follow, plan_step)
            if i > plan_first and i < last:
                accel = (plan[i + 1, 3] - plan[i, 3]) / plan_step + (plan[i, 3] - v) / own.follow
        elif speeds == 1:
            accel = -own.brake
        elif speeds == 2:
            accel = 0.0
        elif speeds == 3:
            accel = own.gain
        else:
            accel = -gentle
        if k <= late or speeds == 0:
            wish, at = _steer(planned, planned_n, at, 0.0, x, y, yaw, v, length, own)
            if k == 1:
                accel, wish = control[0], control[1]
        else:
            wish, along = _steer(path, path_n, along, shift, x, y, yaw, v, length, own)
        accel = min(max(accel, -own.brake), 4.0)
        steer = min(max(wish, steer - turn), steer + turn)
        if k == late + 1:
            first[0], first[1] = accel, steer
        if v <= 0.0 and accel <= 0.0:
            v = 0.0
        else:
            # the mean speed of the step: exact for a constant acceleration
            end = max(v + accel * dt, 0.0)
            share = 1.0 if accel >= 0.0 or v + accel * dt >= 0.0 else v / (-accel * dt)
            mean = 0.5 * (v + end) * share
            x, y, yaw, _ = euler_step(x, y, yaw, mean, 0.0, steer, length, dt)
            v = end
        poses[k, 0], poses[k, 1], poses[k, 2], poses[k, 3] = x, y, yaw, v
