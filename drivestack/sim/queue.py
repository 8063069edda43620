"""The queue of a run: the scenarios that files stand for, numbered, made when their turn comes.

A number is given by arithmetic over the files' grids; no scenario is made for it. The process that
drives a scenario makes it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from drivestack.core.errors import DrivestackError, InputError
from drivestack.core.start import Start
from drivestack.scenario.expand import (
    Case,
    case_at,
    combinations,
    common_name,
    included,
    name_at,
)
from drivestack.scenario.files import files_read
from drivestack.scenario.limits import added_size
from drivestack.scenario.loader import Document
from drivestack.scenario.override import Override, documents_with
from drivestack.scenario.pins import changed, pins_of
from drivestack.scenario.resolve import first_case, first_start, may_be_several, resolve, starts_in
from drivestack.scenario.schema import Scenario
from drivestack.stack.recorded import check_recorded
from drivestack.world import check_start

from .interrupts import interrupts_held
from .progress import Advance, Phase, Progress
from .settings import Settings, Shard

_FILES_KEPT = 64
"""Files whose documents a process keeps; scenarios come file by file."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A scenario whose turn has come.

    Attributes:
        number: in the queue. start: its first state; where it could not be made, that of its
        document's first case under its own id. fault: why it could not be made, or empty.
    """

    number: int
    start: Start
    fault: str = ""


class Work(Protocol):
    """Scenarios that are driven together; crosses process borders."""

    def made(self) -> Iterator[Made]:
        """Each of them, by number."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """First states that somebody has made already."""

    numbers: tuple[int, ...]
    starts: tuple[Start, ...]

    def made(self) -> Iterator[Made]:
        """Each of them."""
        yield from map(Made, self.numbers, self.starts)


@dataclass(frozen=True, slots=True)
class Source:
    """A file given by the user, as every process reads it.

    Attributes:
        path: as given. override: replaces values of it. pins: files that it consists of and their
        checksums; a file that has changed since is refused.
    """

    path: str
    override: Override
    pins: tuple[tuple[str, str], ...]

    def documents(self) -> Sequence[Document]:
        """Its scenarios before they are varied."""
        return _documents(self)


@functools.lru_cache(_FILES_KEPT)
def _documents(source: Source) -> Sequence[Document]:
    """Raises InputError where a file is no longer what it was when the run began."""
    found = documents_with(source.path, source.override)
    name = changed(dict(source.pins))
    if name is not None:
        raise InputError(f"{name}: changed while the run was going on")
    return found


@functools.lru_cache(_FILES_KEPT)
def _first(source: Source, document: int) -> Start:
    """The first state of a document's first case."""
    return first_start(_documents(source)[document])


@dataclass(frozen=True, slots=True)
class Pick:
    """A scenario of the queue that has not been made.

    Attributes:
        number: in the queue. file: place among the files. document: in the file. combination: of
        its variations. place: among the first states of that case.
    """

    number: int
    file: int
    document: int
    combination: int
    place: int


@dataclass(frozen=True, slots=True)
class Picked:
    """Scenarios to be made from files."""

    sources: tuple[Source, ...]
    picks: tuple[Pick, ...]
    settings: Settings

    def made(self) -> Iterator[Made]:
        """Each of them; one that cannot be made does not stop the rest."""
        for pick in self.picks:
            yield self._make(self.sources[pick.file], pick)

    def _make(self, source: Source, pick: Pick) -> Made:
        document = source.documents()[pick.document]
        try:
            start = _resolved(document, pick)
            check_fit(self.settings, start)
            return Made(pick.number, start)
        except Exception as error:
            name, seed = name_at(document, pick.combination)
            first = _first(source, pick.document)
            return Made(pick.number, replace(first, scenario=name, seed=seed), sentence(error))


def _resolved(document: Document, pick: Pick) -> Start:
    case = case_at(document, pick.combination)
    for place, start in enumerate(resolve(case)):
        if place == pick.place:
            return start
    raise InputError(f"{case.id}: has fewer first states than when the run began")


def sentence(error: Exception) -> str:
    """What is recorded of an exception: one line."""
    text = " ".join(str(error).split())
    return text if isinstance(error, DrivestackError) else f"{type(error).__name__}: {text}"


def check_fit(settings: Settings, start: Start) -> None:
    """Raise InputError unless backend and stack can take a scenario."""
    check_start(settings.backend, start)
    check_recorded(settings.driver.stack, start)


@dataclass(frozen=True, slots=True)
class Queue:
    """All scenarios of some files.

    Attributes:
        sources: the files. sizes: scenarios of each document, by file, before exclusions.
        chosen: those that are run, in order; None: all.
    """

    sources: tuple[Source, ...]
    sizes: tuple[tuple[int, ...], ...]
    chosen: tuple[Pick, ...] | None = None

    @property
    def expected(self) -> int:
        """How many there are, before exclusions."""
        if self.chosen is not None:
            return len(self.chosen)
        return sum(sum(sizes) for sizes in self.sizes)

    def picks(self) -> Iterator[tuple[Pick, int]]:
        """Every scenario in order, and how many there are by what is known by then."""
        number, expected = 0, self.expected
        if self.chosen is not None:
            yield from ((pick, expected) for pick in self.chosen)
            return
        for file, sizes in enumerate(self.sizes):
            for place, size in enumerate(sizes):
                document = self.sources[file].documents()[place]
                before = number
                for combination in included(document):
                    for start in range(_starts_in(document, combination)):
                        yield Pick(number, file, place, combination, start), expected
                        number += 1
                expected += number - before - size


def _starts_in(document: Document, combination: int) -> int:
    """First states of a case; a case that cannot be made is one, which will fail."""
    if not may_be_several(document):
        return 1
    try:
        return starts_in(case_at(document, combination))
    except Exception:
        return 1


def opened(
    paths: Sequence[str | Path], settings: Settings, progress: Progress | None = None
) -> Queue:
    """The queue of some files, with everything checked that can be before driving.

    Raises:
        InputError: a file, or the first case of a scenario in it, is wrong; nothing is to be run;
        two scenarios have the same id; there are too many.
    """
    if not paths:
        raise InputError("nothing to run; give a scenario, a suite or a recording")
    names = _Names()
    sources: list[Source] = []
    sizes: list[tuple[int, ...]] = []
    total = 0
    for path in map(str, paths):
        with files_read() as read:
            documents = documents_with(path, settings.override)
            total = added_size(path, documents, total)
            counts: list[int] = []
            for document in documents:
                names.add(path, document.scenario)
                case = first_case(document)  # plain Python: Ctrl-C strikes at once
                with interrupts_held():
                    counts.append(_checked(path, document, case, settings))
                if progress is not None:
                    told = sum(map(len, sizes)) + len(counts)
                    left = len(documents) - len(counts)
                    progress(Advance(Phase.CHECKING, told, told + left))
        sizes.append(tuple(counts))
        pins = pins_of(path, documents, read)
        sources.append(Source(path, settings.override, tuple(pins.items())))
    return Queue(tuple(sources), tuple(sizes))


def _checked(path: str, document: Document, case: Case, settings: Settings) -> int:
    """Check the first case; how many scenarios there may be."""
    start = first_start(document, case)
    try:
        check_fit(settings, start)
    except InputError as error:
        raise type(error)(f"{path}: {error}") from None
    settings.driver.stack_for(start)
    return combinations(document) * (starts_in(case) if may_be_several(document) else 1)


class _Names:
    """Ids are told apart without making them: by document, seeds and axes."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], list[tuple[str, Scenario]]] = {}

    def add(self, path: str, scenario: Scenario) -> None:
        """Take a document in; raises InputError if a case of it has an id that is taken."""
        beside = self._seen.setdefault((scenario.id, scenario.version), [])
        for other_path, other in beside:
            name = common_name(scenario, other)
            if name is not None:
                where = "here" if path == other_path else f"in {other_path}"
                raise InputError(f"{path}: {name}: given twice, first {where}; ids must differ")
        beside.append((path, scenario))


def tiles(queue: Queue, settings: Settings, size: int) -> Iterator[tuple[int, Work, int, int]]:
    """The queue cut into tiles.

    Yields:
        number of the tile, its scenarios, how many they are, and how many there are in all by
        what is known by then.
    """
    picks: list[Pick] = []
    number, seen, expected = 0, 0, queue.expected
    shard: Shard = settings.shard
    for pick, expected in queue.picks():
        if not shard.holds(pick.number):
            continue
        picks.append(pick)
        seen += 1
        if len(picks) == size:
            yield number, _picked(queue, picks, settings), size, shard.share(expected)
            number, picks = number + 1, []
    if picks:
        yield number, _picked(queue, picks, settings), len(picks), seen


def _picked(queue: Queue, picks: Sequence[Pick], settings: Settings) -> Picked:
    """Work that names no more files than it needs."""
    needed = sorted({pick.file for pick in picks})
    sources = tuple(queue.sources[file] for file in needed)
    own = tuple(replace(pick, file=needed.index(pick.file)) for pick in picks)
    return Picked(sources, own, settings)
