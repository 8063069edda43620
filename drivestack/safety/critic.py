"""The learned critic: the chance that the plan ends in a contact within 3 s, from a checkpoint.

It can only tighten: above its threshold the acceleration is bound to comfortable braking, and the
rules, which know the last moment, brake harder. A checkpoint that raises too many false alarms in
nominal driving only advises. Where it has nothing to say, `critic_silent` fails, and nothing is
bound.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from drivestack.core.errors import InputError
from drivestack.core.tables import Table
from drivestack.core.tensors import read_tensors
from drivestack.core.types import Filtering, Floats, Observation, Plan, PlanSource

from .bounds import Nothing
from .critic_features import OTHER, OWN, features_of
from .critic_network import Network, log_odds, network_of

KIND = "drivestack critic 1"
"""What a checkpoint's header says it is; the number changes with the features."""

SHIPPED = Path(__file__).parent / "checkpoints" / "critic.safetensors"
"""The one that comes with the package."""

SHIPPED_WORD = "shipped"
"""By which it is asked for instead of a file."""

HORIZON = 3.0
"""Contacts are foretold so long ahead [s]; plans are executed for as long to learn from."""

LATEST = 0.5
"""An alarm that comes later than this before a contact is of no use [s]."""

MOST_FALSE_ALARMS = 0.02
"""Share of nominal episodes above which a critic only advises (the project's own bound)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """From log-odds to a chance, and when that is too much.

    Attributes:
        slope, offset: ``chance = 1 / (1 + exp(-(slope * log-odds + offset)))``.
        threshold: chance from which on it alarms. false_alarms: share of nominal episodes in which
        it does. missed: bound of the share of unsafe episodes in which it does not.
    """

    slope: float
    offset: float
    threshold: float
    false_alarms: float
    missed: float

    def __post_init__(self) -> None:
        shares = self.threshold, self.false_alarms, self.missed
        if not (self.slope > 0.0 and math.isfinite(self.slope) and math.isfinite(self.offset)):
            raise ValueError(f"its slope {self.slope} and offset {self.offset} are none")
        if not all(0.0 <= share <= 1.0 for share in shares):
            raise ValueError(f"its threshold and rates {shares} are none")

    @property
    def binds(self) -> bool:
        """Whether it alarms so seldom for nothing that it may act."""
        return self.false_alarms <= MOST_FALSE_ALARMS

    def chance(self, odds: Floats) -> Floats:
        """Of log-odds, in [0, 1]; what is not finite stays so."""
        return 1.0 / (1.0 + np.exp(-np.clip(self.slope * odds + self.offset, -40.0, 40.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Critic:
    """A check, or a monitor where it only advises.

    Attributes:
        network, calibration: of the checkpoint. asked: whether it is to act.
        brake: acceleration that is left above the threshold [m/s2]; what UN R157 allows a
        minimal-risk manoeuvre, which is no emergency brake (safety.md, 5).
        oldest: a frame that is older says nothing of the present [s]; as `Inputs.oldest_frame`.
    """

    network: Network
    calibration: Calibration
    asked: bool = True
    brake: float = -4.0
    oldest: float = 0.5

    @classmethod
    def read(cls, path: str | Path, asked: bool = True) -> Self:
        """Of a checkpoint.

        Args:
            asked: whether it is to act.

        Raises:
            InputError: one sentence: there is none, or it is no critic of this version.
        """
        tensors, about = read_tensors(Path(path))
        try:
            if about.get("kind") != KIND:
                raise ValueError(f"its header says '{about.get('kind', '')!s:.40}', not '{KIND}'")
            return cls(network_of(tensors), Calibration(**json.loads(about["calibration"])), asked)
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{path}: expected a critic's checkpoint: {error}") from None

    @property
    def binds(self) -> bool:
        """Whether it acts; else it advises."""
        return self.asked and self.calibration.binds

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """What it says, and whether it can say anything."""
        acts = Filtering.CLAMPED if self.binds else Filtering.PASSED
        return {"critic": acts, "critic_silent": Filtering.PASSED}

    def start(self, batch: int) -> Nothing:
        """It remembers nothing."""
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        """`critic`: the chance, and the threshold; about the road user that the plan comes nearest.

        `critic_silent`: 1 where there is no plan, the frame is too old, or the output not finite.
        """
        features = features_of(observation, plan)
        odds = log_odds(self.network, features).astype(np.float64)
        stale = observation.age * observation.dt > self.oldest
        silent = ~np.isfinite(odds) | stale | (plan.source == PlanSource.FALLBACK)
        chance = np.where(silent, 0.0, self.calibration.chance(np.where(silent, 0.0, odds)))
        alarm, dumb = found
        alarm["value"], alarm["limit"] = chance, self.calibration.threshold
        alarm["failed"] = ~silent & (chance >= self.calibration.threshold)
        dumb["value"] = dumb["failed"] = silent
        rows = np.arange(len(control))
        alarm["object"] = observation.tracks.id[rows, features.place[:, 0]]
        alarm["has_object"] = features.there[:, 0]
        if self.binds:
            speed = observation.ego.state[:, 3]
            least = np.maximum(self.brake, -np.maximum(speed, 0.0))  # it never reverses
            high = alarm["high"][:, 0]
            high[:] = np.where(alarm["failed"], least, high)
        return memory


def about(calibration: Calibration, **facts: Any) -> dict[str, str]:
    """The header of a checkpoint: its kind, calibration, and where it comes from."""
    numbers = {name: getattr(calibration, name) for name in Calibration.__dataclass_fields__}
    told = {name: json.dumps(value, sort_keys=True) for name, value in facts.items()}
    shape = json.dumps({"own": OWN, "other": OTHER})
    return {"kind": KIND, "calibration": json.dumps(numbers), "features": shape, **told}
