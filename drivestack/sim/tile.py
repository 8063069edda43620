"""One tile of a run: scenarios that fit one batch, driven by one process, sealed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivestack.core.compiled import compile_seconds
from drivestack.core.episode import Episode, Outcome
from drivestack.core.errors import DrivestackError
from drivestack.core.protocols import Sink
from drivestack.core.start import Start
from drivestack.stack.recorded import told_to
from drivestack.world import build_world

from .driver import Driver
from .log import RunFolder
from .recorder import Recorder
from .reference import references
from .rows import EpisodeRows, MadeBy, rows_of
from .runner import Lockstep


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Work for one process.

    Attributes:
        number: of the tile. numbers: queue numbers of its scenarios. starts: the scenarios.
        driver: who drives. backend: name. batch: B. folder: where to seal it; None: nowhere.
        stop: a file that appears when the run is to end; None: Ctrl-C reaches this process.
    """

    number: int
    numbers: tuple[int, ...]
    starts: tuple[Start, ...]
    driver: Driver
    backend: str
    batch: int
    folder: RunFolder | None
    stop: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TileResult:
    """What a process hands back.

    Attributes:
        summaries: in queue order. seconds: wall time of each stage. compiling: of which the
        process spent this on compiling. reference: what driving the reference took [s].
    """

    summaries: list[dict[str, Any]]
    seconds: dict[str, float]
    compiling: float
    reference: float


def drive_tile(
    tile: Tile, on_episode: Callable[[dict[str, Any]], None] | None = None
) -> TileResult:
    """Drive a tile and seal what has finished, also when interrupted or told to stop.

    If a batch raises, its unfinished scenarios are driven one by one, and those that raise again
    are recorded as failed: an episode does not depend on its batch, so nothing else changes.
    """
    before = compile_seconds()
    try:
        compared = references(tile.starts, tile.driver, tile.backend, tile.batch, _watch(tile))
    except _Stopped:
        return TileResult([], {}, compile_seconds() - before, 0.0)
    done: list[EpisodeRows] = []

    def keep(place: int, episode: Episode) -> None:
        made_by = MadeBy(tile.driver, tile.backend, compared.of(place))
        done.append(rows_of(tile.numbers[place], episode, made_by))
        if on_episode is not None:
            on_episode(done[-1].summary)

    recorder = Recorder(tile.starts, keep)
    try:
        _drive_all(tile, recorder, done)
    except _Stopped:
        pass
    finally:
        if tile.folder is not None:
            tile.folder.seal(tile.number, done)
    summaries = sorted((rows.summary for rows in done), key=lambda row: row["episode"])
    compiling = compile_seconds() - before
    return TileResult(summaries, recorder.seconds, compiling, compared.seconds)


def _drive_all(tile: Tile, recorder: Recorder, done: list[EpisodeRows]) -> None:
    try:
        _lockstep(tile, tile.starts, recorder).run(tile.batch)
        return
    except Exception:
        recorder.drop()
    finished = {rows.number for rows in done}
    for place, start in enumerate(tile.starts):
        if tile.numbers[place] in finished:
            continue
        alone = _Renumbered(recorder, place)
        try:
            _lockstep(tile, (start,), alone).run(1)
        except Exception as error:
            recorder.on_end(place, Outcome.FAILED, _sentence(error))


def _lockstep(tile: Tile, starts: Sequence[Start], sink: Any) -> Lockstep:
    stack = tile.driver.stack_for(starts[0])
    told = [told_to(tile.driver.stack, start) for start in starts]
    return Lockstep(build_world(tile.backend), stack, told, [sink, *_watch(tile)])


def _watch(tile: Tile) -> list[Sink]:
    """The sink that lets others end the run, if there are any."""
    return [] if tile.stop is None else [_Watch(tile.stop)]


class _Stopped(BaseException):
    """The run is to end; not an error of any episode."""


class _Watch:
    """A sink that ends the loop when a file appears."""

    def __init__(self, stop: Path) -> None:
        self._stop = stop

    def on_tick(self, slots: Any, scene: Any, decision: Any) -> None:
        """Look for the file."""
        if self._stop.exists():
            raise _Stopped

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""


def _sentence(error: Exception) -> str:
    """What is recorded of an exception: one line."""
    text = " ".join(str(error).split())
    return text if isinstance(error, DrivestackError) else f"{type(error).__name__}: {text}"


class _Renumbered:
    """A sink that tells another one about a single scenario under its place in the tile."""

    def __init__(self, sink: Recorder, place: int) -> None:
        self._sink, self._place = sink, place

    def on_tick(self, slots: Any, scene: Any, decision: Any) -> None:
        """Pass a tick on."""
        told = slots.copy()
        told[slots >= 0] = self._place
        self._sink.on_tick(told, scene, decision)

    def on_end(self, slot: int, outcome: Any) -> None:
        """Pass an end on."""
        self._sink.on_end(self._place, outcome)
