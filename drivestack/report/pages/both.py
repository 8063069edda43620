"""What the pages of a comparison are made from: two runs, and their episodes pair by pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.report.reading import RunLog
from drivestack.sim.comparing.records import Against

from .look import Row


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One scenario in both runs.

    Attributes:
        base, other: rows of episodes. values: (2, m) of base and other by measure; masked where
        they are not compared. appeared, vanished: what is wrong in the other run only, and in the
        base only.
    """

    base: Row
    other: Row
    values: np.ma.MaskedArray
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]

    @property
    def name(self) -> int:
        """Names it in the page: the base's episode."""
        return self.base["episode"]


@dataclass(frozen=True, slots=True, eq=False)
class Both:
    """Two runs as the pages of a comparison see them.

    Attributes:
        found: their comparison. logs, acted: of base and other, the latter spells of interventions
        by episode. measures: that differ anywhere. pairs: worst first. embedded: names of those
        that can be replayed.
    """

    found: Against
    logs: tuple[RunLog, RunLog]
    acted: tuple[dict[int, int], dict[int, int]]
    measures: tuple[str, ...]
    pairs: tuple[Pair, ...]
    embedded: tuple[int, ...]
