"""A finished scenario: what happened at every tick, for metrics and the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .arrays import checked
from .deliberation import Deliberation
from .map import Map
from .start import Start
from .types import Bools, Floats


class Outcome(StrEnum):
    """How an episode ended."""

    CONTACT = "contact"
    GOAL = "goal"
    TIMEOUT = "timeout"
    ENDED = "ended"
    """The scenario's script says that it is over."""
    OFF_ROAD = "off_road"
    FAILED = "failed"
    """An exception; the episode is counted, never dropped."""


AGENT_TICK = np.dtype(
    [
        ("tick", np.int32),
        ("id", np.int32),
        ("kind", np.int32),  # Kind
        ("crashed", np.int32),  # highway-env's flag
        ("x", np.float64),
        ("y", np.float64),
        ("yaw", np.float64),
        ("v", np.float64),
        ("length", np.float64),
        ("width", np.float64),
    ]
)
"""One road user at one tick, ISO 8855; packed, so that its bytes are its values."""

EGO_TICK = np.dtype(
    [
        ("tick", np.int32),
        ("contact", np.int32),
        ("contact_side", np.int32),  # Side
        ("contact_with", np.int32),  # id
        ("crashed", np.int32),
        ("lane", np.int32),
        ("x", np.float64),
        ("y", np.float64),
        ("yaw", np.float64),
        ("v", np.float64),
        ("accel", np.float64),  # applied
        ("steer", np.float64),
    ]
)
"""The ego at one tick, ISO 8855; packed."""

MOST_CHECKS = 128
"""Checks of which the log can say that they failed; ours are a third of that."""

DECISION_TICK = np.dtype(
    [
        ("tick", np.int32),
        ("planned", np.int32),  # 1: a new plan was made
        ("plan_tick", np.int32),  # tick the plan in force starts from
        ("plan_source", np.int32),  # PlanSource
        ("chosen", np.int32),  # candidate, -1 unless one was chosen
        ("status", np.int32),  # Status of the controller
        ("filtering", np.int32),  # Filtering
        ("check", np.int32),  # number of the safety check that decided, -1 where none
        ("object", np.int32),  # id of the road user that it is about, -1 where none
        ("value", np.float64),  # what it measured,
        ("limit", np.float64),  # and where that turns bad; 0 where none decided
        ("accel_commanded", np.float64),
        ("steer_commanded", np.float64),
        ("accel_filtered", np.float64),
        ("steer_filtered", np.float64),
        ("score", np.float64),  # total of the best candidate
        ("failed", np.uint8, (MOST_CHECKS // 8,)),  # a bit for each check that failed
    ]
)
"""What a stack decided at one control tick; packed."""


WATCHED = "watched_"
"""What names of checks begin with that only watch."""


def failed_bits(failed: Bools) -> NDArray[np.uint8]:
    """(B, 16) column `failed` of `DECISION_TICK` from which checks (B, C) failed."""
    bits = np.zeros((len(failed), MOST_CHECKS // 8), np.uint8)
    packed = np.packbits(failed, axis=1, bitorder="little")
    bits[:, : packed.shape[1]] = packed
    return bits


def failed_checks(decisions: NDArray) -> Bools:
    """(N, MOST_CHECKS) which checks failed, from `DECISION_TICK` rows (N,)."""
    bits = np.unpackbits(decisions["failed"], axis=1, bitorder="little")
    return bits.astype(np.bool_)


MONITOR_TICK = np.dtype(
    [
        ("tick", np.int32),
        ("check", np.int32),  # number of the monitor among the safety checks
        ("object", np.int32),  # id of the road user that decided, -1 where none
        ("value", np.float32),  # what it measured,
        ("limit", np.float32),  # and where that turns bad
    ]
)
"""What one monitor measured at one control tick; packed."""


PLAN_CHANGE = np.dtype(
    [
        ("tick", np.int32),  # the later plan's
        ("accel", np.float64),  # [m/s2]
        ("jerk", np.float64),  # [m/s3]
        ("yaw_rate", np.float64),  # [rad/s]
        ("yaw_accel", np.float64),  # [rad/s2]
    ]
)
"""How much a plan differs from the one before where both overlap, root mean squares; packed."""


CUE_TIMES = np.dtype(
    [
        ("fired", np.bool_),
        ("over", np.bool_),
        ("began", np.int32),  # tick, 0 where it has not
        ("ended", np.int32),
    ]
)
"""When an event of the script began and ended; packed."""


def _no_changes() -> NDArray:
    return np.zeros(0, PLAN_CHANGE)


def _nothing_measured() -> NDArray:
    return np.zeros(0, MONITOR_TICK)


def _no_cues() -> NDArray:
    return np.zeros(0, CUE_TIMES)


@dataclass(frozen=True, slots=True, eq=False)
class Episode:
    """One scenario from its start to its end.

    Attributes:
        start: what it began with. outcome: how it ended. failure: why it failed, else empty.
        map: the map, ISO 8855. size: (2,) ego length and width [m].
        dt: [s] a tick.
        ego: (T,) `EGO_TICK`, one row a tick. agents: (R,) `AGENT_TICK`, by tick and id.
        decisions: (C,) `DECISION_TICK`; no rows for an ego that drives itself.
        checks: names of the safety checks. wall_seconds: share of the run's time.
        digest: sha256 of the bytes of `ego`, `agents` and `decisions`.
        plan_changes: (P,) `PLAN_CHANGE`, one row for each two plans that follow each other.
        deliberation: what the stack considered, for the log.
        cues: (E,) `CUE_TIMES` of the script's cues.
        monitored: (M,) `MONITOR_TICK`, by tick: where a monitor had anything to measure.
    """

    start: Start
    outcome: Outcome
    failure: str
    map: Map
    size: Floats
    dt: float
    ego: NDArray
    agents: NDArray
    decisions: NDArray
    checks: tuple[str, ...]
    wall_seconds: float
    digest: str
    plan_changes: NDArray = field(default_factory=_no_changes)
    deliberation: Deliberation = field(default_factory=Deliberation.none)
    cues: NDArray = field(default_factory=_no_cues)
    monitored: NDArray = field(default_factory=_nothing_measured)

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {}
        checked("Episode.size", self.size, "2", sizes)
        checked("Episode.ego", self.ego, "T", sizes, EGO_TICK)
        checked("Episode.agents", self.agents, "R", sizes, AGENT_TICK)
        checked("Episode.decisions", self.decisions, "C", sizes, DECISION_TICK)
        checked("Episode.plan_changes", self.plan_changes, "P", sizes, PLAN_CHANGE)
        checked("Episode.cues", self.cues, "E", sizes, CUE_TIMES)
        checked("Episode.monitored", self.monitored, "M", sizes, MONITOR_TICK)


@dataclass(frozen=True, slots=True)
class ReferenceRun:
    """What another driver made of the same scenario and seed.

    Attributes:
        name: who drove. progress: along the route, as `route_progress_m` measures it [m]; None: the
        run is that driver's own.
    """

    name: str
    progress: float | None

    def against(self, own: float) -> float:
        """The progress [m] that a run's own [m] is compared with."""
        return own if self.progress is None else self.progress


@dataclass(frozen=True, slots=True)
class Reason:
    """The value of a measure of one episode, and what decided it.

    Attributes:
        measure: its name, a column of the log. value: None where there was nothing to measure.
        sentence: when, with whom, what against which bound, for people.
        tick: that decided; None where no single one did. object: id of the road user that it is
        about, if any. measured, bound: what was compared, in the units of the sentence.
    """

    measure: str
    value: float | None
    sentence: str
    tick: int | None = None
    object: int | None = None
    measured: float | None = None
    bound: float | None = None
