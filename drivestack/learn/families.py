"""Scenario families to learn from, and which of their cases belong to which seeds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import InputError, unknown
from drivestack.core.rng import stream
from drivestack.core.start import Start
from drivestack.scenario.expand import case_at, included
from drivestack.scenario.loader import Document, documents
from drivestack.scenario.map_schema import HighwayEnvMap
from drivestack.scenario.override import Override, overridden
from drivestack.scenario.resolve import resolve
from drivestack.scenario.variation import Range
from drivestack.sim.driver import Kin, kin_of

TRAINING, CALIBRATION, REPORT = range(8000), range(8000, 9000), range(9000, 10_000)
"""Seeds that weights, calibration and thresholds, and printed figures are made of."""

_SHARES = 10
"""A family without random numbers has the same cases for every seed: they are dealt out to as many
shares of a thousand seeds. Where there are fewer, all seeds share them (`shares_cases`)."""


def families_in(files: Sequence[Path]) -> dict[str, Document]:
    """The scenarios of some files by their ids; raises InputError."""
    found = (document for file in files for document in documents(file))
    return {document.scenario.id: document for document in found}


def left_out(
    families: dict[str, Document], named: Sequence[str] | None, usual: Sequence[str]
) -> tuple[str, ...]:
    """Families that are not to be learned from: those named, or the usual ones that are there.

    Raises:
        InputError: one that is named is none, or none is left.
    """
    unseen = [name for name in usual if name in families] if named is None else named
    check_unseen(families, unseen)
    return tuple(unseen)


def check_unseen(families: dict[str, Document], unseen: Sequence[str]) -> None:
    """Raise InputError where a family that is not to be learned from is none, or none is left."""
    for name in unseen:
        if name not in families:
            raise InputError(f"unseen: {unknown('family', name, families)}")
    if families.keys() <= set(unseen):
        raise InputError("unseen: no family is left to learn from")


def start_of(document: Document, seed: int) -> Start:
    """One first state of a family, which its name and the seed alone decide."""
    own = overridden(document, Override(seed=seed))
    cases = _cases(own)
    if not _is_drawn(own):
        share = cases[seed * _SHARES // (REPORT.stop) :: _SHARES]
        cases = share if len(share) else cases
    draw = stream(seed, own.scenario.id, "case").integers(len(cases))
    return next(iter(resolve(case_at(own, int(cases[draw])))))


def shares_cases(document: Document) -> bool:
    """Whether all seeds share a family's cases, since there are too few to deal out.

    A figure of such a family is of cases that were also learned from.
    """
    own = overridden(document, Override(seed=0))
    is_env = isinstance(own.scenario.map, HighwayEnvMap)  # whose traffic is drawn by the seed
    return not is_env and not _is_drawn(own) and len(_cases(own)) < _SHARES


def _is_drawn(document: Document) -> bool:
    return any(isinstance(axis, Range) for axis in document.scenario.vary.values())


def starts_by_kin(document: Document, seeds: Sequence[int]) -> list[list[Start]]:
    """The first states of some seeds, those together that fit one batch."""
    groups: dict[Kin, list[Start]] = {}
    for seed in seeds:
        start = start_of(document, seed)
        groups.setdefault(kin_of(start), []).append(start)
    return list(groups.values())


@lru_cache(1)
def families_of(files: tuple[str, ...]) -> dict[str, Document]:
    """As `families_in`; a process that does one job after the other reads them once."""
    return families_in([Path(file) for file in files])


_known: dict[tuple[str, str], NDArray[np.int64]] = {}


def _cases(document: Document) -> NDArray[np.int64]:
    """Numbers of a document's combinations, which a seed does not change."""
    key = document.scenario.id, document.scenario.model_dump_json(exclude={"seeds"})
    if key not in _known:
        _known[key] = np.fromiter(included(document), np.int64)
    return _known[key]
