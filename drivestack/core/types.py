"""The records that cross stage boundaries: frozen, batched, checked at construction.

Axis letters: B scenarios, K candidates, T future steps, H history steps, N agents, L lanes of a
route, W stretches of a corridor, R closures, S stop lines, E echoes, P points, M score terms, C
checks. SI units, ISO 8855 (x forward, y left, yaw counter-clockwise), footprint centre; a state is
``[x, y, yaw, v]``, a control ``[accel, steer]``. Absence is a mask.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .arrays import check_fields
from .map import Map

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]


class State(IntEnum):
    """Columns of a state."""

    X = 0
    Y = 1
    YAW = 2
    V = 3


class Control(IntEnum):
    """Columns of a control: acceleration [m/s2], steering angle of the front wheels [rad]."""

    ACCEL = 0
    STEER = 1


class Aim(IntEnum):
    """What a route leads to."""

    NO_GOAL = 0
    GOAL = 1
    GOAL_CUT_OFF = 2
    """No way leads from the ego to the goal; the route goes on as if there was none."""


class Status(IntEnum):
    """How a controller's tick ended."""

    SOLVED = 0
    FALLBACK = 1


class Filtering(IntEnum):
    """What the safety layer did with a control."""

    PASSED = 0
    CLAMPED = 1
    EMERGENCY_BRAKE = 2
    MINIMAL_RISK = 3


class PlanSource(IntEnum):
    """Where a plan comes from."""

    CANDIDATE = 0
    HELD = 1
    FALLBACK = 2


@dataclass(frozen=True, slots=True, eq=False)
class EgoState:
    """The ego of every scenario.

    Attributes:
        state: (B, 4) m, m, rad, m/s.
        accel: (B,) applied acceleration [m/s2]. steer: (B,) applied steering angle [rad].
        size: (B, 2) length and width [m].
    """

    state: Floats
    accel: Floats
    steer: Floats
    size: Floats

    def __post_init__(self) -> None:
        check_fields(self, _EGO)


_EGO = {
    "state": ("B 4", np.float64),
    "accel": ("B", np.float64),
    "steer": ("B", np.float64),
    "size": ("B 2", np.float64),
}


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Other road users.

    Attributes:
        state: (B, N, H, 4), newest last. size: (B, N, 2) length and width [m].
        kind: (B, N) `Kind`. id: (B, N), kept for life. age: (B, N) ticks since measured.
        valid: (B, N, H).
    """

    state: Floats
    size: Floats
    kind: Ints
    id: Ints
    age: Ints
    valid: Bools

    def __post_init__(self) -> None:
        check_fields(self, _TRACKS)


_TRACKS = {
    "state": ("B N H 4", np.float64),
    "size": ("B N 2", np.float64),
    "kind": ("B N", np.int32),
    "id": ("B N", np.int32),
    "age": ("B N", np.int32),
    "valid": ("B N H", np.bool_),
}


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything true, for experts, metrics and logs; never given to a stack.

    Attributes:
        tick: (B,). dt: (B,) [s]. maps: the pool. map_index: (B,) into it.
        ego: the ego. agents: all others, H = 1.
        ego_lane, ego_target_lane: (B,). lane, target_lane: (B, N) lane indices of the agents.
        target_speed: (B, N) [m/s].
        crashed: (B,) highway-env's flag. agent_crashed: (B, N).
        contact: (B,) exact polygons overlap. contact_side: (B,) `Side`. contact_with: (B,) id.
        control: (B, 2) applied.
        ended: (B,) the script says that the scenario is over.
        cue_fired, cue_over: (B, E) events of the script (`core.script.CUE`) that have begun, and
        ended. cue_began, cue_ended: (B, E) the ticks, 0 where they have not.
    """

    tick: Ints
    dt: Floats
    maps: tuple[Map, ...]
    map_index: Ints
    ego: EgoState
    agents: Tracks
    ego_lane: Ints
    ego_target_lane: Ints
    lane: Ints
    target_lane: Ints
    target_speed: Floats
    crashed: Bools
    agent_crashed: Bools
    contact: Bools
    contact_side: Ints
    contact_with: Ints
    control: Floats
    ended: Bools
    cue_fired: Bools
    cue_over: Bools
    cue_began: Ints
    cue_ended: Ints

    def __post_init__(self) -> None:
        check_fields(self, _SCENE)


_SCENE = {
    "tick": ("B", np.int32),
    "dt": ("B", np.float64),
    "map_index": ("B", np.int32),
    "ego_lane": ("B", np.int32),
    "ego_target_lane": ("B", np.int32),
    "lane": ("B N", np.int32),
    "target_lane": ("B N", np.int32),
    "target_speed": ("B N", np.float64),
    "crashed": ("B", np.bool_),
    "agent_crashed": ("B N", np.bool_),
    "contact": ("B", np.bool_),
    "contact_side": ("B", np.int32),
    "contact_with": ("B", np.int32),
    "control": ("B 2", np.float64),
    "ended": ("B", np.bool_),
    "cue_fired": ("B E", np.bool_),
    "cue_over": ("B E", np.bool_),
    "cue_began": ("B E", np.int32),
    "cue_ended": ("B E", np.int32),
}


@dataclass(frozen=True, slots=True, eq=False)
class Closures:
    """Stretches of lanes that may not be driven now, such as road works.

    Attributes:
        lane: (B, R). start, end: (B, R) from where to where along the lane [m]. valid: (B, R).
    """

    lane: Ints
    start: Floats
    end: Floats
    valid: Bools

    def __post_init__(self) -> None:
        check_fields(self, _CLOSURES)

    @classmethod
    def none(cls, batch: int) -> Self:
        """All lanes are open."""
        shape = (batch, 1)
        return cls(
            np.zeros(shape, np.int32), np.zeros(shape), np.zeros(shape), np.zeros(shape, np.bool_)
        )


_CLOSURES = {
    "lane": ("B R", np.int32),
    "start": ("B R", np.float64),
    "end": ("B R", np.float64),
    "valid": ("B R", np.bool_),
}


@dataclass(frozen=True, slots=True, eq=False)
class StopLines:
    """Stop lines of traffic lights, and what these show.

    Attributes:
        lane: (B, S). pose: (B, S, 3) where the line crosses the middle of its lane [m], and the
        direction of travel there. width: (B, S) of the lane [m].
        colour: (B, S) `Colour`, as old as the frame of tracks. valid: (B, S).
    """

    lane: Ints
    pose: Floats
    width: Floats
    colour: Ints
    valid: Bools

    def __post_init__(self) -> None:
        check_fields(self, _STOP_LINES)

    @classmethod
    def none(cls, batch: int) -> Self:
        """There are no lights."""
        number = np.zeros((batch, 0), np.int32)
        width, valid = np.zeros((batch, 0)), np.zeros((batch, 0), np.bool_)
        return cls(number, np.zeros((batch, 0, 3)), width, number.copy(), valid)


_STOP_LINES = {
    "lane": ("B S", np.int32),
    "pose": ("B S 3", np.float64),
    "width": ("B S", np.float64),
    "colour": ("B S", np.int32),
    "valid": ("B S", np.bool_),
}


@dataclass(frozen=True, slots=True, eq=False)
class Echoes:
    """What a radar at the middle of the front bumper hears, apart from all other sensors.

    Attributes:
        along, lateral: (B, E) of reflecting points, ahead and to the left of the bumper [m].
        closing: (B, E) speed at which a point comes nearer along the line of sight [m/s].
        drift: (B, E) its own speed to the left [m/s], which radars find by following points.
        valid: (B, E).
    """

    along: Floats
    lateral: Floats
    closing: Floats
    drift: Floats
    valid: Bools

    def __post_init__(self) -> None:
        check_fields(self, _ECHOES)

    @classmethod
    def none(cls, batch: int) -> Self:
        """Nothing is heard."""
        zero = np.zeros((batch, 0))
        silence = np.zeros((batch, 0), np.bool_)
        return cls(zero, zero.copy(), zero.copy(), zero.copy(), silence)


_ECHOES = {
    "along": ("B E", np.float64),
    "lateral": ("B E", np.float64),
    "closing": ("B E", np.float64),
    "drift": ("B E", np.float64),
    "valid": ("B E", np.bool_),
}


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """How far the sensor that makes the tracks can see at all.

    Attributes:
        range: (B,) [m]; `UNLIMITED` where it sees for ever. hidden: (B,) bodies hide others.
    """

    range: Floats
    hidden: Bools

    def __post_init__(self) -> None:
        check_fields(self, _SIGHT)

    @classmethod
    def perfect(cls, batch: int) -> Self:
        """Everything is seen."""
        return cls(np.full(batch, UNLIMITED), np.zeros(batch, np.bool_))


UNLIMITED = 1e8
"""A distance that no sight ends at [m]; records hold no infinities."""

_SIGHT = {"range": ("B", np.float64), "hidden": ("B", np.bool_)}


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What sensors give, and what the map service says.

    Attributes:
        tick: (B,). dt: (B,) [s]. maps, map_index: as in `Scene`.
        ego: by its own odometry. tracks: measured road users, valid ones at any place.
        age: (B,) ticks since the frame of tracks was measured.
        closures: lanes that are closed at this tick. stop_lines: those within sight.
        echoes: of the radar, fresh at every tick; only emergency braking listens to them.
        sight: how far tracks can be seen.
    """

    tick: Ints
    dt: Floats
    maps: tuple[Map, ...]
    map_index: Ints
    ego: EgoState
    tracks: Tracks
    age: Ints
    closures: Closures
    stop_lines: StopLines
    echoes: Echoes
    sight: Sight

    def __post_init__(self) -> None:
        check_fields(self, _OBSERVATION)


_OBSERVATION = {
    "tick": ("B", np.int32),
    "dt": ("B", np.float64),
    "map_index": ("B", np.int32),
    "age": ("B", np.int32),
}


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """Where each scenario's ego should get to.

    Attributes:
        lane: (B,) a lane of the goal, -1 where `valid` is False.
        position: (B, 2) [m]. radius: (B,) [m]: reached within it. valid: (B,).
        log: (B, T, 4) how a recorded driver got there, states at ticks 0, 1, ... of the scenario.
        log_valid: (B, T). Only a stack that replays is told; T is 0 for all others.
    """

    lane: Ints
    position: Floats
    radius: Floats
    valid: Bools
    log: Floats
    log_valid: Bools

    def __post_init__(self) -> None:
        check_fields(self, _GOAL)


_GOAL = {
    "lane": ("B", np.int32),
    "position": ("B 2", np.float64),
    "radius": ("B", np.float64),
    "valid": ("B", np.bool_),
    "log": ("B T 4", np.float64),
    "log_valid": ("B T", np.bool_),
}


@dataclass(frozen=True, slots=True, eq=False)
class Corridor:
    """Everywhere the ego may still drive without losing its goal, as stretches of lanes.

    A lane without closures is one stretch; a closed part cuts it in two. With a goal, only
    stretches are listed from which it can be reached; without one, all that lie ahead.

    Attributes:
        lane: (B, W), those of the route first, then by distance. valid: (B, W).
        start: (B, W) s where the stretch begins [m].
        leave_by: (B, W) the last s [m] at which the ego may be on the stretch: where it is not
        `through`, the change to `leave_for` must be complete by then; else the stretch's end.
        leave_for: (B, W) the lane beside to change to; the lane itself where it is `through`.
        through: (B, W) no lane change is needed to go on (to the goal) at the stretch's end.
    """

    lane: Ints
    valid: Bools
    start: Floats
    leave_by: Floats
    leave_for: Ints
    through: Bools

    def __post_init__(self) -> None:
        check_fields(self, _CORRIDOR)


_CORRIDOR = {
    "lane": ("B W", np.int32),
    "valid": ("B W", np.bool_),
    "start": ("B W", np.float64),
    "leave_by": ("B W", np.float64),
    "leave_for": ("B W", np.int32),
    "through": ("B W", np.bool_),
}


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The way to go.

    Attributes:
        lanes: (B, L) lane sequence. lane_valid: (B, L).
        change: (B, L) the step to the next lane is a lane change, else the lane ends in it.
        line: (B, P, 3) reference line x, y, yaw, evenly spaced. speed_limit: (B, P) [m/s].
        spacing: (B,) [m]. valid: (B, P).
        aim: (B,) `Aim`. corridor: where else the ego may drive, within reach of the line.
        closures: (B,) fingerprint of the closures that were in force.
    """

    lanes: Ints
    lane_valid: Bools
    change: Bools
    line: Floats
    speed_limit: Floats
    spacing: Floats
    valid: Bools
    aim: Ints
    corridor: Corridor
    closures: NDArray[np.int64]

    def __post_init__(self) -> None:
        check_fields(self, _ROUTE)


_ROUTE = {
    "lanes": ("B L", np.int32),
    "lane_valid": ("B L", np.bool_),
    "change": ("B L", np.bool_),
    "line": ("B P 3", np.float64),
    "speed_limit": ("B P", np.float64),
    "spacing": ("B", np.float64),
    "valid": ("B P", np.bool_),
    "aim": ("B", np.int32),
    "closures": ("B", np.int64),
}


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Trajectory chunks to choose from: future states only, ``states[..., i]`` at (i + 1) dt.

    Attributes:
        states: (B, K, T, 4). controls: (B, K, T, 2) that generate them.
        source: (B, K) which proposer. valid: (B, K). dt: (B,) [s].
    """

    states: Floats
    controls: Floats
    source: Ints
    valid: Bools
    dt: Floats

    def __post_init__(self) -> None:
        check_fields(self, _CANDIDATES)


_CANDIDATES = {
    "states": ("B K T 4", np.float64),
    "controls": ("B K T 2", np.float64),
    "source": ("B K", np.int32),
    "valid": ("B K", np.bool_),
    "dt": ("B", np.float64),
}


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Score terms of every candidate.

    Attributes:
        terms: (B, K, M). names: the M terms. total: (B, K), larger is better.
    """

    terms: Floats
    names: tuple[str, ...]
    total: Floats

    def __post_init__(self) -> None:
        sizes = check_fields(self, _SCORES)
        if len(self.names) != sizes["M"]:
            raise ValueError(f"Scores.names: expected {sizes['M']} names, got {len(self.names)}")


_SCORES = {"terms": ("B K M", np.float64), "total": ("B K", np.float64)}


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The chunk that is being driven.

    Attributes:
        states: (B, T, 4). controls: (B, T, 2). chosen: (B,) candidate, -1 unless source is
        CANDIDATE. source: (B,) `PlanSource`. tick: (B,) tick it starts from. dt: (B,) [s].
    """

    states: Floats
    controls: Floats
    chosen: Ints
    source: Ints
    tick: Ints
    dt: Floats

    def __post_init__(self) -> None:
        check_fields(self, _PLAN)


_PLAN = {
    "states": ("B T 4", np.float64),
    "controls": ("B T 2", np.float64),
    "chosen": ("B", np.int32),
    "source": ("B", np.int32),
    "tick": ("B", np.int32),
    "dt": ("B", np.float64),
}


@dataclass(frozen=True, slots=True, eq=False)
class Tracking:
    """What the motion controller answers.

    Attributes:
        control: (B, 2). predicted: (B, T, 4), the present state first.
        status: (B,) `Status`. residual: (B,) computed by us, 0 where nothing was solved.
    """

    control: Floats
    predicted: Floats
    status: Ints
    residual: Floats

    def __post_init__(self) -> None:
        check_fields(self, _TRACKING)


_TRACKING = {
    "control": ("B 2", np.float64),
    "predicted": ("B T 4", np.float64),
    "status": ("B", np.int32),
    "residual": ("B", np.float64),
}


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What the safety checks say.

    Attributes:
        names: the C checks. low, high: (B, C, 2) bounds on the control.
        value, limit: (B, C) what was measured and where it turns bad.
        failed: (B, C). response: (B, C) `Filtering` that a failed check asks for.
        object: (B, C) id of the road user that it is about, where `has_object`.
    """

    names: tuple[str, ...]
    low: Floats
    high: Floats
    value: Floats
    limit: Floats
    failed: Bools
    response: Ints
    object: Ints
    has_object: Bools

    def __post_init__(self) -> None:
        sizes = check_fields(self, _VERDICT)
        if len(self.names) != sizes["C"]:
            raise ValueError(f"Verdict.names: expected {sizes['C']} names, got {len(self.names)}")


_VERDICT = {
    "low": ("B C 2", np.float64),
    "high": ("B C 2", np.float64),
    "value": ("B C", np.float64),
    "limit": ("B C", np.float64),
    "failed": ("B C", np.bool_),
    "response": ("B C", np.int32),
    "object": ("B C", np.int32),
    "has_object": ("B C", np.bool_),
}


@dataclass(frozen=True, slots=True, eq=False)
class Intervention:
    """What became of the control; what was applied in the end is the plant's, in the next `Scene`.

    Attributes:
        commanded, filtered: (B, 2). kind: (B,) `Filtering`. check: (B,) which check decided,
        -1 unless kind is other than PASSED.
    """

    commanded: Floats
    filtered: Floats
    kind: Ints
    check: Ints

    def __post_init__(self) -> None:
        check_fields(self, _INTERVENTION)


_INTERVENTION = {
    "commanded": ("B 2", np.float64),
    "filtered": ("B 2", np.float64),
    "kind": ("B", np.int32),
    "check": ("B", np.int32),
}


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """All that a stack decided in one tick.

    Attributes:
        control: (B, 2), the filtered one. planned: (B,) a new plan was made in this tick.
        seconds: wall time of each stage by name; never part of an episode's digest.
    """

    control: Floats
    route: Route
    candidates: Candidates
    scores: Scores
    plan: Plan
    tracking: Tracking
    verdict: Verdict
    intervention: Intervention
    planned: Bools
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_fields(self, {"control": ("B 2", np.float64), "planned": ("B", np.bool_)})
