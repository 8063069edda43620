"""Several proposers as one: their candidates side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from drivestack.core.protocols import Proposer
from drivestack.core.types import Candidates, Goal, Observation, Route

from .evasive import Evasive
from .pdm_lane import PdmLane


@dataclass(frozen=True, slots=True)
class Joined:
    """Candidates of all parts, in order; their `source` is the number of the part.

    Attributes:
        parts: at least one; all propose chunks of equal steps.
    """

    parts: tuple[Proposer, ...]

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """K = the sum of the parts' K.

        Raises:
            ValueError: the parts' steps differ.
        """
        found = [part.propose(observation, route, goal) for part in self.parts]
        if any((one.dt != found[0].dt).any() for one in found[1:]):
            raise ValueError("Joined: expected chunks of equal steps from all parts")
        return Candidates(
            states=np.concatenate([one.states for one in found], axis=1),
            controls=np.concatenate([one.controls for one in found], axis=1),
            source=np.concatenate(
                [np.full_like(one.source, number) for number, one in enumerate(found)], axis=1
            ),
            valid=np.concatenate([one.valid for one in found], axis=1),
            dt=found[0].dt,
        )


COMFORT = PdmLane(brisk=2.3, accel=2.0, brakings=(2.0, 3.8), max_decel=3.8, jerk=3.0, swerve=5.0)
"""Below nuPlan's bounds of comfort: 2.40 and 4.05 m/s2 along, 4.13 m/s3 along and 8.37 in all."""


def wide() -> Joined:
    """128 manoeuvres to try out: `pdm_lane`'s and evasive ones, and both with ease."""
    aside = replace(COMFORT, aside_speed=2.0, aside_slope=0.3)
    return Joined((PdmLane(), COMFORT, Evasive(), Evasive(lane=aside)))
