"""What the critic looks at: the plan, and everybody near it, as numbers relative to the plan.

Others go straight on at their speed from where they were measured; how far that is wrong is what
the critic learns. Compiled; a row of a batch does not depend on the others. Distances are squashed,
``x / (1 + |x| / 30 m)``, so that what is far away cannot drown what is near.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.frames import wrap_to_pi
from drivestack.core.tables import Kind, Table
from drivestack.core.types import Floats, Observation, Plan
from drivestack.roads.lanes import heading_at, local_coordinates, width_at
from drivestack.roads.nearest import nearest_lane

TIMES = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
"""When the plan is looked at [s]; 3 s is what is foretold."""

STEP = 0.1
"""Time step of the search for the smallest gap [s]."""

MOST = 10
"""Road users that are looked at, those with the smallest gaps. Our choice: on a road of four lanes
there are two ahead and two behind that matter, and one on either side."""

PLACES = (0.0, 1.5, 3.0)
"""When the plan's place in its lane is looked at [s]."""

VULNERABLE = (Kind.MOTORCYCLE, Kind.BICYCLE, Kind.PEDESTRIAN, Kind.ANIMAL)

OWN = 4 + 2 * len(TIMES) + 3 * len(PLACES)
"""Numbers of the ego and its plan."""

OTHER = 14 + 3 * len(TIMES)
"""Numbers of each road user."""


class Features(NamedTuple):
    """Of B scenarios, float32.

    Attributes:
        own: (B, OWN). others: (B, MOST, OTHER), smallest gap first. there: (B, MOST).
        place: (B, MOST) of each road user among the tracks.
    """

    own: NDArray[np.float32]
    others: NDArray[np.float32]
    there: NDArray[np.bool_]
    place: NDArray[np.int32]


def features_of(observation: Observation, plan: Plan) -> Features:
    """What the critic is given of every scenario."""
    batch, tracks = len(observation.tick), observation.tracks
    found = Features(
        np.zeros((batch, OWN), np.float32),
        np.zeros((batch, MOST, OTHER), np.float32),
        np.zeros((batch, MOST), np.bool_),
        np.zeros((batch, MOST), np.int32),
    )
    elapsed = (observation.tick - plan.tick) * observation.dt
    others, aged = tracks.state[:, :, -1].copy(), (observation.age * observation.dt)[:, None]
    others[:, :, 0] += aged * others[:, :, 3] * np.cos(others[:, :, 2])
    others[:, :, 1] += aged * others[:, :, 3] * np.sin(others[:, :, 2])
    soft = np.isin(tracks.kind, [int(kind) for kind in VULNERABLE])
    poses = np.zeros((batch, len(PLACES), 4))
    _look(
        observation.ego.state, observation.ego.size, observation.ego.accel, observation.ego.steer,
        plan.states, plan.dt, elapsed, others, tracks.size, soft,
        tracks.valid[:, :, -1], np.array(TIMES), np.array(PLACES), STEP, poses, found,
    )  # fmt: skip
    _in_lanes(observation, poses, found.own)
    return found


def _in_lanes(observation: Observation, poses: Floats, own: NDArray[np.float32]) -> None:
    """Where the plan is in its lane: off its middle in half widths, across it, the speed limit."""
    first = OWN - 3 * len(PLACES)
    for b in range(len(poses)):
        map = observation.maps[observation.map_index[b]]
        for i in range(len(PLACES)):
            x, y, yaw, _ = poses[b, i].tolist()
            lane, _ = nearest_lane(map, x, y, yaw)
            own[b, first + 3 * i : first + 3 * i + 3] = _in_lane(
                map.lanes, lane, map.points, x, y, yaw
            )


@kernel
def _in_lane(
    lanes: Table, number: int, points: Table, x: float, y: float, yaw: float
) -> tuple[float, float, float]:
    lane = lanes[number]
    s, lateral = local_coordinates(lane, points, x, y)
    half = max(width_at(lane, points, s) / 2.0, 0.5)
    turn = wrap_to_pi(yaw - heading_at(lane, points, s))
    return _squashed(lateral / half), math.sin(turn), min(lane.speed_limit, 60.0) / 30.0


@kernel
def _squashed(x: float) -> float:
    """Bounded by 30."""
    return x / (1.0 + abs(x) / 30.0)


@kernel
def _pose(
    ego: NDArray, states: NDArray, dt: float, elapsed: float, t: float
) -> tuple[float, float, float, float]:
    """Where the plan is in t [s] from now; beyond its end it goes straight on at its last speed."""
    last = states.shape[0] - 1
    at = (elapsed + t) / dt - 1.0
    if at >= last:
        x, y, yaw, v = states[last, 0], states[last, 1], states[last, 2], states[last, 3]
        rest = min((at - last) * dt, 10.0) * v
        return x + rest * math.cos(yaw), y + rest * math.sin(yaw), yaw, v
    i = int(max(at, 0.0))
    part = at - i
    a, b = states[i], states[min(i + 1, last)]
    if at < 0.0:  # between the ego and the first state
        part = min(t / max(dt - elapsed, 1e-9), 1.0)
        a, b = ego, states[0]
    return (
        a[0] + part * (b[0] - a[0]),
        a[1] + part * (b[1] - a[1]),
        a[2] + part * wrap_to_pi(b[2] - a[2]),
        a[3] + part * (b[3] - a[3]),
    )


@kernel
def _gap(
    x: float, y: float, yaw: float, size: NDArray, ox: float, oy: float, oyaw: float, box: NDArray
) -> tuple[float, float, float]:
    """Another's place ahead and to the left of a pose [m], and the gap between both boxes [m].

    The other's box is taken as the one about it that is parallel to the pose. A negative gap is by
    how much they overlap.
    """
    c, s = math.cos(yaw), math.sin(yaw)
    ahead, left = (ox - x) * c + (oy - y) * s, (oy - y) * c - (ox - x) * s
    turn = oyaw - yaw
    ct, st = abs(math.cos(turn)), abs(math.sin(turn))
    beyond = abs(ahead) - 0.5 * (size[0] + ct * box[0] + st * box[1])
    beside = abs(left) - 0.5 * (size[1] + st * box[0] + ct * box[1])
    if beyond > 0.0 and beside > 0.0:
        return ahead, left, math.sqrt(beyond * beyond + beside * beside)
    return ahead, left, max(beyond, beside)


@kernel
def _smallest_gaps(
    ego: NDArray, size: NDArray, states: NDArray, dt: float, elapsed: float, others: NDArray,
    boxes: NDArray, valid: NDArray, horizon: float, step: float, gap: NDArray, when: NDArray,
) -> None:  # fmt: skip
    """The smallest gap [m] to each road user, and when that is [s]."""
    gap[:], when[:] = math.inf, 0.0
    for i in range(int(horizon / step + 0.5) + 1):
        t = i * step
        x, y, yaw, _ = _pose(ego, states, dt, elapsed, t)
        for n in range(others.shape[0]):
            if not valid[n]:
                continue
            o = others[n]
            ox, oy = o[0] + o[3] * math.cos(o[2]) * t, o[1] + o[3] * math.sin(o[2]) * t
            _, _, near = _gap(x, y, yaw, size, ox, oy, o[2], boxes[n])
            if near < gap[n]:
                gap[n], when[n] = near, t


@kernel
def _of_other(
    ego: NDArray, size: NDArray, states: NDArray, dt: float, elapsed: float, other: NDArray,
    box: NDArray, soft: bool, times: NDArray, out: NDArray,
) -> None:  # fmt: skip
    """All but the smallest gap, from place 2 on."""
    vx, vy = other[3] * math.cos(other[2]), other[3] * math.sin(other[2])
    c, s = math.cos(ego[2]), math.sin(ego[2])
    rx, ry = vx - ego[3] * c, vy - ego[3] * s
    ahead, left, near = _gap(ego[0], ego[1], ego[2], size, other[0], other[1], other[2], box)
    out[2], out[3], out[4] = _squashed(ahead), _squashed(left), _squashed(near)
    out[5], out[6] = math.cos(other[2] - ego[2]), math.sin(other[2] - ego[2])
    out[7], out[8] = _squashed(rx * c + ry * s), _squashed(ry * c - rx * s)
    out[9], out[10], out[11] = _squashed(other[3]), _squashed(box[0]), _squashed(box[1])
    out[12] = 1.0 if soft else 0.0
    out[13] = 1.0 if abs(other[3]) < 0.1 else 0.0
    for i in range(times.shape[0]):
        t = times[i]
        x, y, yaw, _ = _pose(ego, states, dt, elapsed, t)
        ahead, left, near = _gap(
            x, y, yaw, size, other[0] + vx * t, other[1] + vy * t, other[2], box
        )
        at = 14 + 3 * i
        out[at], out[at + 1], out[at + 2] = _squashed(ahead), _squashed(left), _squashed(near)


@kernel
def _of_ego(
    ego: NDArray, accel: float, steer: float, states: NDArray, dt: float, elapsed: float,
    many: int, times: NDArray, out: NDArray,
) -> None:  # fmt: skip
    """All but the places in the lane."""
    c, s = math.cos(ego[2]), math.sin(ego[2])
    out[0], out[1], out[2] = _squashed(ego[3]), accel, steer
    out[3] = min(many, 30) / 10.0
    for i in range(times.shape[0]):
        x, y, _, v = _pose(ego, states, dt, elapsed, times[i])
        out[4 + 2 * i] = v - ego[3]
        out[5 + 2 * i] = _squashed((y - ego[1]) * c - (x - ego[0]) * s)


@kernel
def _look(
    ego: NDArray, size: NDArray, accel: NDArray, steer: NDArray, states: NDArray, dt: NDArray,
    elapsed: NDArray, others: NDArray, boxes: NDArray, soft: NDArray, valid: NDArray,
    times: NDArray, places: NDArray, step: float, poses: NDArray, found: Features,
) -> None:  # fmt: skip
    """Every scenario by itself."""
    gap, when = np.empty(others.shape[1]), np.empty(others.shape[1])
    for b in range(ego.shape[0]):
        given, age = states[b], elapsed[b]
        _smallest_gaps(ego[b], size[b], given, dt[b], age, others[b], boxes[b], valid[b],
                       times[-1], step, gap, when)  # fmt: skip
        many = int(valid[b].sum())
        _of_ego(ego[b], accel[b], steer[b], given, dt[b], age, many, times, found.own[b])
        for i in range(min(many, found.there.shape[1])):
            n = int(np.argmin(gap))
            out = found.others[b, i]
            out[0], out[1] = _squashed(gap[n]), when[n]
            _of_other(ego[b], size[b], given, dt[b], age, others[b, n], boxes[b, n],
                      soft[b, n], times, out)  # fmt: skip
            found.there[b, i], found.place[b, i] = True, n
            gap[n] = math.inf
        for i in range(places.shape[0]):
            x, y, yaw, v = _pose(ego[b], given, dt[b], age, places[i])
            poses[b, i, 0], poses[b, i, 1], poses[b, i, 2], poses[b, i, 3] = x, y, yaw, v
