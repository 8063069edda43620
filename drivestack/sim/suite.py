"""Run suites: scenarios in tiles over processes, results in queue order, one run folder."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drivestack.core.errors import EnvironmentFault, InputError, unknown
from drivestack.core.start import EgoKind, Physics, Start, Traffic
from drivestack.core.tables import Plant
from drivestack.scenario.override import Override, load_with
from drivestack.stack import Latency
from drivestack.stack.recorded import check_recorded
from drivestack.world import WORLDS, check_start

from .driver import Driver, Kin, kin_of
from .interrupts import interrupts_held, interrupts_ignored
from .log import RunFolder
from .manifest import command, machine, versions
from .reference import NAME as REFERENCE_NAME
from .tile import Tile, TileResult, drive_tile

BATCH = 32
"""Scenarios in lockstep unless told otherwise."""

MOST_SLOTS, MOST_WORKERS = 65536, 256
"""A larger batch only costs memory; more processes than a machine has cores only cost time."""

MOST_SCENARIOS = 100_000
"""Of one run; a first state takes some 5 kB."""

_TILE = 2
"""A tile holds this many batches: slots are refilled, and a run is sealed in small steps."""

Progress = Callable[[int, int, int], None]
"""Told of finished episodes, all episodes, and physics ticks driven since the last call."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        episodes: one summary per scenario in queue order, the columns of episodes.parquet.
        seconds: wall time of the whole. compiling: of which this was spent on compiling kernels
        that were not in the cache, mean of the processes. reference: of which driving the reference
        took this, likewise. stages: wall time of each stage, all processes.
        folder: where the log is; None: nothing was written.
    """

    episodes: list[dict[str, Any]]
    seconds: float
    compiling: float
    reference: float
    stages: dict[str, float]
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run.

    Attributes:
        driver: who drives. backend: a name in the registry. batch: B. workers: processes.
        override: replaces values of the scenario files.
    """

    driver: Driver = field(default_factory=Driver)
    backend: str = "engine"
    batch: int = BATCH
    workers: int = 1
    override: Override = field(default_factory=Override)

    def __post_init__(self) -> None:
        if self.backend not in WORLDS:
            raise unknown("backend", self.backend, WORLDS)
        for name, most in (("batch", MOST_SLOTS), ("workers", MOST_WORKERS)):
            value = getattr(self, name)
            if not (isinstance(value, int) and 1 <= value <= most):
                raise InputError(f"{name} must be a whole number from 1 to {most}, got {value!r}")


def run(
    *paths: str | Path,
    stack: str = "idm",
    backend: str = "engine",
    batch: int = BATCH,
    workers: int = 1,
    out: str | Path | None = None,
    controller: str = "mpc",
    plan_latency: int = 0,
    control_latency: int = 0,
    seed: int | None = None,
    ego: str | None = None,
    plant: str | None = None,
    vehicle: str | None = None,
    traffic: str | None = None,
    smoothed: bool = False,
    physics: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run scenario files, suites or recordings.

    Args:
        paths: ``.yaml`` scenarios or suites, CommonRoad ``.xml`` or ``.xml.gz``.
        stack, backend: names. batch: scenarios in lockstep. workers: processes.
        out: the run folder, which must not exist; None: no log is written.
        controller: a name. plan_latency, control_latency: simulated, in ticks.
        seed, ego, plant, vehicle, traffic, physics: replace what the files say; a vehicle is the id
        of a recorded one, or all; traffic is what recorded vehicles do, replayed or reactive.
        smoothed: filter the tracks of recordings, which their files may ask for too.
        progress: called as episodes finish.

    Raises:
        InputError: one sentence; nothing has been written. KeyboardInterrupt: finished episodes
        are in the run folder, whose manifest says so.
    """
    override = Override(
        ego=_chosen("ego", EgoKind, ego),
        plant=_chosen_plant(plant),
        vehicle=_vehicle(vehicle),
        traffic=_chosen("traffic", Traffic, traffic),
        smoothing=True if smoothed else None,
        physics=_chosen("physics", Physics, physics),
        seed=seed,
    )
    driver = Driver(stack, controller, Latency(plan_latency, control_latency))
    settings = Settings(driver, backend, batch, workers, override)
    folder = None if out is None else RunFolder(Path(out))
    if folder is not None:
        folder.check_free()
    return run_starts(_all(paths, settings), settings, folder, progress)


def _all(paths: Sequence[str | Path], settings: Settings) -> list[Start]:
    """All first states of a run, each with an id of its own and fit for backend and stack.

    Raises:
        InputError: a file is wrong, nothing is to be run, or two scenarios have the same id.
    """
    if not paths:
        raise InputError("nothing to run; give a scenario, a suite or a recording")
    starts: dict[str, Start] = {}
    came_from: dict[str, str | Path] = {}
    sources = [(path, load_with(path, settings.override)) for path in paths]
    for path, source in sources:
        while (start := _next(source)) is not None:
            name = start.scenario
            if name in starts:
                where = "here" if came_from[name] == path else f"in {came_from[name]}"
                raise InputError(f"{path}: {name}: given twice, first {where}; ids must differ")
            if len(starts) == MOST_SCENARIOS:
                raise InputError(f"more than {MOST_SCENARIOS:,} scenarios; run them in parts")
            try:
                check_start(settings.backend, start)
                check_recorded(settings.driver.stack, start)
            except InputError as error:
                raise type(error)(f"{path}: {error}") from None
            starts[name], came_from[name] = start, path
    return list(starts.values())


def _next(source: Iterator[Start]) -> Start | None:
    """The next first state; compiled code turns Ctrl-C into errors of its own: it waits."""
    with interrupts_held():
        return next(source, None)


def run_starts(
    starts: Sequence[Start],
    settings: Settings,
    folder: RunFolder | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run first states; results stand in their order, whatever runs when."""
    begin = time.perf_counter()
    results: list[TileResult] = []
    interrupted = True
    tiles = _tiles(starts, settings, folder)
    if folder is not None:
        folder.claim()
    try:
        results.extend(_driven(tiles, settings, len(starts), progress))
        interrupted = False
    finally:
        seconds = time.perf_counter() - begin
        stages = _summed([result.seconds for result in results])
        if folder is not None:
            with interrupts_held():
                folder.finish(_manifest(starts, settings, interrupted, seconds, stages))
    episodes = sorted((row for r in results for row in r.summaries), key=lambda r: r["episode"])
    compiling = sum(result.compiling for result in results) / settings.workers
    reference = sum(result.reference for result in results) / settings.workers
    return Run(episodes, seconds, compiling, reference, stages, folder.path if folder else None)


def _tiles(starts: Sequence[Start], settings: Settings, folder: RunFolder | None) -> list[Tile]:
    """Scenarios that fit one batch together, in queue order, in tiles that keep all processes busy.

    Raises:
        InputError: the latencies do not fit a scenario's rates.
    """
    groups: dict[Kin, list[int]] = {}
    for number, start in enumerate(starts):
        groups.setdefault(kin_of(start), []).append(number)
    tiles: list[Tile] = []
    for numbers in groups.values():
        settings.driver.stack_for(starts[numbers[0]])
        share = -(-len(numbers) // settings.workers)
        size = max(min(_TILE * settings.batch, share), 1)
        for at in range(0, len(numbers), size):
            part = tuple(numbers[at : at + size])
            chosen = tuple(starts[number] for number in part)
            tiles.append(
                Tile(len(tiles), part, chosen, settings.driver, settings.backend, settings.batch,
                     folder)
            )  # fmt: skip
    return tiles


def _driven(
    tiles: Sequence[Tile], settings: Settings, total: int, progress: Progress | None
) -> Iterator[TileResult]:
    """Results in tile order; one worker is this process."""
    done = 0

    def tell(row: dict[str, Any]) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total, row["ticks"])

    if progress is not None:
        progress(0, total, 0)
    if settings.workers == 1:
        for tile in tiles:
            yield drive_tile(tile, tell)
        return
    for result in _shared_out(tiles, settings.workers):
        for row in result.summaries:
            tell(row)
        yield result


def _shared_out(tiles: Sequence[Tile], workers: int) -> Iterator[TileResult]:
    """Results of tiles that several processes drive; at Ctrl-C they hand over what they have."""
    import joblib

    parallel: Any = joblib.Parallel(min(workers, len(tiles)), return_as="generator")
    with tempfile.TemporaryDirectory() as place:
        stop = Path(place) / "stop"
        with interrupts_ignored():
            found = parallel(joblib.delayed(_in_worker)(replace(t, stop=stop)) for t in tiles)
        with interrupts_held(stop.touch), contextlib.closing(found):
            try:
                yield from found
            except BrokenProcessPool:
                raise EnvironmentFault(
                    "a worker process was killed, perhaps for want of memory; "
                    "try a smaller --batch or fewer --workers"
                ) from None


def _in_worker(tile: Tile) -> TileResult:
    """Drive a tile in a process of its own; joblib may have replaced a process meanwhile."""
    with interrupts_ignored():
        return drive_tile(tile)


def _manifest(
    starts: Sequence[Start],
    settings: Settings,
    interrupted: bool,
    seconds: float,
    stages: dict[str, float],
) -> dict[str, Any]:
    override = settings.override
    return {
        "versions": versions(),
        "machine": machine(),
        "command": command(),
        "interrupted": interrupted,
        "settings": {
            "stack": settings.driver.stack,
            "controller": settings.driver.controller,
            "plan_latency": settings.driver.latency.plan,
            "control_latency": settings.driver.latency.control,
            "backend": settings.backend,
            "batch": settings.batch,
            "workers": settings.workers,
            "seed": override.seed,
            "ego": override.ego.value if override.ego else None,
            "plant": override.plant.name.lower() if override.plant else None,
            "vehicle": override.vehicle,
            "smoothed": override.smoothing or False,
            "traffic": override.traffic.value if override.traffic else None,
            "physics": override.physics.value if override.physics else None,
        },
        "reference": REFERENCE_NAME,
        "frame": "ISO 8855, footprint centre, SI units, yaw in [-pi, pi)",
        "scenarios": len(starts),
        "sources": sorted({start.source for start in starts}),
        "seeds": sorted({start.seed for start in starts}),
        "wall_seconds": seconds,
        "stage_seconds": stages,
    }


def _summed(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for stage, seconds in part.items():
            total[stage] = total.get(stage, 0.0) + seconds
    return total


def _chosen(what: str, kinds: Any, name: str | None) -> Any:
    """A member of an enum of names, or None."""
    if name is None:
        return None
    if name not in list(kinds):
        raise unknown(what, name, [kind.value for kind in kinds])
    return kinds(name)


_LONGEST_ID = 18
"""Digits of an id that fits 64 bits."""


def _vehicle(name: str | None) -> int | str | None:
    """The id of a recorded vehicle as a number, where it is one."""
    number = name is not None and name.isdecimal() and len(name) <= _LONGEST_ID
    return int(name) if number else name  # pyright: ignore[reportArgumentType]


def _chosen_plant(name: str | None) -> Plant | None:
    """A plant by its lower-case name, or None."""
    if name is None:
        return None
    names = [plant.name.lower() for plant in Plant]
    if name not in names:
        raise unknown("plant", name, names)
    return Plant[name.upper()]
