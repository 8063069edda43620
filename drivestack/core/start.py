"""A scenario made concrete: what a world needs to begin, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .arrays import checked
from .lights import Light
from .map import Map
from .script import EMPTY, Script
from .sensor import PERFECT, Sensor
from .tables import BODY, REPLAY, SLOT


class EgoKind(StrEnum):
    """What the ego is to the traffic; decided by the scenario and part of every result."""

    PLAIN = "plain"
    META = "meta"
    IDM = "idm"
    STACK = "stack"


class Physics(StrEnum):
    """Whether bodies may reverse (`HIGHWAY_ENV`) or stop at zero speed (`CLAMPED`)."""

    HIGHWAY_ENV = "highway_env"
    CLAMPED = "clamped"


class Traffic(StrEnum):
    """What recorded vehicles do."""

    REPLAYED = "replayed"
    """They keep to their recordings, come what may."""
    REACTIVE = "reactive"
    """Once the ego has left its own recording they keep their paths, and clear of each other."""


class SceneRule(StrEnum):
    """What happens around the ticks."""

    NONE = "none"
    INTERSECTION = "intersection"
    """highway-env's intersections: traffic leaves and is spawned at every policy step."""


class DutyRule(StrEnum):
    """By which rule it is decided whether contact must be avoided."""

    NONE = "none"
    MUST_AVOID = "must_avoid"
    R157_CUT_IN = "r157_cut_in"
    """UN R157, 5.2.5.2: by the time to collision when the other one is over the line."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What the scenario asks of the ego.

    Attributes:
        rule: how it is decided. cue: the row of the event that must have begun, -1: none.
        agent: id of the road user that it is about, -1: none.
    """

    rule: DutyRule = DutyRule.NONE
    cue: int = -1
    agent: int = -1


@dataclass(frozen=True, slots=True)
class Rates:
    """Frequencies [Hz] of one scenario; the ratios are whole numbers."""

    physics: int
    control: int
    plan: int


@dataclass(frozen=True, slots=True)
class Reference:
    """How to make the same scene in the real highway-env."""

    env_id: str
    version: str
    seed: int
    config: str
    """The configuration override as canonical JSON."""


def no_log() -> NDArray[np.float64]:
    """The recorded drive of an ego that nobody recorded: (0, 4)."""
    return np.zeros((0, 4))


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """The first state of one scenario.

    Attributes:
        scenario: id of the scenario. seed: the episode's seed.
        map: in its own frame. bodies: (N,) `BODY`, vehicles in list order, then obstacles.
        routes: (N, Q, 2) int32 (road, lane number or -1) of each body.
        slot: (1,) `SLOT` with clock, flags and constants; `ego`, `n` filled in.
        replay: (R,) `REPLAY` rows of replayed bodies, one per physics tick.
        policy_ticks: ticks between policy steps of the scene (meta-actions, spawning).
        ticks: time limit.
        rule: what happens around the ticks. generator: state of the scene's numpy generator as
        JSON, or empty. spawn_probability: of the intersection rule.
        goal: (3,) x, y, radius [m] in the map's frame; has_goal says if there is one.
        reference: the same scene in highway-env, if there is one.
        source: what the scenario was read from, for the log.
        resolved: the concrete scenario as canonical JSON (seed, varied values and expectations in
        it), or empty if there was no scenario file.
        sensing: what the stack sees through.
        script: what scripted bodies do, and when.
        closures: lane, start and end along it [m] of stretches that the ego is told are closed.
        duty: whether contact must be avoided. lights: traffic lights of the map.
        log: (L, 4) recorded drive of the ego, states in the map's frame at ticks 0, 1, ...; empty
        where nobody recorded it.
    """

    scenario: str
    seed: int
    map: Map
    bodies: NDArray
    routes: NDArray[np.int32]
    slot: NDArray
    replay: NDArray
    ego_kind: EgoKind
    physics: Physics
    rates: Rates
    policy_ticks: int
    ticks: int
    rule: SceneRule
    generator: str
    spawn_probability: float
    goal: NDArray[np.float64]
    has_goal: bool
    reference: Reference | None
    source: str
    resolved: str = ""
    sensing: Sensor = PERFECT
    log: NDArray[np.float64] = field(default_factory=no_log)
    script: Script = EMPTY
    closures: tuple[tuple[int, float, float], ...] = ()
    duty: Duty = field(default_factory=Duty)
    lights: tuple[Light, ...] = ()

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {}
        checked("Start.bodies", self.bodies, "N", sizes, BODY)
        checked("Start.routes", self.routes, "N Q 2", sizes, np.int32)
        checked("Start.slot", self.slot, "1", sizes, SLOT)
        checked("Start.replay", self.replay, "R", sizes, REPLAY)
        checked("Start.goal", self.goal, "3", sizes, np.float64)
        checked("Start.log", self.log, "L 4", sizes)


def iso_log(start: Start) -> NDArray[np.float64]:
    """The recorded drive of the ego (L, 4), ISO 8855."""
    return start.log * [1.0, -1.0, -1.0, 1.0] if start.map.y_right else start.log
