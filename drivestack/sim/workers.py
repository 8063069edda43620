"""Tiles over processes: this one, several of this machine, or those of a cluster."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Generator, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from drivestack.core.errors import EnvironmentFault

from .interrupts import interrupts_held, signals_ignored
from .meter import Meter
from .settings import Settings
from .signals import PREFIX, Signals
from .tile import Tile, TileResult, drive_tile

_LOOK = 0.2
"""How often the first process looks how far its workers are [s]."""

_AHEAD = "2*n_jobs"
"""Tiles handed out at a time: the queue is never in memory."""


def driven(
    tiles: Iterator[Tile], settings: Settings, meter: Meter, folder: Path | None
) -> Generator[TileResult]:
    """Results as tiles finish, in any order; one worker is this process.

    Ctrl-C ends the run at the next tick and not at once: extension modules, and those that compile
    kernels, make errors of it or lose it. Close what is not read to its end.

    Args:
        folder: of the run; workers on other machines see it under the same path.
    """
    if settings.workers == 1 and settings.cluster is None:
        yield from _alone(tiles, meter)
        return
    # only the run folder is certain to be seen by all machines of a cluster
    place = None if settings.cluster is None else folder
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place) as signals, _engine(settings):
        parent = os.getpid() if settings.cluster is None else None
        yield from _shared_out(tiles, settings.workers, meter, Signals(Path(signals), parent))


def _alone(tiles: Iterator[Tile], meter: Meter) -> Iterator[TileResult]:
    """Results of tiles that this process drives; at Ctrl-C it hands over what it has."""
    with interrupts_held(meter.stop):
        for tile in tiles:
            yield drive_tile(tile, meter)
            if meter.stopped():
                return


def _shared_out(
    tiles: Iterator[Tile], workers: int, meter: Meter, signals: Signals
) -> Iterator[TileResult]:
    """Results of tiles that several processes drive; at Ctrl-C they hand over what they have."""
    import joblib

    feed = _Feed(tiles, signals)
    engine: Any = joblib.Parallel
    parallel = engine(workers, return_as="generator_unordered", pre_dispatch=_AHEAD, batch_size=1)
    with interrupts_held(signals.stop):
        with signals_ignored():
            found = parallel(joblib.delayed(_in_worker)(tile, signals) for tile in feed)
        with contextlib.closing(found), _watching(signals, meter):
            try:
                yield from found
            except BrokenProcessPool:
                if not signals.is_stop_given():  # else whoever ended the run killed them too
                    raise EnvironmentFault(
                        "a worker process was killed, perhaps for want of memory; "
                        "try a smaller --batch or fewer --workers"
                    ) from None
    feed.raise_fault()


def _in_worker(tile: Tile, signals: Signals) -> TileResult:
    """Drive a tile in a process of its own; joblib may have replaced a process meanwhile."""
    with signals_ignored():
        return drive_tile(tile, signals)


class _Feed:
    """Tiles until the run is to end; joblib asks for them in a thread that must not raise."""

    def __init__(self, tiles: Iterator[Tile], signals: Signals) -> None:
        self._tiles, self._signals = tiles, signals
        self._fault: Exception | None = None

    def __iter__(self) -> Iterator[Tile]:
        try:
            for tile in self._tiles:
                if self._signals.is_stop_given():
                    return
                yield tile
        except Exception as error:
            self._fault = error

    def raise_fault(self) -> None:
        """Raise what making the tiles raised."""
        if self._fault is not None:
            raise self._fault


@contextlib.contextmanager
def _watching(signals: Signals, meter: Meter) -> Iterator[None]:
    """A thread that tells the meter what the workers count."""
    over = threading.Event()

    def watch() -> None:
        episodes = references = 0
        ended = False
        while not ended:
            ended = over.wait(_LOOK)
            ticks, driven = signals.episodes(episodes), signals.references()
            if ticks or driven > references:
                meter.add(sum(ticks), len(ticks), driven - references)
            episodes, references = episodes + len(ticks), driven

    thread = threading.Thread(target=watch, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _engine(settings: Settings) -> contextlib.AbstractContextManager[Any]:
    """What starts the processes: joblib's own, or Ray on whatever cluster it finds.

    Raises:
        EnvironmentFault: Ray is not installed.
    """
    if settings.cluster is None:
        return contextlib.nullcontext()
    import joblib

    try:
        from ray.util.joblib.ray_backend import RayBackend  # pyright: ignore
    except ImportError:
        raise EnvironmentFault(
            "--cluster ray needs the package ray; pip install 'drivestack[cluster]'"
        ) from None

    class Streaming(RayBackend):
        """Ray's backend, which hands over results as they come but does not say so."""

        supports_return_generator = True

    joblib.register_parallel_backend("ray", Streaming)
    return joblib.parallel_config(backend="ray")
