"""Run suites: the queue in tiles over processes, results into one run folder, resumable."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.core.start import Start

from . import queue
from .choosing import only
from .claiming import claimed
from .interrupts import interrupts_held
from .journal import Journal, Sealed, header_in
from .log import RunFolder
from .manifest import command, config_hash, identity, machine, versions
from .meter import Meter
from .progress import Progress
from .queue import Given, Queue, Work, opened
from .reading import LoggedEpisodes, manifest_in
from .reference import name_of
from .settings import Settings, settings_of
from .tile import Tile, TileResult
from .vouching import check_whole
from .workers import driven

_TILE = 2
"""A tile holds this many batches: slots are refilled, and a run is sealed in small steps."""

_TILES_EACH = 4
"""Several processes share a short queue in at least so many tiles each: scenarios differ in
length, and with one tile each the whole run waits for the longest."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        episodes: one summary per scenario in queue order, the columns of episodes.parquet; where
        there is a folder they are read from it whenever they are asked for.
        seconds: wall time of the whole. compiling: of which this was spent on compiling kernels
        that were not in the cache, mean of the processes. reference: of which driving the reference
        took this, likewise. stages: wall time of each stage, all processes.
        folder: where the log is; None: nothing was written. digest: names the results.
        resumed: episodes that were there already, from before this call.
    """

    episodes: Sequence[dict[str, Any]]
    seconds: float
    compiling: float
    reference: float
    stages: dict[str, float]
    folder: Path | None
    digest: str = ""
    resumed: int = 0


def run(
    *paths: str | Path,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    **chosen: Any,
) -> Run:
    """Run scenario files, suites or recordings.

    Args:
        paths: ``.yaml`` scenarios or suites, CommonRoad ``.xml`` or ``.xml.gz``.
        out: the run folder, which must not exist; None: no log is written.
        resume: the folder may exist: go on where the same run stopped.
        progress: told of every step.
        chosen: names and numbers that `settings_of` takes: stack, backend, workers, shard, ...

    Raises:
        InputError: one sentence; nothing has been written. KeyboardInterrupt: finished episodes
        are in the run folder, whose manifest says so.
    """
    settings = settings_of(**chosen)
    if out is None and (resume or settings.cluster):
        raise InputError("resuming, and a cluster, need a run folder; give one with --out")
    folder = None if out is None else RunFolder(Path(out))
    if folder is not None and not (resume and os.path.lexists(folder.path)):
        folder.check_free()
    found = opened(paths, settings, progress)
    if settings.only:
        found = only(found, settings.only)
    return _run(_Job(settings, _header(found, settings), found), folder, resume, progress)


def resumed(path: str | Path, progress: Progress | None = None, **chosen: Any) -> Run:
    """Go on with the run in a folder; what is run is in its journal.

    Args:
        chosen: `batch`, `workers` and `cluster`, on which results do not depend.

    Raises:
        InputError: as `run`, or there is nothing to resume.
    """
    folder = Path(path).absolute()
    header = header_in(folder)
    if RunFolder(folder).is_finished():
        return finished_run(folder)
    try:
        begun_in = contextlib.chdir(header["folder"])
        with begun_in:
            return run(*header["paths"], out=folder, resume=True, progress=progress,
                       **header["settings"], **chosen)  # fmt: skip
    except FileNotFoundError:
        raise InputError(f"{path}: was begun in {header['folder']}, which is gone") from None


def run_starts(
    starts: Sequence[Start],
    settings: Settings,
    folder: RunFolder | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run first states that are in memory; results stand in their order, whatever runs when.

    Raises:
        InputError: the latencies do not fit the scenarios' rates.
    """
    settings.driver.stack_for(starts[0])
    return _run(_Job(settings, _header(None, settings), starts), folder, False, progress)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """What is to be run: a queue of files, or first states."""

    settings: Settings
    header: dict[str, Any]
    scenarios: Queue | Sequence[Start]

    @property
    def expected(self) -> int:
        """How many scenarios, by what is known before driving."""
        if isinstance(self.scenarios, Queue):
            return self.settings.shard.share(self.scenarios.expected)
        return len(self.scenarios)

    @property
    def tile_size(self) -> int:
        """Scenarios of a tile, so that all processes are busy until the end."""
        workers = self.settings.workers
        share = -(-self.expected // (1 if workers == 1 else _TILES_EACH * workers))
        return max(min(_TILE * self.settings.batch, share), 1)

    def tiles(self, size: int) -> Iterator[tuple[int, Work, int, int]]:
        """As `queue.tiles`."""
        if isinstance(self.scenarios, Queue):
            yield from queue.tiles(self.scenarios, self.settings, size)
            return
        for number, first in enumerate(range(0, len(self.scenarios), size)):
            starts = tuple(self.scenarios[first : first + size])
            numbers = tuple(range(first, first + len(starts)))
            yield number, Given(numbers, starts), len(starts), len(self.scenarios)


@dataclass(slots=True, eq=False)
class _Costs:
    """What a run has taken, over all its sessions.

    Attributes:
        seconds: wall time. compiling, reference: sums over processes. stages: likewise.
    """

    seconds: float = 0.0
    compiling: float = 0.0
    reference: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)

    @staticmethod
    def of(journal: Journal) -> _Costs:
        """Of the sessions before this one."""
        costs, sessions = _Costs(), dict[str, float]()
        for sealed in journal.sealed.values():
            costs.add(sealed)
            sessions[sealed.session] = max(sessions.get(sealed.session, 0.0), sealed.wall)
        costs.seconds = sum(sessions.values())
        return costs

    def add(self, part: Sealed | TileResult) -> None:
        """Those of one more tile."""
        self.compiling += part.compiling
        self.reference += part.reference
        for stage, seconds in part.stages.items():
            self.stages[stage] = self.stages.get(stage, 0.0) + seconds


def _run(job: _Job, folder: RunFolder | None, resume: bool, progress: Progress | None) -> Run:
    begin = time.perf_counter()
    meter = Meter(progress, job.expected)
    if folder is None:
        return _in_memory(job, meter, begin)
    first = next(job.tiles(1), None)
    if first is None:
        raise InputError(f"shard {job.settings.shard} holds none of the scenarios")
    size = job.tile_size
    with claimed(folder, {**job.header, "tile": size}, resume) as journal:
        if folder.is_finished():
            return finished_run(folder.path)
        return _logged(job, folder, journal, meter, begin)


def _in_memory(job: _Job, meter: Meter, begin: float) -> Run:
    costs, rows = _Costs(), list[dict[str, Any]]()
    meter.add(0, episodes=0)
    tiles = _tiles(job, job.tile_size, {}, None, meter)
    with contextlib.closing(driven(tiles, job.settings, meter, None)) as results:
        for result in results:
            costs.add(result)
            rows.extend(result.rows)
    costs.seconds = time.perf_counter() - begin
    rows.sort(key=lambda row: row["episode"])
    workers = job.settings.workers
    return Run(rows, costs.seconds, costs.compiling / workers, costs.reference / workers,
               costs.stages, None)  # fmt: skip


def _logged(job: _Job, folder: RunFolder, journal: Journal, meter: Meter, begin: float) -> Run:
    """Drive what the journal lacks, note every tile in it, and join the parts."""
    costs = _Costs.of(journal)
    before, already = costs.seconds, sum(sealed.episodes for sealed in journal.sealed.values())
    meter.add(0, episodes=already)

    def manifest(interrupted: bool) -> dict[str, Any]:
        costs.seconds = before + time.perf_counter() - begin
        return _manifest(job, journal, costs, interrupted)

    tiles = _tiles(job, journal.header["tile"], journal.sealed, folder, meter)
    try:
        with contextlib.closing(driven(tiles, job.settings, meter, folder.path)) as results:
            for result in results:
                costs.add(result)
                if not result.whole:
                    continue
                with folder.faults_told():
                    journal.add(_sealed(result, folder, time.perf_counter() - begin))
    except BaseException:
        # what is on the disk is worth more than tables of it, which a full disk has no room for
        with interrupts_held(), contextlib.suppress(EnvironmentFault):
            folder.finish(journal.sealed, manifest(True))
        raise
    with interrupts_held():
        folder.finish(journal.sealed, manifest(False))
    return finished_run(folder.path, already)


def _sealed(result: TileResult, folder: RunFolder, wall: float) -> Sealed:
    return Sealed(
        tile=result.number,
        episodes=result.episodes,
        ticks=result.ticks,
        parts=result.parts,
        session=folder.session,
        wall=wall,
        stages=result.stages,
        compiling=result.compiling,
        reference=result.reference,
    )


def finished_run(folder: Path, resumed: int | None = None) -> Run:
    """A run read from its folder.

    Args:
        resumed: episodes from before this call; None: all of them, so it is checked what has become
        of them since.

    Raises:
        InputError: it is not finished, or damaged.
    """
    facts = manifest_in(folder)
    if facts is None:
        raise InputError(f"{folder}: has no manifest, so the run is not finished")
    if resumed is None:
        check_whole(folder, facts)
    episodes = LoggedEpisodes(folder)
    return Run(
        episodes,
        facts["wall_seconds"],
        facts["compile_seconds"],
        facts["reference_seconds"],
        facts["stage_seconds"],
        folder,
        facts["digest"],
        len(episodes) if resumed is None else resumed,
    )


def _tiles(
    job: _Job,
    size: int,
    sealed: dict[int, Sealed],
    folder: RunFolder | None,
    meter: Meter,
) -> Iterator[Tile]:
    """Tiles that have not been sealed, as they are asked for."""
    driver, backend, batch = job.settings.driver, job.settings.backend, job.settings.batch
    for number, work, _, total in job.tiles(size):
        meter.total = total
        if number not in sealed:
            yield Tile(
                number,
                work,
                driver,
                backend,
                batch,
                folder,
                job.settings.reference,
                job.settings.twins,
            )


def _header(found: Queue | None, settings: Settings) -> dict[str, Any]:
    """What a journal pins: with it the results are the same, whoever goes on."""
    sources = () if found is None else found.sources
    return {
        "paths": [source.path for source in sources],
        "folder": os.getcwd(),
        "settings": settings.decisive(),
        "files": dict(sorted(itertools.chain(*(source.pins for source in sources)))),
        "versions": {**versions(), **identity()},
    }


def _manifest(job: _Job, journal: Journal, costs: _Costs, interrupted: bool) -> dict[str, Any]:
    settings = job.settings
    return {
        "versions": versions(),
        "machine": machine(),
        "command": command(),
        "config_hash": config_hash(journal.header),
        "paths": journal.header["paths"],
        "interrupted": interrupted,
        "settings": {
            **settings.decisive(),
            "batch": settings.batch,
            "workers": settings.workers,
            "cluster": settings.cluster,
        },
        "files": journal.header["files"],
        "reference": name_of(settings.reference),
        "frame": "ISO 8855, footprint centre, SI units, yaw in [-pi, pi)",
        "wall_seconds": costs.seconds,
        "compile_seconds": costs.compiling / settings.workers,
        "reference_seconds": costs.reference / settings.workers,
        "stage_seconds": costs.stages,
    }
