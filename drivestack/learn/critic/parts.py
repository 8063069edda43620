"""Jobs, each done once, in one process or several: what is done is in files."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from drivestack.core.errors import InputError
from drivestack.safety.critic_network import Network
from drivestack.scenario.loader import Document
from drivestack.sim.files import written_whole

from . import samples
from .collecting import Job, collected, watched
from .families import families_in
from .samples import Samples
from .watching import Episodes

Advance = Callable[[str, int, int], None]
"""Told of a step's name, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A job for any process.

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


def done(works: Sequence[Work], workers: int, step: str, advance: Advance) -> None:
    """Do what is not done yet.

    Raises:
        KeyboardInterrupt: what was finished is in files.
    """
    left = [work for work in works if not _is_done(work)]
    ready = len(works) - len(left)
    advance(step, ready, len(works))
    if workers == 1:
        for number, work in enumerate(left):
            _do(work)
            advance(step, ready + number + 1, len(works))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        open_ones = {pool.submit(_do, work) for work in left}
        try:
            while open_ones:
                finished, open_ones = wait(open_ones, return_when=FIRST_COMPLETED)
                for one in finished:
                    one.result()
                    ready += 1
                    advance(step, ready, len(works))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def samples_of(works: Sequence[Work]) -> Samples:
    """What all of them have collected."""
    return Samples.joined([samples.none(), *(samples.read(work.part) for work in works)])


def episodes_of(works: Sequence[Work]) -> Episodes:
    """What all of them have watched; at least one."""
    return Episodes.joined([_read_episodes(work.episodes) for work in works])


def _is_done(work: Work) -> bool:
    wanted = [work.part] if work.network is None else [work.part, work.episodes]
    return all(path.exists() for path in wanted)


def _do(work: Work) -> None:
    document = _families(work.files)[work.job.family]
    if work.network is None:
        samples.write(work.part, collected(work.job, document))
        return
    found, episodes = watched(work.job, document, work.network)
    samples.write(work.part, found)
    with written_whole(work.episodes) as temporary, temporary.open("wb") as file:
        np.savez(file, **{f.name: getattr(episodes, f.name) for f in fields(episodes)})


@lru_cache(1)
def _families(files: tuple[str, ...]) -> dict[str, Document]:
    return families_in([Path(file) for file in files])


def _read_episodes(path: Path) -> Episodes:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            return Episodes(**{field.name: found[field.name] for field in fields(Episodes)})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path}: no episodes of this version: {error!s:.100}") from None
