"""Rule terms and what a scoring model foretells, together."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from drivestack.behavior.checkpoint import appraiser_of, shipped
from drivestack.behavior.described import described
from drivestack.behavior.features import tokens_of
from drivestack.core.types import Candidates, Floats, Goal, Observation, Route, Scores

from .pdm_lane import CLEAR, LINE, SPEED, TOWARDS, PdmLane
from .pdm_lane import NAMES as RULES
from .terms import DAC, DDC
from .witnessed import WITHIN

_SCORER = shipped("scorer")

NAMES = (*RULES, "p_no_collision", "p_drivable_area", "p_ttc", "p_progress", "p_comfort", "p_rules")
"""Terms of the rules, and what is foretold of the same."""

(_NC, _DAC, _TTC, _EP, _COMFORT, _RULES) = range(6)


def no_goal(batch: int) -> Goal:
    """Scorers are not told goals: what the route asks for is in the terms of the rules."""
    return Goal(
        lane=np.full(batch, -1, np.int32),
        position=np.zeros((batch, 2)),
        radius=np.zeros(batch),
        valid=np.zeros(batch, np.bool_),
        log=np.zeros((batch, 0, 4)),
        log_valid=np.zeros((batch, 0), np.bool_),
    )


TOLD = PdmLane(slack=-0.1, bounds=WITHIN)
"""The rules whose terms a scoring model is told: a decimetre within the road, and a tenth within
the bounds of comfort, since whoever tracks a chunk is not exact. Our choice."""

HINT = 0.1
"""What is left of the total where only a margin says that the road is left. Our choice: who is at
its edge already must still be able to choose."""


@dataclass(frozen=True, slots=True)
class Appraised:
    """total = vetoes times the weighted mean of the other terms, as `pdm_lane` has it.

    Vetoes are the chances of no contact, of the road and of the rules, and what geometry alone
    decides: the drivable area and the direction along the chunk. Where nobody knows better the
    rules' own terms are taken: speed limit, line, side wanted.

    Attributes:
        checkpoint: of the scoring model. rules: whose terms it is told.
        progress_weight, ttc_weight, comfort_weight: PDM-Closed's, the last one and a half times.
    """

    checkpoint: Path = _SCORER
    rules: PdmLane = field(default_factory=lambda: TOLD)
    progress_weight: float = 5.0
    ttc_weight: float = 5.0
    comfort_weight: float = 3.0

    def score(self, observation: Observation, route: Route, candidates: Candidates) -> Scores:
        """Seventeen terms; totals lie in [0, 1], those of invalid candidates are 0."""
        rules = self.rules.score(observation, route, candidates)
        tokens = tokens_of(observation, route, no_goal(len(observation.tick)))
        chunks = described(observation, candidates, rules)
        chance = appraiser_of(self.checkpoint).foretold(tokens, chunks)
        chance *= candidates.valid[:, :, None]
        terms = np.concatenate([rules.terms, chance], axis=2)
        return Scores(terms=terms, names=NAMES, total=self.total(chance, rules.terms))

    def total(self, chance: Floats, said: Floats) -> Floats:
        """(...) of what is foretold (..., 6) and what the rules say (..., 11)."""
        own = self.rules
        veto = chance[..., _NC] * chance[..., _DAC] * chance[..., _RULES]
        veto = veto * (HINT + (1.0 - HINT) * said[..., DAC]) * said[..., DDC] * said[..., CLEAR]
        mean = (
            self.progress_weight * chance[..., _EP]
            + self.ttc_weight * chance[..., _TTC]
            + self.comfort_weight * chance[..., _COMFORT]
            + own.speed_weight * said[..., SPEED]
            + own.line_weight * said[..., LINE]
            + own.due_weight * said[..., TOWARDS]
        )
        weights = self.progress_weight + self.ttc_weight + self.comfort_weight
        weights += own.speed_weight + own.line_weight + own.due_weight
        return veto * mean / weights
