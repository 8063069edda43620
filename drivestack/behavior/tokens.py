"""What a learned planner is told of a scenario: small rows of numbers, seen from the ego.

Everything is in the ego's frame, so it does not change when the world is moved or turned, and has a
mirror image that `mirrored` makes. Units are SI; networks bring their own normalisers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import DTypeLike, NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.types import Bools

Singles = NDArray[np.float32]

ROUTE_POINTS, LANE_PIECES, AGENTS = 16, 24, 24
"""Tokens of each kind. Our choice."""

REACH = (0, 3, 6, 10, 14, 19, 24, 30, 37, 45, 54, 64, 76, 90, 106, 124)
"""Where the route is looked at, ahead of the ego [m]; our choice: dense where a chunk begins, and
as far as 4 s at 30 m/s."""


class Ego(IntEnum):
    """Columns of the ego."""

    SPEED = 0
    ACCEL = 1
    STEER = 2
    KNOWN = 3
    """Acceleration and steering angle are told; else they are 0."""
    LENGTH = 4
    WIDTH = 5
    ASIDE = 6
    """To the left of the route's line [m]."""
    ALONG_COS = 7
    """Of the heading against the line's."""
    ALONG_SIN = 8
    ROUTED = 9
    LIMIT = 10
    SIDE = 11
    """Of the lane change that the route needs next; see `due.Due`."""
    URGENCY = 12
    MISSED = 13
    NEED_HERE = 14
    NEED_LEFT = 15
    NEED_RIGHT = 16
    LANE_LEFT = 17
    LANE_RIGHT = 18
    LANE_ASIDE = 19
    """To the left of the middle of the present lane [m]."""
    LANE_WIDTH = 20
    ON_LANE = 21
    GOAL = 22
    """There is one within `FAR` along the line."""
    GOAL_AHEAD = 23
    AGE = 24
    """Of the frame of tracks [s]."""
    SIGHT = 25
    HIDDEN = 26
    PREFIX = 27
    """Controls for the next ticks are committed; see `with_prefix`."""
    PREFIX_TIME = 28
    PREFIX_ALONG = 29
    PREFIX_ACROSS = 30


class Point(IntEnum):
    """Columns of a point of the route's line."""

    X = 0
    Y = 1
    COS = 2
    SIN = 3
    BEND = 4
    LIMIT = 5
    ALLOWED = 6
    """The speed that limits and bends allow there [m/s]."""
    AHEAD = 7


class Piece(IntEnum):
    """Columns of a piece of a lane: four points, and what it is."""

    X0 = 0
    Y0 = 1
    X1 = 2
    Y1 = 3
    X2 = 4
    Y2 = 5
    X3 = 6
    Y3 = 7
    COS = 8
    SIN = 9
    WIDTH = 10
    LIMIT = 11
    ON_ROAD = 12
    """Its road is one of the route's."""
    ON_ROUTE = 13
    HERE = 14
    """The ego is on this lane."""


class Agent(IntEnum):
    """Columns of a road user, and of what stands in the way like one."""

    X = 0
    Y = 1
    COS = 2
    SIN = 3
    VX = 4
    VY = 5
    """Its velocity less the ego's [m/s]."""
    SPEED = 6
    LENGTH = 7
    WIDTH = 8
    AGE = 9
    SOFT = 10
    """A motorcycle, bicycle, pedestrian or animal."""
    THING = 11
    LINE = 12
    """A stop line that holds the ego."""
    NEAREST_TIME = 13
    """When it is nearest if all go straight on [s], at most `LATER`."""
    NEAREST = 14
    """How far the middles are apart then [m]."""
    ON_LINE = 15
    """It is beside the route's line; else the next four are 0."""
    AHEAD = 16
    ASIDE = 17
    ALONG_SPEED = 18
    ACROSS_SPEED = 19
    GAP = 20
    """Between the bumpers along the line [m]."""


FAR, LATER = 200.0, 5.0
"""Metres and seconds from which on nothing more is told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """B scenarios.

    Attributes:
        ego: (B, `Ego`). route: (B, R, `Point`). lanes: (B, L, `Piece`). agents: (B, A, `Agent`).
        *_there: which tokens of a kind there are; the others are 0.
    """

    ego: Singles
    route: Singles
    route_there: Bools
    lanes: Singles
    lanes_there: Bools
    agents: Singles
    agents_there: Bools

    def __post_init__(self) -> None:
        check_fields(self, TOKENS)


TOKENS: Mapping[str, tuple[str, DTypeLike]] = {
    "ego": (f"B {len(Ego)}", np.float32),
    "route": (f"B {ROUTE_POINTS} {len(Point)}", np.float32),
    "route_there": (f"B {ROUTE_POINTS}", np.bool_),
    "lanes": (f"B {LANE_PIECES} {len(Piece)}", np.float32),
    "lanes_there": (f"B {LANE_PIECES}", np.bool_),
    "agents": (f"B {AGENTS} {len(Agent)}", np.float32),
    "agents_there": (f"B {AGENTS}", np.bool_),
}


def _signs(columns: type[IntEnum], flipped: tuple[int, ...]) -> Singles:
    signs = np.ones(len(columns), np.float32)
    signs[list(flipped)] = -1.0
    return signs


_FLIPPED = {
    "ego": _signs(Ego, (Ego.STEER, Ego.ASIDE, Ego.ALONG_SIN, Ego.SIDE, Ego.LANE_ASIDE,
                        Ego.PREFIX_ACROSS)),
    "route": _signs(Point, (Point.Y, Point.SIN, Point.BEND)),
    "lanes": _signs(Piece, (Piece.Y0, Piece.Y1, Piece.Y2, Piece.Y3, Piece.SIN)),
    "agents": _signs(Agent, (Agent.Y, Agent.SIN, Agent.VY, Agent.ASIDE, Agent.ACROSS_SPEED)),
}  # fmt: skip

_SWAPPED = ((Ego.NEED_LEFT, Ego.NEED_RIGHT), (Ego.LANE_LEFT, Ego.LANE_RIGHT))


def mirrored(tokens: Tokens) -> Tokens:
    """What would be told in the mirrored world, left for right; bit for bit."""
    ego = tokens.ego * _FLIPPED["ego"]
    for left, right in _SWAPPED:
        ego[:, [left, right]] = ego[:, [right, left]]
    return replace(
        tokens,
        ego=ego + np.float32(0.0),  # no zero keeps a sign
        route=tokens.route * _FLIPPED["route"] + np.float32(0.0),
        lanes=tokens.lanes * _FLIPPED["lanes"] + np.float32(0.0),
        agents=tokens.agents * _FLIPPED["agents"] + np.float32(0.0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Prefix:
    """Controls that are committed already, whatever is planned.

    Attributes:
        time: (B,) for how long from now on [s]; 0: none are.
        along, across: (B,) their means [m/s2], as the knots of a chunk have them.
    """

    time: Singles
    along: Singles
    across: Singles

    def __post_init__(self) -> None:
        check_fields(self, dict.fromkeys(("time", "along", "across"), ("B", np.float32)))


def with_prefix(tokens: Tokens, prefix: Prefix) -> Tokens:
    """The tokens with what is committed."""
    ego, there = tokens.ego.copy(), prefix.time > 0.0
    ego[:, Ego.PREFIX] = there
    ego[:, Ego.PREFIX_TIME] = prefix.time
    ego[:, Ego.PREFIX_ALONG] = np.where(there, prefix.along, 0.0)
    ego[:, Ego.PREFIX_ACROSS] = np.where(there, prefix.across, 0.0)
    return replace(tokens, ego=ego)


def untold(tokens: Tokens, rows: Bools) -> Tokens:
    """The tokens without the acceleration and steering angle of some rows (B,).

    Both are what the expert did last, so a network that sees them learns to go on as before. The
    speed stays: what is proposed are accelerations, which mean nothing without it.
    """
    ego = tokens.ego.copy()
    for column in (Ego.ACCEL, Ego.STEER, Ego.KNOWN):
        ego[rows, column] = 0.0
    return replace(tokens, ego=ego)
