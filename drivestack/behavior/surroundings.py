"""Tokens of what is around the ego: pieces of lanes, and road users; compiled.

Both are the nearest ones, in an order that neither a mirror, nor another order of the road users,
nor the rest of the batch changes: by distance, then by number.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.lines import project, sample
from drivestack.core.tables import Row
from drivestack.roads.lanes import heading_at, limit_of, local_coordinates, position, width_at

from .road import Road
from .tokens import LATER, Agent, Piece


class Frame(NamedTuple):
    """Where the ego is: x, y [m], yaw [rad], its cosine and sine, speed [m/s] and length [m]."""

    x: float
    y: float
    yaw: float
    cos: float
    sin: float
    speed: float
    length: float


@kernel
def seen_from(frame: Frame, x: float, y: float) -> tuple[float, float]:
    """A point in the ego's frame [m]."""
    dx, dy = x - frame.x, y - frame.y
    return frame.cos * dx + frame.sin * dy, frame.cos * dy - frame.sin * dx


@kernel
def _squared(frame: Frame, x: float, y: float, focus: float) -> float:
    """Squared distance of a point to one so many metres ahead of the ego [m2]."""
    along, across = seen_from(frame, x, y)
    return (along - focus) * (along - focus) + across * across


@kernel
def _insert(rank: float, number: int, ranks: NDArray, numbers: NDArray, count: int) -> int:
    """Into a short list that is sorted by rank and then number; returns its new length."""
    most = ranks.shape[0]
    i = count
    while i > 0 and (rank < ranks[i - 1] or (rank == ranks[i - 1] and number < numbers[i - 1])):
        if i < most:
            ranks[i], numbers[i] = ranks[i - 1], numbers[i - 1]
        i -= 1
    if i < most:
        ranks[i], numbers[i] = rank, number
    return min(count + 1, most)


_PIECES = 8
"""Most pieces of a lane that are looked at."""


@kernel
def lanes_near(
    road: Road, here: int, frame: Frame, looking: Row, pieces: NDArray, there: NDArray
) -> None:
    """Fill (L, `Piece`) with the nearest pieces of lanes, and which there are (L,)."""
    ranks, numbers = np.zeros(pieces.shape[0]), np.zeros(pieces.shape[0], np.int64)
    count, reach = 0, looking.away * looking.away
    for lane in range(road.map.lanes.shape[0]):
        row = road.map.lanes[lane]
        begin = _begin(row, road, frame, looking.piece)
        for j in range(_PIECES):
            a, b = _ends(row.length, begin, j, looking.piece)
            if b <= a:
                continue
            x, y = position(row, road.map.points, 0.5 * (a + b), 0.0)
            rank = _squared(frame, x, y, looking.focus)
            if rank <= reach:
                count = _insert(rank, lane * _PIECES + j, ranks, numbers, count)
    for i in range(count):
        lane, j = numbers[i] // _PIECES, numbers[i] % _PIECES
        row = road.map.lanes[lane]
        a, b = _ends(row.length, _begin(row, road, frame, looking.piece), j, looking.piece)
        _tell_piece(road, lane, here, frame, a, b, pieces[i])
        there[i] = True


@kernel
def _begin(row: Row, road: Road, frame: Frame, piece: float) -> float:
    """Where the first piece of a lane begins, s [m]: pieces lie as the ego does, not as the map."""
    s, _ = local_coordinates(row, road.map.points, frame.x, frame.y)
    return min(max(s, 0.0), row.length) - 2.5 * piece


@kernel
def _ends(length: float, begin: float, j: int, piece: float) -> tuple[float, float]:
    """From where to where on a lane a piece goes, s [m]."""
    return max(begin + j * piece, 0.0), min(begin + (j + 1) * piece, length)


@kernel
def _tell_piece(
    road: Road, lane: int, here: int, frame: Frame, a: float, b: float, piece: NDArray
) -> None:
    row, points = road.map.lanes[lane], road.map.points
    for i in range(4):
        x, y = position(row, points, a + (b - a) * i / 3.0, 0.0)
        piece[2 * i], piece[2 * i + 1] = seen_from(frame, x, y)
    middle = 0.5 * (a + b)
    turn = heading_at(row, points, middle) - frame.yaw
    piece[Piece.COS], piece[Piece.SIN] = math.cos(turn), math.sin(turn)
    piece[Piece.WIDTH], piece[Piece.LIMIT] = width_at(row, points, middle), limit_of(row)
    piece[Piece.ON_ROAD] = 1.0 if road.wanted[lane] else 0.0
    for i in range(road.sequence.shape[0]):
        if road.valid[i] and road.sequence[i] == lane:
            piece[Piece.ON_ROUTE] = 1.0
    piece[Piece.HERE] = 1.0 if lane == here else 0.0


@kernel
def agents_near(
    road: Road, s: float, frame: Frame, track: NDArray, size: NDArray, kind: NDArray,
    number: NDArray, age: NDArray, valid: NDArray, sorts: NDArray, first_line: int, looking: Row,
    agents: NDArray, there: NDArray,
) -> None:  # fmt: skip
    """Fill (A, `Agent`) with the nearest road users, and which there are (A,).

    Args:
        s: of the ego on the route's line [m]. first_line: numbers from it on are stop lines.
        sorts: of each kind, 0 a vehicle, 1 soft, 2 a thing.
    """
    ranks, numbers = np.zeros(agents.shape[0]), np.zeros(agents.shape[0], np.int64)
    places = np.zeros(agents.shape[0], np.int64)
    count = 0
    for i in range(track.shape[0]):
        if valid[i]:
            rank = _squared(frame, track[i, 0], track[i, 1], looking.focus)
            count = _insert(rank, number[i], ranks, numbers, count)
    for i in range(track.shape[0]):
        for j in range(count):
            if valid[i] and number[i] == numbers[j]:
                places[j] = i
    for j in range(count):
        i = places[j]
        sort = 3 if number[i] >= first_line else int(sorts[kind[i]])
        old = float(age[i])
        _tell_agent(road, s, frame, track[i], size[i], sort, old, looking.beside, agents[j])
        there[j] = True


@kernel
def _tell_agent(
    road: Road, s: float, frame: Frame, state: NDArray, size: NDArray, sort: int, age: float,
    beside: float, agent: NDArray,
) -> None:  # fmt: skip
    x, y = seen_from(frame, state[0], state[1])
    turn = state[2] - frame.yaw
    c, w = math.cos(turn), math.sin(turn)
    agent[Agent.X], agent[Agent.Y], agent[Agent.COS], agent[Agent.SIN] = x, y, c, w
    vx, vy = state[3] * c - frame.speed, state[3] * w
    agent[Agent.VX], agent[Agent.VY], agent[Agent.SPEED] = vx, vy, state[3]
    agent[Agent.LENGTH], agent[Agent.WIDTH], agent[Agent.AGE] = size[0], size[1], age
    agent[Agent.SOFT] = 1.0 if sort == 1 else 0.0
    agent[Agent.THING] = 1.0 if sort == 2 else 0.0
    agent[Agent.LINE] = 1.0 if sort == 3 else 0.0
    vv = vx * vx + vy * vy
    time = min(max(-(x * vx + y * vy) / vv, 0.0), LATER) if vv > 1e-6 else 0.0
    nx, ny = x + vx * time, y + vy * time
    agent[Agent.NEAREST_TIME], agent[Agent.NEAREST] = time, math.sqrt(nx * nx + ny * ny)
    if road.n < 2:
        return
    at, lateral = project(road.line, 0, road.n - 1, road.spacing, state[0], state[1])
    if abs(lateral) > beside:
        return
    _, _, along = sample(road.line, road.n, road.spacing, at)
    turn = state[2] - along
    c, w = math.cos(turn), math.sin(turn)
    agent[Agent.ON_LINE], agent[Agent.AHEAD], agent[Agent.ASIDE] = 1.0, at - s, lateral
    agent[Agent.ALONG_SPEED], agent[Agent.ACROSS_SPEED] = state[3] * c, state[3] * w
    half = 0.5 * (size[0] * abs(c) + size[1] * abs(w)) + 0.5 * frame.length
    apart = abs(at - s) - half
    agent[Agent.GAP] = math.copysign(max(apart, 0.0), at - s)
