"""What recorded drivers did, at moments of their drives: each drives again, as recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.features import tokens_of
from drivestack.behavior.knots import DT, STEPS, Drawing, knots_of, unrolled
from drivestack.core.start import EgoKind, Start
from drivestack.core.types import (
    Bools,
    Decision,
    Floats,
    Goal,
    Ints,
    Observation,
    PlanSource,
    Route,
    Scene,
)
from drivestack.learn.moments import moments_of
from drivestack.scenario.loader import Document
from drivestack.scenario.override import Override, overridden
from drivestack.scenario.resolve import first_start
from drivestack.sim.driver import Driver, kin_of
from drivestack.sim.experts import EVERY, EXPERTS
from drivestack.sim.rollout import Rollout
from drivestack.sim.runner import NOBODY, Lockstep
from drivestack.world import build_world

from .demonstrations import Demonstrations
from .labelling import Lesson, Told

BATCH = 32
"""Drives in lockstep."""

STYLE = len(EXPERTS)
"""The number of the style of those who were recorded: the one after the experts'."""

STANDS, TOLD = 0.3, 1.0
"""Who moves less than the first [m] in 4 s stands (the issue); who moves more than that, but less
than the second, cannot be told from noise. Ours: positions are off by some tenths of a metre."""

ASTRAY = 1.0
"""A chunk whose knots lead farther [m] from where the driver was, at any time, is not what he did;
our choice: half of what is left beside a car in a lane."""

DRAWING = Drawing()

KEPT = "kept"
REASONS = ("recorded for less than 4 s more", "not on a route", "hardly moves", "no fit", "contact")


@dataclass(slots=True)
class Notes:
    """What became of the moments: how many by reason, and how far kept chunks are off.

    Attributes:
        count: of moments, by reason. average, final: displacement [m] of each kept chunk from its
        driver's path, on average and after 4 s.
    """

    count: Counter[str] = field(default_factory=Counter)
    average: list[float] = field(default_factory=list)
    final: list[float] = field(default_factory=list)


class Recalling:
    """A brancher that notes what a driver did next, and a sink that sees who touches whom."""

    def __init__(self, lesson: Lesson, every: int) -> None:
        self._lesson, self._every = lesson, every
        self._parts: list[tuple[Demonstrations, Ints, Floats]] = []
        self._touched: dict[int, int] = {}
        self._notes = Notes()

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Note the moments of scenarios whose time it is; not the first, whose controls are not
        told: nobody knows what was in force before."""
        now = moments_of(slots, rollout, decision, self._every)
        if now is None:
            return
        rows, held, route, goal = now
        path, lasts = path_ahead(held, goal)
        plan = decision.plan
        fresh = (plan.source[rows] == PlanSource.CANDIDATE) & (plan.tick[rows] == held.tick)
        states, controls = plan.states[rows], plan.controls[rows]
        knots = knots_of(held.ego, route, states[:, None], controls[:, None])
        # no chunk is drawn with more: what is learned is what can be driven
        knots[..., 0] = np.clip(knots[..., 0], DRAWING.least_accel, DRAWING.most_accel)
        drawn, _ = unrolled(held.ego, route, knots)
        apart = np.hypot(*np.moveaxis(drawn[:, 0, :, :2] - path[:, :, :2], -1, 0))
        begun, why = held.tick > 0, _why_not(path, apart, lasts & fresh, route)
        self._notes.count.update(REASONS[k] for k in why[begun & (why >= 0)])
        kept = np.flatnonzero(begun & (why < 0))
        tokens = tokens_of(held, route, unseen(goal))
        told = Told(states, controls, np.full(len(rows), -1, np.int32), begun)
        found = self._lesson.of(slots[rows], held.tick, tokens, knots, told).some(kept)
        self._parts.append((found, slots[rows][kept], apart[kept]))

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Note who touches somebody for the first time."""
        for row in np.flatnonzero((slots != NOBODY) & scene.contact).tolist():
            self._touched.setdefault(int(slots[row]), int(scene.tick[row]))

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""

    def found(self, ticks: int) -> tuple[Demonstrations, Notes]:
        """All moments after which nobody was touched for so many ticks, and what became of all."""
        parts = []
        for found, numbers, apart in self._parts:
            never = np.iinfo(np.int32).max
            touched = np.array([self._touched.get(int(n), never) for n in numbers], np.int64)
            free = touched > found.tick + ticks
            self._notes.count[REASONS[-1]] += int((~free).sum())
            self._notes.average += apart[free].mean(axis=1).tolist()
            self._notes.final += apart[free, -1].tolist()
            parts.append(found.some(np.flatnonzero(free)))
        joined = Demonstrations.joined(parts)
        self._notes.count[KEPT] = len(joined)
        return joined, self._notes


def path_ahead(held: Observation, goal: Goal) -> tuple[Floats, Bools]:
    """Where recorded drivers (B) were in the next 4 s, (B, 40, 4), and who was recorded for it."""
    stride = np.rint(DT / held.dt).astype(np.int64)
    at = held.tick[:, None] + stride[:, None] * np.arange(1, STEPS + 1)
    rows, there = np.arange(len(at))[:, None], goal.log_valid.sum(axis=1)
    lasts = at[:, -1] < there
    return goal.log[rows, np.minimum(at, goal.log.shape[1] - 1)], lasts


def _why_not(path: Floats, apart: Floats, lasts: Bools, route: Route) -> NDArray[np.int64]:
    """(B,) the first of the reasons for which a moment is left out, as a number; -1: none."""
    way = np.hypot(*np.moveaxis(np.diff(path[:, :, :2], axis=1), -1, 0)).sum(axis=1)
    unclear = (way >= STANDS) & (way < TOLD)
    faults = [~lasts, ~route.valid.any(axis=1), unclear, apart.max(axis=1) > ASTRAY]
    return np.select(faults, np.arange(len(faults)), default=-1)


def unseen(goal: Goal) -> Goal:
    """A goal that the router alone knows: how far a recording's end is would tell how fast its
    driver went."""
    return replace(goal, valid=np.zeros_like(goal.valid))


def recalled(
    document: Document, site: str, drives: Sequence[tuple[int, int]]
) -> tuple[Demonstrations, Notes]:
    """Moments of recorded drives of one file, smoothed, among the traffic as it was recorded.

    Args:
        drives: numbers of vehicles, and of seeds that stand for their drives.
    """
    starts = [_start(document, vehicle, seed) for vehicle, seed in drives]
    rates, _ = kin_of(starts[0])
    recalling = Recalling(Lesson(site, starts, STYLE), EVERY * rates.physics // rates.plan)
    stack = Driver("replay").stack_for(starts[0])
    Lockstep(build_world("engine"), stack, starts, [recalling], recalling).run(BATCH)
    return recalling.found(round(STEPS * DT * rates.physics))


def _start(document: Document, vehicle: int, seed: int) -> Start:
    own = Override(ego=EgoKind.STACK, vehicle=vehicle, smoothing=True)
    return replace(first_start(overridden(document, own)), seed=seed)
