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
from drivestack.vehicle.bicycle import euler_step
from drivestack.vehicle.pursuit import pursuit_steering


class Path(IntEnum):
    """Which path is followed."""

    PLAN = 0
    LANE = 1
    LEFT = 2
    RIGHT = 3


class Speeds(IntEnum):
    """How fast."""

    PLANNED = 0
    HOLD = 1
    EASE = 2
    BRAKE = 3
    GAIN = 4
    STOP = 5
    """As a minimal-risk manoeuvre."""


OPTIONS = np.array(
    [
        (Path.PLAN, 0, Speeds.HOLD),
        (Path.LANE, 0, Speeds.HOLD),
        (Path.PLAN, 0, Speeds.EASE),
        (Path.LANE, 0, Speeds.EASE),
        (Path.PLAN, 0, Speeds.BRAKE),
        (Path.LANE, 0, Speeds.BRAKE),
        (Path.LANE, 1, Speeds.HOLD),
        (Path.LANE, -1, Speeds.HOLD),
        (Path.LANE, 1, Speeds.BRAKE),
        (Path.LANE, -1, Speeds.BRAKE),
        (Path.LANE, 0, Speeds.GAIN),
        (Path.LEFT, 0, Speeds.BRAKE),
        (Path.RIGHT, 0, Speeds.BRAKE),
        (Path.LEFT, 0, Speeds.HOLD),
        (Path.RIGHT, 0, Speeds.HOLD),
    ],
    np.int64,
)
"""(O, 3) path, side of a shift inside it, speeds: the mildest first, those across lanes last. Of
equally good ones the first is taken."""

TRIED = np.array([5, 4, 8, 9, 11, 12, 1, 0, 3, 2, 6, 7, 10, 13, 14], np.int64)
"""(O,) in which order options are tried after waiting: the likeliest to clear first."""

RECOVERIES = np.array(
    [
        (Path.LANE, 0, Speeds.STOP),
        (Path.RIGHT, 0, Speeds.STOP),
        (Path.LANE, 0, Speeds.BRAKE),
        (Path.LANE, 1, Speeds.BRAKE),
        (Path.LANE, -1, Speeds.BRAKE),
        (Path.LANE, 0, Speeds.HOLD),
        (Path.LANE, 1, Speeds.HOLD),
        (Path.LANE, -1, Speeds.HOLD),
        (Path.LANE, 0, Speeds.GAIN),
        (Path.RIGHT, 0, Speeds.BRAKE),
        (Path.LEFT, 0, Speeds.BRAKE),
    ],
    np.int64,
)
"""(O, 3) what the minimal-risk condition chooses from, the first of equally good ones: stop in the
lane, pull over, brake, shift, let somebody go. No plan is in it."""

_PLANNED = int(Speeds.PLANNED)
_EASE = int(Speeds.EASE)
_BRAKE = int(Speeds.BRAKE)
_GAIN = int(Speeds.GAIN)
_STOP = int(Speeds.STOP)


@hot_kernel
def path_planned(states: NDArray, first: int, path: NDArray) -> int:
    """Write a plan's places (T, 4) from row `first` on; returns how many, at least one."""
    first = min(first, states.shape[0] - 1)
    count = min(states.shape[0] - first, path.shape[0])
    for k in range(count):
        path[k, 0], path[k, 1] = states[first + k, 0], states[first + k, 1]
        path[k, 2] = states[first + k, 2]
    return count


@hot_kernel
def path_straight(x: float, y: float, yaw: float, reach: float, path: NDArray) -> int:
    """Write a path straight on, for who is on no lane."""
    for k in range(2):
        path[k, 0] = x + math.cos(yaw) * reach * k
        path[k, 1] = y + math.sin(yaw) * reach * k
        path[k, 2] = yaw
    return 2


@hot_kernel
def _steer(
    path: NDArray, count: int, at: int, shift: float, car: NDArray, length: float, own: Row
) -> tuple[float, int]:
    """Steering [rad] towards a path, straight on behind it, and where to look from next time.

    Args:
        at: the point to look from. car: x, y, yaw, v.
    """
    v = car[3]
    look = max(own.look_time * v, own.look_least)
    while at + 2 < count:
        dx, dy = path[at + 1, 0] - car[0], path[at + 1, 1] - car[1]
        if dx * dx + dy * dy >= look * look:
            break
        at += 1
    # the aim lies on the straight through the last point passed, prolonged to the distance
    heading = path[at, 2]
    if at + 1 < count:
        dx, dy = path[at + 1, 0] - path[at, 0], path[at + 1, 1] - path[at, 1]
        if dx * dx + dy * dy > 1e-6:
            heading = math.atan2(dy, dx)
    c, s = math.cos(heading), math.sin(heading)
    along = (car[0] - path[at, 0]) * c + (car[1] - path[at, 1]) * s
    away = (car[1] - path[at, 1]) * c - (car[0] - path[at, 0]) * s - shift
    ahead = along + math.sqrt(max(look * look - away * away, 1.0))
    px, py = path[at, 0] + c * ahead - s * shift, path[at, 1] + s * ahead + c * shift
    steer = pursuit_steering(car[0], car[1], car[2], length, px, py, own.steer)
    if v * v > 1.0:
        # tan(steer) = 2 tan(slip), and the curvature is sin(slip) / (length / 2)
        sine = min(0.5 * length * own.grip / (v * v), 0.7)
        most = math.atan(2.0 * sine / math.sqrt(1.0 - sine * sine))
        steer = min(max(steer, -most), most)
    return steer, at


@hot_kernel
def _planned_gain(
    plan: NDArray, first: int, spacing: float, time: float, v: float, own: Row
) -> float:
    """Acceleration [m/s2] of a plan (T, 4) `time` seconds ahead, and back to its speeds."""
    last = plan.shape[0] - 1
    place = time / spacing + first
    i = min(int(place), last)
    if i == last:
        return (plan[last, 3] - v) / own.follow
    slope = plan[i + 1, 3] - plan[i, 3]
    return slope / spacing + (plan[i, 3] + (place - i) * slope - v) / own.follow


@hot_kernel
def roll(
    car: NDArray, length: float, steer: float, control: NDArray, late: int, plan: NDArray,
    plan_first: int, plan_step: float, planned: NDArray, planned_n: int, path: NDArray, path_n: int,
    shift: float, speeds: int, own: Row, poses: NDArray, first: NDArray,
) -> None:  # fmt: skip
    """Roll an option out: the plan for `late` steps, the option then.

    Args:
        car: (4,), steer: now. control: (2,) commanded: what the first step of the plan is driven
        with. plan: (T, 4), whose row `plan_first` lies one `plan_step` [s] ahead. planned, path:
        of the plan and of the option, with their rows. shift: to the left of it [m]. speeds:
        `Speeds`. poses: (S + 1, 4), written. first: (2,) the control that begins it, written.
    """
    dt = own.step
    turn = own.turn * dt
    poses[0, 0], poses[0, 1], poses[0, 2], poses[0, 3] = car[0], car[1], car[2], car[3]
    along = at = 0
    for k in range(1, poses.shape[0]):
        now = poses[k - 1]
        v = now[3]
        if k <= late or speeds == _PLANNED:
            accel = _planned_gain(plan, plan_first, plan_step, (k - 1) * dt, v, own)
            wish, at = _steer(planned, planned_n, at, 0.0, now, length, own)
            if k == 1:
                accel, wish = control[0], control[1]
        else:
            accel = 0.0
            if speeds == _EASE:
                accel = -own.ease
            elif speeds == _BRAKE:
                accel = -own.brake
            elif speeds == _GAIN:
                accel = own.gain
            elif speeds == _STOP:
                accel = -own.stop
            wish, along = _steer(path, path_n, along, shift, now, length, own)
        accel = min(max(accel, -own.brake), own.most_gain)
        steer = min(max(wish, steer - turn), steer + turn)
        if k == late + 1:
            first[0], first[1] = accel, steer
        end = max(v + accel * dt, 0.0)
        # the mean speed of the step, also of one in which the car comes to stand
        mean = 0.5 * (v + end)
        if end <= 0.0 and accel < 0.0:
            mean *= v / (-accel * dt)
        poses[k, 0], poses[k, 1], poses[k, 2], _ = euler_step(
            now[0], now[1], now[2], mean, 0.0, steer, length, dt
        )
        poses[k, 3] = end
