"""How far the driving is, counted for whoever wants to show it."""

from __future__ import annotations

from .progress import Advance, Phase, Progress


class Meter:
    """Counts the episodes of a run and tells of each; a `Listener` in the first process.

    Attributes:
        total: scenarios of the run, by what is known so far.
    """

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._done = 0
        self._is_stop_given = False
        self.total = total

    def add(self, ticks: int, episodes: int = 1, references: int = 0) -> None:
        """So many have ended since the last call."""
        self._done += episodes
        if self._progress is not None:
            total = max(self.total, self._done)
            self._progress(Advance(Phase.DRIVING, self._done, total, ticks, references))

    def on_episode(self, ticks: int) -> None:
        """One has ended."""
        self.add(ticks)

    def on_reference(self) -> None:
        """The reference has been driven through one scenario."""
        self.add(0, episodes=0, references=1)

    def stop(self) -> None:
        """End the run."""
        self._is_stop_given = True

    def stopped(self) -> bool:
        """Whether this process is to end."""
        return self._is_stop_given
