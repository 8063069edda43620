"""Whole episodes under the eyes of a network: what it says at every plan, and how each one ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.rows import take_rows
from drivestack.core.start import Start
from drivestack.core.types import Bools, Decision, Floats, Ints, Scene
from drivestack.safety.critic import HORIZON, LATEST
from drivestack.safety.critic_features import features_of
from drivestack.safety.critic_network import Network, log_odds
from drivestack.sim.rollout import Rollout
from drivestack.sim.runner import NOBODY
from drivestack.world import sensing

from .forks import answers_for

WINDOW = (LATEST, HORIZON)
"""An alarm counts as one for a contact if it is so long before it [s]."""


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """E episodes.

    Attributes:
        unsafe: (E,) ended with a contact that the plan has to answer for. quiet: (E,) without any.
        peak: (E,) the largest log-odds; where unsafe, within `WINDOW`, which `heard` says has any.
        hours: (E,) that were driven [h]. group, seed: (E,).
    """

    unsafe: Bools
    quiet: Bools
    heard: Bools
    peak: Floats
    hours: Floats
    group: Ints
    seed: Ints

    def __post_init__(self) -> None:
        check_fields(self, _EPISODES)

    def __len__(self) -> int:
        return len(self.seed)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """One after the other; at least one."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    def some(self, rows: NDArray) -> Episodes:
        """Those of some rows."""
        return Episodes(*(getattr(self, field.name)[rows] for field in fields(self)))


_EPISODES = {
    "unsafe": ("E", np.bool_),
    "quiet": ("E", np.bool_),
    "heard": ("E", np.bool_),
    "peak": ("E", np.float64),
    "hours": ("E", np.float64),
    "group": ("E", np.int32),
    "seed": ("E", np.int32),
}


def no_episodes() -> Episodes:
    """None."""
    empty: list[Any] = [np.zeros(0, dtype) for _, dtype in _EPISODES.values()]
    return Episodes(*empty)


@dataclass(slots=True)
class _Course:
    """One episode: times and log-odds of its plans, its last tick, and its contact if any."""

    times: list[float] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    last: float = 0.0
    contact: float | None = None
    answered: bool = False


class Watching:
    """A brancher and a sink that only looks."""

    def __init__(self, network: Network, starts: Sequence[Start], group: int) -> None:
        self._network, self._starts, self._group = network, starts, group
        self._courses = [_Course() for _ in starts]

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Ask the network about every new plan."""
        scene = rollout.scene
        rows = np.flatnonzero((slots != NOBODY) & decision.planned)
        if len(rows) == 0:
            return
        seen, _ = sensing.sense(scene, rollout.mounts, rollout.sensed)
        features = features_of(take_rows(seen, rows), take_rows(decision.plan, rows))
        odds = log_odds(self._network, features)
        for row, said in zip(rows.tolist(), odds.tolist(), strict=True):
            course = self._courses[int(slots[row])]
            course.times.append(float(scene.tick[row] * scene.dt[row]))
            course.said.append(said)

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Note the first contact."""
        for row in np.flatnonzero(slots != NOBODY).tolist():
            course = self._courses[int(slots[row])]
            course.last = float(scene.tick[row] * scene.dt[row])
            if scene.contact[row] and course.contact is None:
                course.contact, course.answered = course.last, answers_for(scene, row)

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""

    def episodes(self) -> Episodes:
        """What came of all of them."""
        rows = [self._row(course) for course in self._courses]
        seeds = np.array([start.seed for start in self._starts], np.int32)
        unsafe, quiet, heard, peak, hours = (np.array(column) for column in zip(*rows, strict=True))
        group = np.full(len(seeds), self._group, np.int32)
        return Episodes(unsafe, quiet, heard, peak, hours, group, seeds)

    def _row(self, course: _Course) -> tuple[bool, bool, bool, float, float]:
        times, said = np.array(course.times), np.array(course.said, np.float64)
        counted = np.ones(len(times), np.bool_)
        if course.contact is not None:
            before = course.contact - times
            counted = (before >= WINDOW[0] - 1e-9) & (before <= WINDOW[1] + 1e-9)
        heard = bool(counted.any())
        peak = float(said[counted].max()) if heard else 0.0
        unsafe = course.contact is not None and course.answered
        return unsafe, course.contact is None, heard, peak, course.last / 3600.0
