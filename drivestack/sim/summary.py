"""The table of a run: rates and means per scene and in total, each with a 95 % interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from drivestack.core.types import Floats
from drivestack.metrics.duty import Standing
from drivestack.metrics.judge import COMPOSED, SUB_METRICS

from .intervals import Mean, Rate, rate
from .samples import Samples

SCORES: tuple[str, ...] = (*COMPOSED, *SUB_METRICS)
"""Columns of episodes that are scores: in [0, 1], and 0 for a failed episode."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What the cases were whose scenarios say when contact must be avoided; failed ones too.

    Attributes:
        met: of those in which it had to be. exempt, not_exercised: the others.
    """

    met: Rate
    exempt: int
    not_exercised: int

    @property
    def any(self) -> bool:
        """Whether there is any such case."""
        return self.met.trials + self.exempt + self.not_exercised > 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        scene: or "total". episodes, failed: counts. A failed episode counts as 0 in every score,
        and is in none of the other figures but these, and those of expectations and duties.
        contact, at_fault, frozen: of those that did not fail. goal: of those among them that had
        one. progress_m: [m]. mean_speed: over driven time [m/s].
        scores: of each column in `SCORES`, over the episodes that have it.
        steps_per_second: physics ticks over their share of the run's wall time, all processes.
        as_expected: met all that their scenarios expect; `with_expectations` had any.
        duties: by how it went. exercised: what the scenario is about happened, of those whose
        script waits for somebody to come near or to be so fast.
    """

    scene: str
    episodes: int
    failed: int
    contact: Rate
    at_fault: Rate
    frozen: Rate
    goal: Rate
    progress_m: Mean
    mean_speed: Mean
    scores: dict[str, Mean]
    steps_per_second: float
    as_expected: int
    with_expectations: int
    duties: Duties
    exercised: Rate


def table(episodes: Iterable[dict[str, Any]], seconds: float) -> list[Line]:
    """One line per scene in order of appearance, the total last.

    Args:
        episodes: summaries of a `Run`. seconds: wall time of the run, for the total's rate.
    """
    tally = Tally()
    for row in episodes:
        tally.add(row)
    return tally.lines(seconds)


class Tally:
    """The table of a run in the making: rows are counted and let go."""

    def __init__(self) -> None:
        self._scenes: dict[str, _Group] = {}
        self._total = _Group()

    def add(self, row: dict[str, Any]) -> None:
        """Count an episode."""
        sample = _sample(row)
        for group in (self._scenes.setdefault(row["scene"], _Group()), self._total):
            group.add(row, sample)

    def lines(self, seconds: float) -> list[Line]:
        """As `table`."""
        found = [group.line(scene, group.wall_seconds) for scene, group in self._scenes.items()]
        return [*found, self._total.line("total", seconds)]


_Sample = tuple[Floats, Floats]
"""Values of the columns that have means, and their weights."""


def _sample(row: dict[str, Any]) -> _Sample:
    """Progress, mean speed by driven time, and every score; a failed episode scores 0 in all."""
    failed = row["outcome"] == "failed"
    driven = 0.0 if failed else 1.0
    values = [row["progress_m"], row["mean_speed"]]
    weights = [driven, driven * row["ticks"] * row["dt"]]
    for name in SCORES:
        values.append(0.0 if failed else row[name] or 0.0)
        weights.append(float(failed or row[name] is not None))
    return np.array(values, np.float64), np.array(weights, np.float64)


_FLAGS = ("contact", "at_fault", "frozen", "has_goal")


class _Group:
    """Counts of the episodes of one line."""

    def __init__(self) -> None:
        self.wall_seconds = 0.0
        self._episodes = self._failed = self._ticks = self._reached = 0
        self._as_expected = self._with_expectations = 0
        self._standings = dict.fromkeys(Standing, 0)
        self._met = self._exercised = self._scripted = 0
        self._flags = dict.fromkeys(_FLAGS, 0)
        self._samples = Samples(len(SCORES) + 2)

    def add(self, row: dict[str, Any], sample: _Sample) -> None:
        """Count an episode."""
        self._episodes += 1
        self.wall_seconds += row["wall_seconds"]
        self._as_expected += row["expectations"] == "met"
        self._with_expectations += row["expectations"] != "none"
        self._standings[Standing(row["duty"])] += 1
        self._met += row["duty_met"] == "yes"
        self._exercised += row["exercised"] == "yes"
        self._scripted += row["exercised"] != ""
        self._samples.add(*sample)
        if row["outcome"] == "failed":
            self._failed += 1
            return
        self._ticks += row["ticks"]
        self._reached += bool(row["has_goal"] and row["goal_reached"])
        for flag in _FLAGS:
            self._flags[flag] += bool(row[flag])

    def line(self, scene: str, seconds: float) -> Line:
        """The line of the table."""
        driven = self._episodes - self._failed
        progress, speed, *scores = self._samples.means(scene)
        return Line(
            scene=scene,
            episodes=self._episodes,
            failed=self._failed,
            contact=rate(self._flags["contact"], driven),
            at_fault=rate(self._flags["at_fault"], driven),
            frozen=rate(self._flags["frozen"], driven),
            goal=rate(self._reached, self._flags["has_goal"]),
            progress_m=progress,
            mean_speed=speed,
            scores=dict(zip(SCORES, scores, strict=True)),
            steps_per_second=self._ticks / seconds if seconds > 0.0 else 0.0,
            as_expected=self._as_expected,
            with_expectations=self._with_expectations,
            duties=self._duties(),
            exercised=rate(self._exercised, self._scripted),
        )

    def _duties(self) -> Duties:
        found = self._standings
        return Duties(
            rate(self._met, found[Standing.MUST_AVOID]),
            found[Standing.EXEMPT],
            found[Standing.NOT_EXERCISED],
        )
