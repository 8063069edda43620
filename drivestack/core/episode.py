"""A finished scenario: what happened at every tick, for metrics and the log."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .arrays import checked
from .map import Map
from .start import Start
from .types import Floats


class Outcome(StrEnum):
    """How an episode ended."""

    CONTACT = "contact"
    GOAL = "goal"
    TIMEOUT = "timeout"
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
        ("accel_commanded", np.float64),
        ("steer_commanded", np.float64),
        ("accel_filtered", np.float64),
        ("steer_filtered", np.float64),
        ("score", np.float64),  # total of the best candidate
    ]
)
"""What a stack decided at one control tick; packed."""


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

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {}
        checked("Episode.size", self.size, "2", sizes)
        checked("Episode.ego", self.ego, "T", sizes, EGO_TICK)
        checked("Episode.agents", self.agents, "R", sizes, AGENT_TICK)
        checked("Episode.decisions", self.decisions, "C", sizes, DECISION_TICK)
