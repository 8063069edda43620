"""What a stack remembers between ticks: one batched record, whose rows can be reset and copied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.rows import put_rows
from drivestack.core.types import Bools, Candidates, Corridor, Goal, Plan, Route, Scores


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """One row a scenario.

    Attributes:
        goal: where to. route: the way in force. candidates, scores: of the last planning tick.
        plan: in force. planned: (B,) there is a plan. controller: the controller's own record.
    """

    goal: Goal
    route: Route
    candidates: Candidates
    scores: Scores
    plan: Plan
    planned: Bools
    controller: Any

    def __post_init__(self) -> None:
        check_fields(self, {"planned": ("B", np.bool_)})


def fresh(batch: int, goal: Goal, controller: Any) -> Memory:
    """A memory without route and plan; the first tick makes both for every row."""
    none = np.zeros(batch, np.int32)
    dt = np.ones(batch)
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
        plan=Plan(np.zeros((batch, 1, 4)), np.zeros((batch, 1, 2)), none - 1, none, none, dt),
        planned=np.zeros(batch, np.bool_),
        controller=controller,
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


def reset_rows(memory: Memory, rows: NDArray[np.intp], goal: Goal, controller: Any) -> Memory:
    """Give rows (slots that were refilled) to new scenarios.

    Args:
        memory: of all rows. rows: which ones.
        goal, controller: the new goals and fresh controller states of these rows, in order.
    """
    on_line, planned = memory.route.valid.copy(), memory.planned.copy()
    on_line[rows], planned[rows] = False, False
    return replace(
        memory,
        goal=put_rows(memory.goal, rows, goal),
        route=replace(memory.route, valid=on_line),
        planned=planned,
        controller=put_rows(memory.controller, rows, controller),
    )
