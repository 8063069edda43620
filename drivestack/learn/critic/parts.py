"""Jobs as tasks for any process, and what they leave in files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from drivestack.core.errors import InputError
from drivestack.learn.families import families_of
from drivestack.safety.critic_network import Network
from drivestack.sim.files import written_whole

from . import samples
from .collecting import Job, collected, watched
from .samples import Samples
from .watching import Episodes


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A job for any process (`learn.pool.Task`).

    Attributes:
        files: of scenarios. folder: where parts go. network: to ask about plans, or none.
    """

    job: Job
    files: tuple[str, ...]
    folder: Path
    network: Network | None = None

    @property
    def part(self) -> Path:
        """The file of its samples."""
        return self.folder / f"{self.job.name}.npz"

    @property
    def episodes(self) -> Path:
        """The file of its episodes."""
        return self.folder / f"{self.job.name}.episodes.npz"

    def is_done(self) -> bool:
        """Whether its files are there."""
        wanted = [self.part] if self.network is None else [self.part, self.episodes]
        return all(path.exists() for path in wanted)

    def do(self) -> None:
        """Drive, and write what was collected and watched."""
        document = families_of(self.files)[self.job.family]
        if self.network is None:
            samples.write(self.part, collected(self.job, document))
            return
        found, episodes = watched(self.job, document, self.network)
        samples.write(self.part, found)
        with written_whole(self.episodes) as temporary, temporary.open("wb") as file:
            np.savez(file, **{f.name: getattr(episodes, f.name) for f in fields(episodes)})


def samples_of(works: Sequence[Work]) -> Samples:
    """What all of them have collected."""
    return Samples.joined([samples.none(), *(samples.read(work.part) for work in works)])


def episodes_of(works: Sequence[Work]) -> Episodes:
    """What all of them have watched; at least one."""
    return Episodes.joined([_read_episodes(work.episodes) for work in works])


def _read_episodes(path: Path) -> Episodes:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            return Episodes(**{field.name: found[field.name] for field in fields(Episodes)})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: no episodes of this version: {error!s:.100}") from None
