"""One tile of a run: scenarios that one process makes, drives and seals together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from drivestack.core.compiled import compile_seconds
from drivestack.core.episode import Episode, Outcome
from drivestack.core.protocols import Sink
from drivestack.core.start import Start
from drivestack.world import build_world

from .driver import Driver, Kin, kin_of
from .interrupts import interrupts_held
from .interventions.following import Following
from .interventions.twins import Twins
from .journal import Part
from .log import RunFolder
from .queue import Made, Work, sentence
from .recorder import Recorder
from .reference import REFERENCE, references
from .rows import EpisodeRows, MadeBy, rows_of
from .runner import Brancher, Lockstep


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Work for one process.

    Attributes:
        number: of the tile. work: its scenarios. driver: who drives. backend: name. batch: B.
        folder: where to seal it; None: nowhere, the rows are handed back.
        reference: whom progress is compared with.
        twins: how those of interventions are driven; None: not at all.
    """

    number: int
    work: Work
    driver: Driver
    backend: str
    batch: int
    folder: RunFolder | None
    reference: Driver = REFERENCE
    twins: Twins | None = None


class Listener(Protocol):
    """Whoever is told how a tile goes on, and may end it."""

    def on_episode(self, ticks: int) -> None:
        """An episode of so many ticks has ended."""
        ...

    def on_reference(self) -> None:
        """The reference has been driven through one scenario."""
        ...

    def stopped(self) -> bool:
        """Whether the run is to end; asked at every tick."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class TileResult:
    """What a process hands back.

    Attributes:
        number: of the tile. whole: whether all its scenarios have ended. episodes: that have.
        ticks: physics ticks of them. rows: their summaries in queue order, unless they are sealed.
        parts: what was sealed. stages: wall time of each stage. compiling: of which the process
        spent this on compiling. reference: what driving the reference took [s].
    """

    number: int
    whole: bool
    episodes: int
    ticks: int
    rows: tuple[dict[str, Any], ...]
    parts: tuple[Part, ...]
    stages: dict[str, float]
    compiling: float
    reference: float


def drive_tile(tile: Tile, listener: Listener) -> TileResult:
    """Drive a tile and seal what has finished, also when interrupted or told to stop.

    If a batch raises, its unfinished scenarios are driven one by one, and those that raise again
    are recorded as failed: an episode does not depend on its batch, so nothing else changes.
    """
    return _Drive(tile, listener).run()


class _Drive:
    """A tile being driven: groups of equal rates after each other."""

    def __init__(self, tile: Tile, listener: Listener) -> None:
        self._tile, self._listener = tile, listener
        self._done: list[EpisodeRows] = []
        self._stages: dict[str, float] = {}
        self._reference = 0.0

    def run(self) -> TileResult:
        """All of it."""
        before, whole = compile_seconds(), False
        parts: tuple[Part, ...] = ()
        try:
            for group in self._groups():
                self._group(group)
            whole = True
        except _Stopped:
            pass
        finally:
            self._done.sort(key=lambda rows: rows.number)
            if self._tile.folder is not None:
                with interrupts_held():  # a second one, within a query, would be an error
                    parts = self._tile.folder.seal(self._tile.number, self._done)
        kept = () if self._tile.folder is not None else tuple(r.summary for r in self._done)
        return TileResult(
            number=self._tile.number,
            whole=whole,
            episodes=len(self._done),
            ticks=sum(rows.summary["ticks"] for rows in self._done),
            rows=kept,
            parts=parts,
            stages=self._stages,
            compiling=compile_seconds() - before,
            reference=self._reference,
        )

    def _groups(self) -> list[list[Made]]:
        """Scenarios that fit one batch together; those that could not be made by themselves."""
        groups: dict[Kin | None, list[Made]] = {}
        for made in self._tile.work.made():
            _stop_if_told(self._listener)
            groups.setdefault(None if made.fault else kin_of(made.start), []).append(made)
        return list(groups.values())

    def _group(self, group: Sequence[Made]) -> None:
        tile, starts = self._tile, [made.start for made in group]
        fit = not group[0].fault
        ears: list[Sink] = [_Watch(self._listener), _References(self._listener)]
        compared = references(
            starts if fit else (), tile.driver, tile.backend, tile.batch, ears, tile.reference
        )
        self._reference += compared.seconds

        def keep(place: int, episode: Episode) -> None:
            made_by = MadeBy(tile.driver, tile.backend, compared.of(place))
            rows = rows_of(group[place].number, episode, made_by)
            self._done.append(rows)
            following.ended(place, episode, rows)
            self._listener.on_episode(rows.summary["ticks"])

        recorder = Recorder(starts, keep)
        following = Following(
            tile.twins, tile.driver, starts[0], lambda: _stop_if_told(self._listener)
        )
        try:
            if fit:
                self._drive(group, recorder, following)
                following.settle()
            else:
                for place, made in enumerate(group):
                    recorder.on_end(place, Outcome.FAILED, made.fault)
        finally:
            for stage, seconds in recorder.seconds.items():
                self._stages[stage] = self._stages.get(stage, 0.0) + seconds

    def _drive(self, group: Sequence[Made], recorder: Recorder, following: Following) -> None:
        starts = [made.start for made in group]
        try:
            brancher = following.brancher(list(range(len(starts))))
            self._lockstep(starts, recorder, brancher).run(self._tile.batch)
            return
        except Exception:
            recorder.drop()
        finished = {rows.number for rows in self._done}
        for place, made in enumerate(group):
            if made.number in finished:
                continue
            alone = _Renumbered(recorder, place)
            try:
                self._lockstep((made.start,), alone, following.brancher([place])).run(1)
            except Exception as error:
                recorder.on_end(place, Outcome.FAILED, sentence(error))

    def _lockstep(self, starts: Sequence[Start], sink: Any, brancher: Brancher | None) -> Lockstep:
        driver = self._tile.driver
        world = build_world(self._tile.backend)
        told = [driver.start_for(start) for start in starts]
        stack = driver.stack_in(told[0], world)
        watch = _Watch(self._listener)
        return Lockstep(world, stack, told, [sink, watch], brancher)


class _Stopped(BaseException):
    """The run is to end; not an error of any episode."""


def _stop_if_told(listener: Listener) -> None:
    if listener.stopped():
        raise _Stopped


class _Watch:
    """A sink that ends the run when it is told to."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def on_tick(self, slots: Any, scene: Any, decision: Any) -> None:
        """Look."""
        _stop_if_told(self._listener)

    def on_end(self, slot: int, outcome: Any) -> None:
        """Nothing to do."""


class _References:
    """A sink that tells of every scenario that the reference has been driven through."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def on_tick(self, slots: Any, scene: Any, decision: Any) -> None:
        """Nothing to do."""

    def on_end(self, slot: int, outcome: Any) -> None:
        """Tell."""
        self._listener.on_reference()


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
