"""From concrete scenarios to first states, through the registry of sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from drivestack.core.errors import InputError
from drivestack.core.start import Start

from .expand import Case, cases
from .loader import Document
from .places import locate, problem
from .sources import COUNTED, SOURCES


def starts(documents: Sequence[Document]) -> Iterator[Start]:
    """All first states, lazily and in order; errors that can be found early are raised at once.

    Every variation is checked, and the first case of every document is resolved, before the first
    state is handed out.

    Raises:
        InputError: one sentence with the place.
    """
    for document in documents:
        first_start(document)
    return (start for document in documents for case in cases(document) for start in resolve(case))


def resolve(case: Case) -> Iterator[Start]:
    """The first states of one concrete scenario; several only if its source has several."""
    found = SOURCES[case.scenario.map.kind](case)
    sensing = case.scenario.sensing
    if sensing is None:
        return found
    sensor = sensing.sensor()
    return (replace(start, sensing=sensor) for start in found)


def first_case(document: Document) -> Case:
    """A document's first case, after a check of every variation; exclusions may be many.

    Raises:
        InputError: a variation or the case is wrong, or there is none.
    """
    first = next(cases(document), None)
    if first is None:
        place, field = locate(document.block, ("exclude",))
        raise problem(place, field, "every combination is excluded")
    return first


def first_start(document: Document, case: Case | None = None) -> Start:
    """The first state of a document's first case.

    Args:
        case: that one, if it has been made.

    Raises:
        InputError: as `first_case`, or there is none.
    """
    first = first_case(document) if case is None else case
    start = next(resolve(first), None)
    if start is None:
        raise InputError(f"{document.block.place}: {first.id}: nothing to run")
    return start


def starts_in(case: Case) -> int:
    """How many first states a concrete scenario has."""
    kind = case.scenario.map.kind
    return COUNTED[kind](case) if kind in COUNTED else 1


def may_be_several(document: Document) -> bool:
    """Whether cases of a document may have several first states."""
    return document.scenario.map.kind in COUNTED
