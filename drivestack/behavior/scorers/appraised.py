"""Rule terms and what a scoring model foretells, together."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from drivestack.behavior.checkpoint import foreteller_of, shipped
from drivestack.behavior.described import described
from drivestack.behavior.features import tokens_of
from drivestack.core.types import Bools, Candidates, Floats, Goal, Observation, Route, Scores

from .pdm_lane import CLEAR, LINE, SPEED, TOWARDS, PdmLane
from .pdm_lane import NAMES as RULES
from .terms import DAC, DDC, NC
from .witnessed import WITHIN

_SCORER = shipped("scorer")

NAMES = (*RULES, "p_no_collision", "p_drivable_area", "p_ttc", "p_progress", "p_comfort", "p_rules")
"""Terms of the rules, and what is foretold of the same."""

(_NC, _DAC, _TTC, _EP, _COMFORT) = range(5)


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


TOLD = PdmLane(wider=0.1, bounds=WITHIN)
"""The rules whose terms a scoring model is told: a decimetre within the road, and a tenth within
the bounds of comfort, since whoever tracks a chunk is not exact. Our choice, of seeds 40 to 79 of
roundabouts: with two, and far more with three, no candidate is left where an exit is narrow, and
whatever is taken then leaves the road."""

LAST = 0.01
"""Of the rules' own total, which decides where a contact cannot be helped and all else is 0."""

LEAST = 0.05
"""Progress up to which none is compared; our choice: 2.5 m of the 49 m that a car at rest could
go, about what a forecast is worth where nobody gets on."""

NEVER = 1e-9
"""Below any chance: where all is vetoed, nothing is compared."""

HINT = 0.1
"""What is left of the total where only a margin says that the road is left. Our choice: who is at
its edge already must still be able to choose."""


@dataclass(frozen=True, slots=True)
class Appraised:
    """total = vetoes times the weighted mean of the other terms, as `pdm_lane` has it.

    Vetoes are the rules' (contact by forecast, road, direction, clear junctions), and the chances
    of no contact and of the road. Progress is what is foretold, by the best one's among those that
    are vetoed least; time to collision and comfort are foretold; speed limit, line and side wanted
    are the rules' own.

    Attributes:
        checkpoint: of the scoring model. rules: whose terms it is told.
        progress_weight, ttc_weight, comfort_weight: PDM-Closed's, the last three times: comfort is
        lost for a whole drive, progress for a chunk. trust: power of the chance of no contact;
        found on seeds 0 to 29: with 1 the stack waits where nobody can tell what others will do,
        for standing is never at fault.
    """

    checkpoint: Path = _SCORER
    rules: PdmLane = field(default_factory=lambda: TOLD)
    progress_weight: float = 5.0
    ttc_weight: float = 5.0
    comfort_weight: float = 6.0
    trust: float = 0.5

    def score(self, observation: Observation, route: Route, candidates: Candidates) -> Scores:
        """Seventeen terms; totals lie in [0, 1], those of invalid candidates are 0."""
        rules = self.rules.score(observation, route, candidates)
        tokens = tokens_of(observation, route, no_goal(len(observation.tick)))
        chunks = described(observation, candidates, rules)
        chance = foreteller_of(self.checkpoint).foretold(tokens, chunks, candidates.valid)
        terms = np.concatenate([rules.terms, chance], axis=2)
        total = self.total(chance, rules.terms, candidates.valid)
        return Scores(terms=terms, names=NAMES, total=total + LAST * rules.total)

    def total(self, chance: Floats, said: Floats, valid: Bools) -> Floats:
        """(B, K) of what is foretold (B, K, 6) and what the rules say (B, K, 11)."""
        own = self.rules
        veto = chance[..., _NC] ** self.trust * chance[..., _DAC] * said[..., NC]
        veto = veto * said[..., DDC] * said[..., CLEAR] * (HINT + (1.0 - HINT) * said[..., DAC])
        most = np.max(veto * valid, axis=1, keepdims=True, initial=NEVER)
        best = np.max(chance[..., _EP] * veto * valid / most, axis=1, keepdims=True, initial=LEAST)
        mean = (
            self.progress_weight * np.minimum(chance[..., _EP] / best, 1.0)
            + self.ttc_weight * chance[..., _TTC]
            + self.comfort_weight * chance[..., _COMFORT]
            + own.speed_weight * said[..., SPEED]
            + own.line_weight * said[..., LINE]
            + own.due_weight * said[..., TOWARDS]
        )
        weights = self.progress_weight + self.ttc_weight + self.comfort_weight
        weights += own.speed_weight + own.line_weight + own.due_weight
        return veto * mean / weights * valid
