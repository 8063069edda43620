"""Layouts of a script: who plays a role, on which cue, under which conditions, doing what.

Semantics are OpenSCENARIO 1.x's. A *cue* is its event: it fires once, when any group of its
conditions holds as a whole, and starts its *actions*. An action moves along or across the lane of
one *role*, the two independently; a later one takes over from an earlier one of the same kind.
Rows hold what was written and, below it, the state while it is played, so that a world forks by
copying. Bodies are named by their place in `Start.bodies`, everything else by its row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .arrays import check_fields

NOWHERE = -1
"""Place or row that is none."""

NEVER = -(2**31)
"""Tick of what has not happened."""


class Ground(IntEnum):
    """What a role moves along."""

    LINE = 0
    """The straight line through its pose: whoever was put down beside the lanes."""
    LANE = 1
    """Its lane and those that follow."""
    PATH = 2
    """A trajectory of its own."""


class Measure(IntEnum):
    """What a condition looks at."""

    TIME = 0
    """Of the simulation [s]."""
    SPEED = 1
    """[m/s]."""
    RELATIVE_SPEED = 2
    """Of `of` less that of `to` [m/s]."""
    ACCELERATION = 3
    """[m/s2]."""
    DISTANCE = 4
    """From `of` to `to` [m]."""
    HEADWAY = 5
    """That distance over the speed of `of` [s]."""
    TIME_TO_COLLISION = 6
    """That distance over the speed at which it shrinks [s]."""
    TO_POINT = 7
    """From `of` to (x, y) [m]."""
    TRAVELLED = 8
    """By `of` since the start [m]."""
    STANDSTILL = 9
    """How long `of` has been standing [s]."""
    ENDED = 10
    """Whether `cue` has ended, 0 or 1."""
    CONTACT = 11
    """Whether `of` and `to` overlap, 0 or 1."""
    BEGUN = 12
    """Whether `cue` has begun, 0 or 1."""


class Relation(IntEnum):
    """How a measure compares with the value."""

    LESS = 0
    LESS_OR_EQUAL = 1
    GREATER = 2
    GREATER_OR_EQUAL = 3
    EQUAL = 4


class Axis(IntEnum):
    """Along which a distance is measured."""

    LONGITUDINAL = 0
    LATERAL = 1
    EUCLIDEAN = 2


class Frame(IntEnum):
    """Whose axes these are."""

    ENTITY = 0
    """The heading of the body that measures."""
    LANE = 1
    """The lane of the body that measures, prolonged straight at its ends."""


class Edge(IntEnum):
    """Whether a condition counts while it holds, or at the tick at which it changes."""

    NONE = 0
    RISING = 1
    FALLING = 2
    EITHER = 3


class Deed(IntEnum):
    """What an action does."""

    SPEED = 0
    PROFILE = 1
    """Speeds at times, linear between them."""
    GAP = 2
    """Keeps a distance or a time gap to another body."""
    SYNCHRONISE = 3
    """Arrives at a place when another body arrives at another one."""
    OFFSET = 4
    """Moves across the lane."""
    LANE = 5
    """Moves to another lane."""
    PATH = 6
    """Follows a trajectory."""
    PLACE = 7
    """Is put at a distance or time gap from another body, at once."""
    DRIVE = 8
    """Is handed over to IDM and MOBIL."""
    VANISH = 9


class Shape(IntEnum):
    """How a value goes from one to another; OpenSCENARIO's ``DynamicsShape``."""

    STEP = 0
    LINEAR = 1
    SINUSOIDAL = 2
    CUBIC = 3


class Span(IntEnum):
    """What the size of a transition means; OpenSCENARIO's ``DynamicsDimension``, and one more."""

    TIME = 0
    """How long it takes [s]."""
    RATE = 1
    """Its largest rate [1/s of the value]; the sign is that of the change."""
    DISTANCE = 2
    """How far the body moves meanwhile [m]."""
    ACCELERATION = 3
    """Its largest second derivative, for moves across the lane [m/s2]."""


class Relative(IntEnum):
    """What a target value is counted from."""

    ABSOLUTE = 0
    OTHER = 1
    """Added to the value of `of`."""
    FACTOR = 2
    """Multiplied with the value of `of`."""


class Priority(IntEnum):
    """What a cue that is due does about those of its maneuver that run; OpenSCENARIO's."""

    PARALLEL = 0
    """Nothing."""
    OVERRIDE = 1
    """It stops them."""
    SKIP = 2
    """It waits, and looks at its conditions again."""


class Phase(IntEnum):
    """Of a cue or an action."""

    WAITING = 0
    RUNNING = 1
    ENDED = 2
    STOPPED = 3
    """Another one took over."""


ROLE = np.dtype(
    [
        ("body", np.int64),
        ("on", np.bool_),  # False: it was handed over or has vanished
        ("ground", np.int64),  # Ground
        ("lane", np.int64),
        ("along", np.float64),  # +1 with the lane, -1 against it
        ("s", np.float64),  # along the ground [m]
        ("offset", np.float64),  # to the left of the ground's direction [m]
        ("x", np.float64),  # origin and direction of a LINE
        ("y", np.float64),
        ("heading", np.float64),
        ("speed", np.float64),  # along the ground, at least 0 [m/s]
        ("lateral_speed", np.float64),  # to the left of the ground [m/s]
        ("knots_at", np.int64),  # of a PATH
        ("knots_n", np.int64),
        ("drive", np.int64),  # the action in force along, NOWHERE: the speed is kept
        ("steer", np.int64),  # across
        ("path", np.int64),  # the trajectory that is followed
    ],
    align=True,
)
"""One scripted body."""

CUE = np.dtype(
    [
        ("conditions_at", np.int64),
        ("conditions_n", np.int64),  # 0: it fires at once
        ("actions_at", np.int64),
        ("actions_n", np.int64),  # 0: it ends as it fires
        ("ends_episode", np.bool_),
        ("maneuver", np.int64),  # whose cues know each other; NOWHERE: nobody knows it
        ("event", np.int64),  # in it: cues that begin together and leave each other alone
        ("priority", np.int64),  # Priority
        ("phase", np.int64),  # Phase
        ("began", np.int64),  # tick
        ("ended", np.int64),
    ],
    align=True,
)
"""One event."""

CONDITION = np.dtype(
    [
        ("measure", np.int64),  # Measure
        ("group", np.int64),  # rows of a group stand together; all of one must hold
        ("relation", np.int64),  # Relation
        ("value", np.float64),
        ("of", np.int64),  # bodies
        ("to", np.int64),
        ("axis", np.int64),  # Axis
        ("frame", np.int64),  # Frame
        ("freespace", np.bool_),  # between the nearest points of the boxes, else their points
        ("of_back", np.float64),  # which lie so far behind the centres [m]
        ("to_back", np.float64),
        ("x", np.float64),
        ("y", np.float64),
        ("cue", np.int64),
        ("regularly", np.bool_),  # ENDED: not because another one took over
        ("edge", np.int64),  # Edge
        ("delay", np.int64),  # ticks
        ("looked", np.bool_),  # at least once
        ("now", np.bool_),
        ("since", np.int64),  # tick from which it holds, and from which it no longer does
        ("until", np.int64),
        ("rose", np.int64),  # tick of the last change to true; none at the first look
        ("fell", np.int64),
        ("sum", np.float64),  # metres travelled, or seconds at rest
    ],
    align=True,
)
"""One condition of a cue."""

ACTION = np.dtype(
    [
        ("deed", np.int64),  # Deed
        ("cue", np.int64),
        ("role", np.int64),
        ("shape", np.int64),  # Shape
        ("span", np.int64),  # Span
        ("size", np.float64),  # of the span
        ("target", np.float64),  # speed [m/s], offset [m], gap [m] or time gap [s]
        ("relative", np.int64),  # Relative
        ("of", np.int64),  # body
        ("continuous", np.bool_),  # goes on when the target is reached
        ("lane", np.int64),  # target lane; NOWHERE: by number, in its own section
        ("number", np.int64),  # that number; 0: `steps` on from its own lane's or from `of`'s
        ("steps", np.int64),  # to the left of the role's travel, or towards growing numbers
        ("by_number", np.bool_),  # which of these
        ("timed", np.bool_),  # GAP, PLACE: the target is a time; PATH: its knots have times
        ("freespace", np.bool_),
        ("own_back", np.float64),  # GAP, PLACE: its point and that of `of`, behind the centres [m]
        ("of_back", np.float64),
        ("frame", np.int64),  # Frame of the gap
        ("ahead", np.float64),  # +1 leads the other, -1 trails it
        ("max_accel", np.float64),  # infinite: none
        ("max_brake", np.float64),
        ("max_speed", np.float64),
        ("x", np.float64),  # SYNCHRONISE: where the other arrives
        ("y", np.float64),
        ("own_x", np.float64),  # and where the role does, unless it is on a path: there `own_s`
        ("own_y", np.float64),
        ("own_s", np.float64),
        ("has_final", np.bool_),  # `target` is the final speed
        ("steady", np.float64),  # driven at the final speed before arriving [m]
        ("knots_at", np.int64),  # PATH, PROFILE
        ("knots_n", np.int64),
        ("from_s", np.float64),  # PATH: distance on the trajectory at the beginning [m]
        ("phase", np.int64),  # Phase
        ("began", np.int64),  # tick
        ("first", np.float64),  # value at the beginning
        ("change", np.float64),  # from there to the target
        ("length", np.float64),  # of the transition [s], or [m] if the span is a distance
        ("gone", np.float64),  # of it
    ],
    align=True,
)
"""One action of a role."""

KNOT = np.dtype(
    [
        ("s", np.float64),  # arc length [m]
        ("x", np.float64),
        ("y", np.float64),
        ("tx", np.float64),  # unit tangent of the piece that starts here
        ("ty", np.float64),
        ("heading", np.float64),  # [rad], not wrapped
        ("time", np.float64),  # [s]; 0 in a trajectory without times
        ("speed", np.float64),  # of a profile [m/s]
    ],
    align=True,
)
"""One vertex of a trajectory, or one point of a speed profile."""


SCRIPT_TABLES: dict[str, tuple[str, DTypeLike]] = {
    "roles": ("R", ROLE),
    "cues": ("E", CUE),
    "conditions": ("C", CONDITION),
    "actions": ("A", ACTION),
    "knots": ("K", KNOT),
}
"""Axes and dtypes of a script's arrays."""


def _none(layout: np.dtype) -> NDArray:
    return np.zeros(0, layout)


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """All that is played in one scenario.

    Attributes:
        roles: (R,) `ROLE`. cues: (E,) `CUE`. conditions: (C,) `CONDITION`. actions: (A,) `ACTION`.
        knots: (K,) `KNOT`. names: of the cues, for logs; unique.
    """

    roles: NDArray = field(default_factory=lambda: _none(ROLE))
    cues: NDArray = field(default_factory=lambda: _none(CUE))
    conditions: NDArray = field(default_factory=lambda: _none(CONDITION))
    actions: NDArray = field(default_factory=lambda: _none(ACTION))
    knots: NDArray = field(default_factory=lambda: _none(KNOT))
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, SCRIPT_TABLES)
        if len(self.names) != len(self.cues):
            raise ValueError(f"Script.names: {len(self.names)} names of {len(self.cues)} cues")


EMPTY = Script()
"""Nothing is played."""
