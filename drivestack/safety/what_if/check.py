"""The check: acts where waiting would lose the last option that clears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Table
from drivestack.core.types import (
    Bools,
    Filtering,
    Floats,
    Ints,
    Observation,
    Plan,
)
from drivestack.roads.crossings import junctions_of
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of

from ..rows_by_map import rows_by_map
from .decide import NOBODY, decide
from .options import OPTIONS, TRIED
from .parameters import Abilities, Beliefs, Judgement
from .tables import Answer, Ego, Model, Notes, planned_in, seen_in
from .watch import FORGOTTEN, MET, SMOOTHING, Watch


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """What the check remembers.

    Attributes:
        watch: of others. acting: (B,) it acted at the last tick. asked: (B,) ticks that
        asked for it.
    """

    watch: Watch
    acting: Bools
    asked: Ints

    def __post_init__(self) -> None:
        check_fields(self, _RECALL)


_RECALL = {"acting": ("B", np.bool_), "asked": ("B", np.int32)}


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

    def at_price(self, price: float) -> WhatIf:
        """The same check with another price of acting in vain [collisions]."""
        return replace(self, judgement=replace(self.judgement, price=price))

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """One."""
        return {"what_if": Filtering.EMERGENCY_BRAKE}

    def start(self, batch: int) -> Recall:
        """Nothing was seen, nothing done."""
        return Recall(Watch.fresh(batch), np.zeros(batch, np.bool_), np.zeros(batch, np.int32))

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Recall, found: Table
    ) -> Recall:
        """The value is the expected cost of waiting, the limit that of acting [collisions]."""
        batch, met = len(control), memory.watch.met
        notes, none = Notes(met, np.empty(met.shape, MET)), np.full(batch, NOBODY, np.int64)
        answer = Answer(
            acting=memory.acting.copy(), asked=memory.asked.copy(), chosen=none,
            wait=np.zeros(batch), act=np.zeros(batch), first=np.zeros((batch, 2)),
            about=none.copy(),
        )  # fmt: skip
        self._decide(observation, plan, control, notes, answer)
        _say(answer, observation.ego.steer, self.abilities.turn * self.period, found)
        return Recall(Watch(notes.now), answer.acting, answer.asked)

    def _decide(
        self, observation: Observation, plan: Plan, control: Floats, notes: Notes, answer: Answer
    ) -> None:
        """Every scenario, those on one map in one call."""
        own = observation.ego
        ego = Ego(own.state, own.accel, own.steer, own.size, control)
        seen, planned = seen_in(observation), planned_in(plan)
        own_model = (self.beliefs, self.abilities, self.judgement)
        model = Model(OPTIONS, TRIED, *(parameter_table(one) for one in own_model))
        for map, rows in rows_by_map(observation):
            decide(rows, lanes_of(map), links_of(map), junctions_of(map), ego, seen, planned,
                   notes, FORGOTTEN, SMOOTHING, model, answer)  # fmt: skip


@kernel
def _say(answer: Answer, steer: NDArray, turn: float, found: Table) -> None:
    """Bind every scenario to the control of its option, as far as the wheels can turn [rad]."""
    for b in range(steer.shape[0]):
        mine, acts = found[0, b], answer.chosen[b] != NOBODY
        mine.value, mine.limit, mine.failed = answer.wait[b], answer.act[b], acts
        if answer.about[b] != NOBODY:
            mine.object, mine.has_object = answer.about[b], True
        if acts:
            mine.low[0] = mine.high[0] = answer.first[b, 0]
            angle = min(max(answer.first[b, 1], steer[b] - turn), steer[b] + turn)
            mine.low[1] = mine.high[1] = angle
