"""Spells of interventions: when the layer acts, and which ticks belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Episode
from drivestack.core.types import Bools, Decision, Filtering
from drivestack.safety.reasons import GUARDING

GAP = 1.0
"""Acting again within this time [s] of the last time is the same spell; Autoware's debounce of
switching off (safety.md, 4)."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One spell.

    Attributes:
        rows: of the decisions, first and last. first, last: ticks. acting: how many decisions.
        kind: the gravest. check: the one that decided at first; object: id it is about, -1: none.
        value, limit: that it measured. commanded, filtered: acceleration at first [m/s2].
        switches: how often it was switched on or off, within.
    """

    rows: tuple[int, int]
    first: int
    last: int
    acting: int
    kind: Filtering
    check: str
    object: int
    value: float
    limit: float
    commanded: float
    filtered: float
    switches: int


class Onsets:
    """Tells where spells begin, tick by tick, for any number of scenarios.

    Args:
        gap: between spells [s]. dt: a tick [s].
    """

    def __init__(self, gap: float, dt: float) -> None:
        self._gap = gap / dt + 1e-9
        self._last: dict[int, int] = {}

    def begins(self, scenario: int, tick: int) -> bool:
        """Whether acting at a tick begins a spell; ticks are told in order."""
        last = self._last.get(scenario)
        self._last[scenario] = tick
        return last is None or tick - last > self._gap


def acting(decision: Decision) -> Bools:
    """(B,) where the layer changes a control; what guards do is not counted."""
    names, made = decision.verdict.names, decision.intervention
    return (made.kind != Filtering.PASSED) & ~_by_guards(names, made.check)


def acting_rows(episode: Episode) -> Bools:
    """(C,) the same of every decision of an episode."""
    made = episode.decisions
    return (made["filtering"] != Filtering.PASSED) & ~_by_guards(episode.checks, made["check"])


def _by_guards(names: Sequence[str], check: NDArray) -> Bools:
    """Where a guard decided."""
    guards = np.array([*(name in GUARDING for name in names), False])
    return guards[check]


def spells_of(episode: Episode, gap: float = GAP) -> list[Spell]:
    """The spells of an episode, in order."""
    made = episode.decisions
    rows = np.flatnonzero(acting_rows(episode)).tolist()
    onsets = Onsets(gap, episode.dt)
    groups: list[list[int]] = []
    for row in rows:
        if onsets.begins(0, int(made["tick"][row])):
            groups.append([])
        groups[-1].append(row)
    return [_spell(episode, group) for group in groups]


def _spell(episode: Episode, rows: list[int]) -> Spell:
    made, first = episode.decisions, episode.decisions[rows[0]]
    kinds = made["filtering"][rows]
    return Spell(
        rows=(rows[0], rows[-1]),
        first=int(first["tick"]),
        last=int(made["tick"][rows[-1]]),
        acting=len(rows),
        kind=Filtering(int(kinds.max())),
        check=episode.checks[int(first["check"])],
        object=int(first["object"]),
        value=float(first["value"]),
        limit=float(first["limit"]),
        commanded=float(first["accel_commanded"]),
        filtered=float(first["accel_filtered"]),
        switches=2 * int((np.diff(rows) > 1).sum()),
    )
