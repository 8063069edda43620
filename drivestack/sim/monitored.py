"""What monitors and the critic measured at every control tick: collected, and rows of the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import MONITOR_TICK, WATCHED, Episode
from drivestack.core.types import Decision, Ints, Scene
from drivestack.safety import CRITIC, MONITORS

from .considered import Columns
from .runner import NOBODY

NAMES = tuple(name for make in MONITORS.values() for name in make(1.0).columns)
"""Of all monitors, in the table `monitors`; that of the critic is `CRITIC`."""

_SILENT = f"{CRITIC}_silent"
"""The column of a verdict that says whether the critic's says nothing."""


class Monitored:
    """Collects rows of a block of ticks at a time; single ticks would cost too much."""

    def __init__(self) -> None:
        self._open: dict[int, list[NDArray]] = {}

    def keep(
        self, made: Sequence[tuple[Ints, Scene, Decision]], is_driven: Callable[[int], bool]
    ) -> None:
        """Keep what was measured at some ticks.

        Args:
            made: queue numbers of the slots, the scene one tick after the decision, the decision.
            is_driven: whether a stack drives a scenario, by its queue number.
        """
        if not made:
            return
        columns, silent = _columns(made[0][2].verdict.names)
        verdicts = [decision.verdict for *_, decision in made]
        numbers = np.concatenate([slots for slots, *_ in made])
        there = np.concatenate([verdict.has_object for verdict in verdicts])[:, columns]
        kept = there | np.concatenate([verdict.failed for verdict in verdicts])[:, columns]
        if silent >= 0:  # a chance is one also where nobody is near
            kept[:, -1] = ~np.concatenate([verdict.failed[:, silent] for verdict in verdicts])
        row, column = np.nonzero(kept)
        if len(row) == 0:
            return
        at = row, columns[column]
        found = np.zeros(len(row), MONITOR_TICK)
        found["tick"] = np.concatenate([scene.tick for _, scene, _ in made])[row] - 1
        found["check"] = at[1]
        object = np.concatenate([verdict.object for verdict in verdicts])[at]
        found["object"] = np.where(there[row, column], object, -1)
        found["value"] = np.concatenate([verdict.value for verdict in verdicts])[at]
        found["limit"] = np.concatenate([verdict.limit for verdict in verdicts])[at]
        order = np.argsort(numbers[row], kind="stable")
        episodes, firsts = np.unique(numbers[row][order], return_index=True)
        parts = np.split(found[order], firsts[1:])
        for number, rows in zip(episodes.tolist(), parts, strict=True):
            if number != NOBODY and is_driven(number):
                self._open.setdefault(number, []).append(rows)

    def taken(self, number: int) -> list[NDArray]:
        """All parts of a finished episode, which is then forgotten."""
        return self._open.pop(number, [])

    def drop(self) -> None:
        """Forget all unfinished episodes."""
        self._open.clear()


def monitor_rows(number: int, episode: Episode) -> Columns:
    """The table `monitors` of an episode: one row a monitor that measured anything at a tick."""
    made = episode.monitored
    names = np.array([name.removeprefix(WATCHED) for name in (*episode.checks, "")], dtype=object)
    return {
        "episode": np.full(len(made), number, np.int32),
        "tick": np.ascontiguousarray(made["tick"]),
        "monitor": names[made["check"]],
        "object": np.ascontiguousarray(made["object"]),
        "value": np.ascontiguousarray(made["value"]),
        "limit": np.ascontiguousarray(made["limit"]),
    }


@cache
def _columns(names: tuple[str, ...]) -> tuple[NDArray[np.intp], int]:
    """Which columns of a verdict are kept, the critic's last; which says that it is silent, -1."""
    plain = [name.removeprefix(WATCHED) for name in names]
    kept = [place for place, name in enumerate(plain) if name in NAMES]
    kept += [place for place, name in enumerate(plain) if name == CRITIC]
    return np.array(kept, np.intp), plain.index(_SILENT) if _SILENT in plain else -1
