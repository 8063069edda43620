"""The check: acts where waiting would lose the last option that clears."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from drivestack.core.arrays import check_fields
from drivestack.core.parameters import parameter_table
from drivestack.core.types import (
    Bools,
    Filtering,
    Floats,
    Ints,
    Observation,
    Plan,
    PlanSource,
    Verdict,
)
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of

from ..bounds import nothing_found, verdict_of
from .decide import NOBODY, decide
from .options import OPTIONS
from .parameters import Abilities, Beliefs, Judgement
from .watch import FORGOTTEN, SMOOTHING, Watch


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """What the check remembers.

    Attributes:
        watch: of others. acting: (B,) it acted at the last tick. asked: (B,) ticks in a row that
        asked for it.
    """

    watch: Watch
    acting: Bools
    asked: Ints

    def __post_init__(self) -> None:
        check_fields(self, {"acting": ("B", np.bool_), "asked": ("B", np.int32)})


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Asks for the first control of the best option.

    Attributes:
        period: time a control is held [s]. beliefs: of others. abilities: of the ego. judgement:
        when to act.
    """

    period: float
    beliefs: Beliefs = field(default_factory=Beliefs)
    abilities: Abilities = field(default_factory=Abilities)
    judgement: Judgement = field(default_factory=Judgement)

    def start(self, batch: int) -> Recall:
        """Nothing was seen, nothing done."""
        return Recall(Watch.fresh(batch), np.zeros(batch, np.bool_), np.zeros(batch, np.int32))

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Recall
    ) -> tuple[Verdict, Recall]:
        """The value is the expected cost of waiting, the limit that of acting [collisions]."""
        batch = len(control)
        found = nothing_found(batch, 1)
        watch, acting, asked = memory.watch.opened(), memory.acting.copy(), memory.asked.copy()
        chosen, about = np.full(batch, NOBODY, np.int64), np.full(batch, NOBODY, np.int64)
        wait, act, when, first = (
            np.zeros(batch),
            np.zeros(batch),
            np.zeros(batch),
            np.zeros((batch, 2)),
        )
        ego, tracks = observation.ego, observation.tracks
        tables = [parameter_table(one) for one in (self.beliefs, self.abilities, self.judgement)]
        for number in np.unique(observation.map_index):
            map = observation.maps[number]
            rows = np.flatnonzero(observation.map_index == number)
            decide(rows, lanes_of(map), links_of(map), observation.tick, observation.dt, ego.state,
                   ego.accel, ego.steer, ego.size, control, plan.states, plan.tick, plan.dt,
                   plan.source != PlanSource.FALLBACK, tracks.state[:, :, -1], tracks.size,
                   tracks.kind, tracks.id, tracks.age, observation.age, tracks.valid[:, :, -1],
                   watch, FORGOTTEN, SMOOTHING, OPTIONS, *tables, acting, asked, chosen, wait,
                   act, first, about, when)  # fmt: skip
        rows = chosen != NOBODY
        turn = self.abilities.turn * self.period
        first[:, 1] = np.clip(first[:, 1], ego.steer - turn, ego.steer + turn)
        found.low[rows, 0] = found.high[rows, 0] = first[rows]
        found.value[:, 0], found.limit[:, 0] = wait, act
        found.failed[:, 0] = rows
        found.object[:, 0], found.has_object[:, 0] = np.maximum(about, 0), about != NOBODY
        verdict = verdict_of(("what_if",), Filtering.EMERGENCY_BRAKE, found)
        return verdict, Recall(Watch(*watch), acting, asked)
