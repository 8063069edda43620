"""The twins of a tile: kept while it is driven, judged when it is done."""

from __future__ import annotations

from collections.abc import Callable

from drivestack.core.episode import Episode
from drivestack.core.start import Start
from drivestack.sim.driver import Driver
from drivestack.sim.rows import EpisodeRows
from drivestack.sim.runner import Brancher

from .judging import Counterfactual, judged_spells
from .last_moment import last_moments
from .table import intervention_rows
from .twins import TwinRuns, Twins


class Following:
    """Twins of one group of scenarios of equal rates.

    Args:
        twins: how they are driven, None: not at all. driver: of the run. first: a scenario of the
        group. look: called at every tick; may raise.
    """

    def __init__(
        self, twins: Twins | None, driver: Driver, first: Start, look: Callable[[], None]
    ) -> None:
        self._twins = twins
        dt = 1.0 / first.rates.physics
        self._runs = None if twins is None else TwinRuns(twins, driver, dt, look)
        self._ended: dict[int, tuple[Episode, EpisodeRows]] = {}

    def brancher(self, places: list[int]) -> Brancher | None:
        """For a `Lockstep` of scenarios at these places of the group."""
        return None if self._runs is None else self._runs.splitter(places)

    def ended(self, place: int, episode: Episode, rows: EpisodeRows) -> None:
        """Keep an episode in which the layer acted, until its twins are known."""
        if self._runs is not None and len(rows.tables["interventions"]["tick"]):
            self._ended[place] = episode, rows

    def settle(self) -> None:
        """Drive what is left, and write into the rows what has become of the twins."""
        if self._runs is None or self._twins is None:
            return
        twins = sorted(self._runs.settled(), key=lambda twin: (twin.place, twin.tick))
        last = last_moments(twins, self._runs.branches, self._runs.ticks)
        found: dict[int, dict[int, Counterfactual]] = {}
        for twin, moment in zip(twins, last, strict=True):
            found.setdefault(twin.place, {})[twin.tick] = Counterfactual(twin.fate, moment)
        for place, (episode, rows) in self._ended.items():
            judged = judged_spells(episode, found.get(place), self._twins.horizon)
            rows.tables["interventions"] = intervention_rows(rows.number, judged)
