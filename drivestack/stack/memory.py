"""What a stack remembers between ticks: one batched record, whose rows can be reset and copied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.types import (
    Bools,
    Candidates,
    Corridor,
    Floats,
    Goal,
    Plan,
    PlanSource,
    Route,
    Scores,
)

from .waiting import Waiting


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """One row a scenario.

    Attributes:
        goal: where to. route: the way in force. candidates, scores: of the last planning tick.
        plan: in force. planned: (B,) one has been decided. waiting: decided, not yet in force.
        under_way: (B, D, 2) controls decided before that do not act yet, oldest first.
        controller, safety: the controller's and the filter's own records.
    """

    goal: Goal
    route: Route
    candidates: Candidates
    scores: Scores
    plan: Plan
    planned: Bools
    waiting: Waiting
    under_way: Floats
    controller: Any
    safety: Any

    def __post_init__(self) -> None:
        check_fields(self, {"planned": ("B", np.bool_), "under_way": ("B D 2", np.float64)})


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """What the planning stages say of some rows."""

    route: Route
    candidates: Candidates
    scores: Scores
    plan: Plan


def put_planned(memory: Memory, rows: NDArray[np.intp], planned: Planned) -> Memory:
    """The memory with new routes, candidates and scores of some rows; plans have a time to come."""
    if len(rows) == len(memory.planned):
        route, candidates, scores = planned.route, planned.candidates, planned.scores
    elif memory.candidates.states.shape[1:] == planned.candidates.states.shape[1:]:
        route = put_rows(memory.route, rows, planned.route)
        candidates = put_rows(memory.candidates, rows, planned.candidates)
        scores = put_rows(memory.scores, rows, planned.scores)
    else:  # the very first ones, and not all rows have any: theirs are marked as not valid
        some = np.zeros(len(memory.planned), np.intp)
        some[rows] = np.arange(len(rows))
        without = np.setdiff1d(np.arange(len(some)), rows)
        route, candidates = take_rows(planned.route, some), take_rows(planned.candidates, some)
        on_line, valid = route.valid.copy(), candidates.valid.copy()
        on_line[without], valid[without] = False, False
        route = replace(route, valid=on_line)
        candidates = replace(candidates, valid=valid)
        scores = take_rows(planned.scores, some)
    return replace(memory, route=route, candidates=candidates, scores=scores)


def fresh(batch: int, goal: Goal, waiting: int, delay: int, controller: Any, safety: Any) -> Memory:
    """A memory without route and plan; the first tick makes both for every row.

    Args:
        waiting: most plans that wait. delay: D. controller, safety: fresh records.
    """
    none = np.zeros(batch, np.int32)
    dt = np.ones(batch)
    source = np.full(batch, PlanSource.FALLBACK, np.int32)
    return Memory(
        goal=goal,
        route=_no_route(batch),
        candidates=Candidates(
            states=np.zeros((batch, 1, 1, 4)),
            controls=np.zeros((batch, 1, 1, 2)),
            source=np.zeros((batch, 1), np.int32),
            valid=np.zeros((batch, 1), np.bool_),
            dt=dt,
        ),
        scores=Scores(np.zeros((batch, 1, 1)), ("none",), np.zeros((batch, 1))),
        plan=Plan(np.zeros((batch, 1, 4)), np.zeros((batch, 1, 2)), none - 1, source, none, dt),
        planned=np.zeros(batch, np.bool_),
        waiting=Waiting.none(batch, waiting, 1),
        under_way=np.zeros((batch, delay, 2)),
        controller=controller,
        safety=safety,
    )


def _no_route(batch: int) -> Route:
    none, off = np.zeros((batch, 1), np.int32), np.zeros((batch, 1), np.bool_)
    zero = np.zeros((batch, 1))
    return Route(
        lanes=none,
        lane_valid=off,
        change=off,
        line=np.zeros((batch, 1, 3)),
        speed_limit=zero,
        spacing=np.ones(batch),
        valid=off,
        aim=np.zeros(batch, np.int32),
        corridor=Corridor(none, off, zero, zero, none, off),
        closures=np.zeros(batch, np.int64),
    )


def reset_rows(memory: Memory, rows: NDArray[np.intp], goal: Goal, begun: Memory) -> Memory:
    """Give rows (slots that were refilled) to new scenarios.

    Arrays of routes and plans keep their sizes; what stands in them is marked as no longer valid.

    Args:
        memory: of all rows. rows: which ones. goal: theirs, in order. begun: fresh, of these rows.
    """
    on_line, planned = memory.route.valid.copy(), memory.planned.copy()
    source, chosen = memory.plan.source.copy(), memory.plan.chosen.copy()
    waits, under_way = memory.waiting.valid.copy(), memory.under_way.copy()
    on_line[rows], planned[rows], waits[rows], under_way[rows] = False, False, False, 0.0
    source[rows], chosen[rows] = PlanSource.FALLBACK, -1
    return replace(
        memory,
        goal=put_rows(memory.goal, rows, goal),
        route=replace(memory.route, valid=on_line),
        plan=replace(memory.plan, source=source, chosen=chosen),
        planned=planned,
        waiting=replace(memory.waiting, valid=waits),
        under_way=under_way,
        controller=put_rows(memory.controller, rows, begun.controller),
        safety=put_rows(memory.safety, rows, begun.safety),
    )
