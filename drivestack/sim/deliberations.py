"""Collects what a stack considered, by scenario; the recorder hands it over with the episode."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.core.deliberation import (
    ROUTE_POINT,
    TIMING,
    Deliberation,
    candidate_row,
    plan_row,
)
from drivestack.core.thinning import thinned
from drivestack.core.types import Decision, Floats, Ints, PlanSource, Scene

EVERY = 2
"""Every so many points of a chunk or prediction are kept: 0.2 s and 0.1 s apart."""

GRAIN = 128.0
"""Positions are kept to 1/128 m: 4 mm, and the files are half as large."""

ROUTE_TOLERANCE = 0.05
"""Points of a route's line are left out where that moves it by less [m]."""


@dataclass(slots=True, eq=False)
class _Gathered:
    """What is known of an unfinished episode; one entry a plan, route or control tick."""

    candidates: list[NDArray] = field(default_factory=list)
    plans: list[NDArray] = field(default_factory=list)
    routes: list[NDArray] = field(default_factory=list)
    line: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    timing: list[tuple[int, float, int]] = field(default_factory=list)


class Deliberations:
    """Turns decisions into a `Deliberation` for every episode."""

    def __init__(self) -> None:
        self._open: dict[int, _Gathered] = {}
        self._terms: tuple[str, ...] = ()

    def keep(self, numbers: Ints, rows: NDArray[np.intp], scene: Scene, decision: Decision) -> None:
        """Keep a decision of some scenarios.

        Args:
            numbers: (n,) queue numbers. rows: (n,) their slots. scene: one tick after it.
        """
        if len(rows) == 0:
            return
        self._terms = decision.scores.names
        seconds, ticks = sum(decision.seconds.values()), (scene.tick[rows] - 1).tolist()
        for number, tick in zip(numbers.tolist(), ticks, strict=True):
            of = self._open.setdefault(number, _Gathered())
            of.timing.append((tick, seconds, len(rows)))
        planned = np.flatnonzero(decision.planned[rows])
        if len(planned):
            self._plans(numbers[planned], rows[planned], scene, decision)

    def taken(self, number: int) -> Deliberation:
        """All of a finished episode, which is then forgotten."""
        of = self._open.pop(number, None)
        if of is None or not of.plans:
            return Deliberation.none()
        return Deliberation(
            terms=self._terms,
            candidates=_joined(of.candidates),
            plans=_joined(of.plans),
            route=_joined([np.zeros(0, ROUTE_POINT), *of.routes]),
            timing=np.array(of.timing, TIMING),
        )

    def drop(self) -> None:
        """Forget all unfinished episodes."""
        self._open.clear()

    def _plans(
        self, numbers: Ints, rows: NDArray[np.intp], scene: Scene, decision: Decision
    ) -> None:
        """Keep new plans of some scenarios, and routes that differ from their last one."""
        tick = scene.tick[rows] - 1
        candidates = _candidate_rows(rows, tick, decision)
        plans = _plan_rows(rows, tick, scene, decision)
        for i, (number, row) in enumerate(zip(numbers.tolist(), rows.tolist(), strict=True)):
            of = self._open[number]
            of.plans.append(plans[i : i + 1])
            of.candidates.append(candidates[i])
            line, valid = decision.route.line[row], decision.route.valid[row]
            if not (len(of.line) and np.array_equal(line, of.line)) and valid.any():
                of.line = line
                of.routes.append(_route_points(int(tick[i]), line[valid]))


def _candidate_rows(rows: NDArray[np.intp], tick: Ints, decision: Decision) -> list[NDArray]:
    """(n,) tables of candidates.

    A proposer leaves chunks empty that it has not made: those are no candidates.
    """
    made, scores = decision.candidates, decision.scores
    chosen = _chosen(decision, rows, tick)
    there = made.valid[rows] | made.controls[rows].any(axis=(2, 3))
    i, k = np.nonzero(there)
    at = rows[i], k
    points = made.states[:, :, EVERY - 1 :: EVERY, :2][at]
    found = np.zeros(len(i), candidate_row(points.shape[1], len(scores.names)))
    found["tick"], found["candidate"] = tick[i], k
    found["source"], found["valid"] = made.source[at], made.valid[at]
    found["chosen"] = k == chosen[i]
    found["total"], found["terms"] = scores.total[at], scores.terms[at]
    found["x"], found["y"] = _grained(points[:, :, 0]), _grained(points[:, :, 1])
    return np.split(found, np.cumsum(there.sum(axis=1))[:-1])


def _plan_rows(rows: NDArray[np.intp], tick: Ints, scene: Scene, decision: Decision) -> NDArray:
    """(n,) plans."""
    plan = decision.plan.states[rows, EVERY - 1 :: EVERY]
    predicted = decision.tracking.predicted[rows, ::EVERY]
    found = np.zeros(len(rows), plan_row(plan.shape[1], predicted.shape[1]))
    found["tick"], found["step"] = tick, EVERY * decision.plan.dt[rows]
    found["predicted_step"] = EVERY * scene.dt[rows]
    for name, column in (("x", 0), ("y", 1), ("v", 3)):
        found[name] = _grained(plan[:, :, column])
    for name, column in (("predicted_x", 0), ("predicted_y", 1)):
        found[name] = _grained(predicted[:, :, column])
    return found


def _chosen(decision: Decision, rows: NDArray[np.intp], tick: Ints) -> Ints:
    """(n,) which candidate became the plan, -1 where none did.

    A plan that is not in force yet (latency) is the one with the largest total, as in `select`.
    """
    plan, made = decision.plan, decision.candidates
    now = plan.tick[rows] == tick
    total = np.where(made.valid[rows], decision.scores.total[rows], -np.inf)
    best = np.where(made.valid[rows].any(axis=1), np.argmax(total, axis=1), -1)
    in_force = np.where(plan.source[rows] == PlanSource.CANDIDATE, plan.chosen[rows], -1)
    return np.where(now, in_force, best).astype(np.int32)


def _route_points(tick: int, line: Floats) -> NDArray:
    """A route's line as `ROUTE_POINT` rows."""
    kept = line[thinned(line[:, None, :2], ROUTE_TOLERANCE)]
    found = np.zeros(len(kept), ROUTE_POINT)
    found["tick"], found["point"] = tick, np.arange(len(kept))
    found["x"], found["y"] = kept[:, 0], kept[:, 1]
    return found


def _grained(values: Floats) -> Floats:
    """Rounded to the grain; exact in single precision up to 131 km."""
    return np.round(values * GRAIN) / GRAIN


def _joined(parts: list[NDArray]) -> NDArray:
    """Packed rows end to end, by bytes."""
    return np.frombuffer(b"".join(part.tobytes() for part in parts), parts[0].dtype)
