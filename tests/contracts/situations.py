"""What the batteries over stages are fed: awkward situations, the stages before, equal records."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.behavior.select import select
from drivestack.core.rows import Batched
from drivestack.core.types import Candidates, Floats, Goal, Observation, Plan, Route, Scores
from drivestack.route import ROUTERS
from tests.scenes import EMPTY, bend, logged, observation, two_lanes

PERIOD = 0.05
"""Time for which a control is held [s]."""

_ROAD, _BEND = two_lanes(), bend()
_AHEAD = np.array([[60.0, 0.0, 0.0, 5.0], [40.0, 4.0, 0.0, 15.0]])
_CROWD = np.array([[x, y, 0.0, 8.0] for x in range(60, 160, 10) for y in (0.0, 4.0)])

SITUATIONS = {
    "behind a slow car": (_ROAD, (30.0, 0.0, 0.0, 12.0), _AHEAD),
    "before a bend": (_BEND, (70.0, 0.3, 0.0, 14.0), EMPTY),
    "in a crowd": (_ROAD, (100.0, 0.0, 0.0, 8.0), _CROWD[np.abs(_CROWD[:, 0] - 100.0) > 6.0]),
    "across the lane": (_ROAD, (30.0, 2.0, 0.6, 4.0), _AHEAD),
    "the wrong way": (_ROAD, (300.0, 4.0, math.pi, 9.0), EMPTY),
    "standing": (_BEND, (100.0, 5.0, 0.5, 0.0), EMPTY),
    "rolling backwards": (_ROAD, (50.0, 0.0, 0.0, -1.0), EMPTY),
    "inside another car": (_ROAD, (60.0, 0.5, 0.0, 5.0), _AHEAD),
    "past the end": (_ROAD, (604.0, 0.0, 0.0, 20.0), EMPTY),
    "far from any road": (_ROAD, (-200.0, 300.0, 2.0, 30.0), EMPTY),
}
"""Map, ego ``x, y, yaw, v`` and tracks (n, 4)."""


def all_of_them(tick: int = 0) -> Observation:
    """One batch with every situation."""
    maps, egos, tracks = zip(*SITUATIONS.values(), strict=True)
    return observation(maps, egos, tracks, tick=tick)


def each_alone(tick: int = 0) -> list[Observation]:
    """Every situation as a batch of its own, with no more agents than it has."""
    return [observation([m], [e], [t], tick=tick) for m, e, t in SITUATIONS.values()]


@dataclass(frozen=True, slots=True)
class Chain:
    """An observation and what the first stages of the registries make of it."""

    seen: Observation
    route: Route
    candidates: Candidates
    scores: Scores
    plan: Plan


def straight_on(seen: Observation) -> Goal:
    """No goal, and logs that go straight on from where the egos are."""
    return logged(seen.ego.state.tolist())


def chain(seen: Observation, router: str = "", proposer: str = "") -> Chain:
    """Route, candidates, scores and plan, by the entries named or the first ones."""
    goal = straight_on(seen)
    route = ROUTERS[router or next(iter(ROUTERS))]().route(seen, goal)
    candidates = PROPOSERS[proposer or next(iter(PROPOSERS))]().propose(seen, route, goal)
    scores = SCORERS[next(iter(SCORERS))]().score(seen, route, candidates)
    return Chain(seen, route, candidates, scores, select(seen, candidates, scores))


def rolled_out(ego: Floats, length: float, controls: Floats, dt: float) -> Floats:
    """(T, 4) states that (T, 2) controls lead to, by the kinematic bicycle about the centre."""
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    states = np.empty((len(controls), 4))
    for t, (accel, steer) in enumerate(controls):
        beta = math.atan(0.5 * math.tan(steer))
        x, y = x + v * math.cos(yaw + beta) * dt, y + v * math.sin(yaw + beta) * dt
        yaw += v * math.sin(beta) / (length / 2.0) * dt
        v = max(v + accel * dt, 0.0)
        states[t] = x, y, yaw, v
    return states


def _contents(array: np.ndarray) -> list[bytes]:
    """Its bytes; what lies between the fields of a table is nothing."""
    names = array.dtype.names
    return [array[name].tobytes() for name in names] if names else [array.tobytes()]


def assert_same(a: Any, b: Any, place: str = "record") -> None:
    """Two records have the same bytes; wall times and places in a pool of maps do not count."""
    for field in fields(a):
        if field.name in ("maps", "map_index", "seconds"):
            continue
        left, right = getattr(a, field.name), getattr(b, field.name)
        where = f"{place}.{field.name}"
        if isinstance(left, np.ndarray):
            assert left.shape == right.shape, where
            assert _contents(left) == _contents(right), where
        elif is_dataclass(left):
            assert_same(left, right, where)
        elif isinstance(left, Batched):
            for number, (one, other) in enumerate(zip(left, right, strict=True)):
                assert_same(one, other, f"{where}[{number}]")
        else:
            assert left == right, where
