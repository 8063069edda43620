"""Between the first process of a run and its workers: files in a folder that all of them see.

A file that appears ends the run; every finished episode adds a line to another one. Appending a few
bytes is atomic, also for several processes.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

PREFIX = ".signals-"
"""Of the folder's name."""

_STOP, _EPISODES, _REFERENCES = "stop", "episodes", "references"

_TICKS = 7
"""Digits in which the ticks of an episode are written; a scenario has far fewer than 10^7."""


@dataclass(frozen=True, slots=True)
class Signals:
    """A folder for signals, which the first process makes and removes; a worker's `Listener`.

    Attributes:
        folder: of the files. parent: id of the process that started this worker: a worker whose
        parent is gone ends. None: not known to it.
    """

    folder: Path
    parent: int | None = None

    def stop(self) -> None:
        """End the run."""
        with contextlib.suppress(OSError):  # the folder is gone: so is the run
            (self.folder / _STOP).touch()

    def is_stop_given(self) -> bool:
        """Whether somebody has ended the run."""
        return (self.folder / _STOP).exists()

    def stopped(self) -> bool:
        """Whether this worker is to end."""
        orphaned = self.parent is not None and os.getppid() != self.parent
        return orphaned or self.is_stop_given()

    def on_episode(self, ticks: int) -> None:
        """One more has ended."""
        self._append(_EPISODES, f"{ticks:0{_TICKS}d}\n")

    def on_reference(self) -> None:
        """The reference has been driven through one more."""
        self._append(_REFERENCES, "\n")

    def episodes(self, since: int) -> list[int]:
        """Ticks of the episodes that have ended, after the first `since` of them."""
        try:
            with (self.folder / _EPISODES).open("rb") as file:
                file.seek(since * (_TICKS + 1))
                return [int(line) for line in file.read().split(b"\n")[:-1]]
        except OSError:
            return []

    def references(self) -> int:
        """How many scenarios the reference has been driven through."""
        try:
            return (self.folder / _REFERENCES).stat().st_size
        except OSError:
            return 0

    def _append(self, name: str, text: str) -> None:
        with contextlib.suppress(OSError), (self.folder / name).open("ab", buffering=0) as file:
            file.write(text.encode())
