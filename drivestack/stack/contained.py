"""A stage that raises, or answers with something else than it should, harms nothing but its rows.

What is wrong is told to the safety layer, which counts it and names it in the log; the first of
equal mistakes is also reported with its traceback through `logging`. Errors that are meant for the
user (`DrivestackError`) and warnings that were made errors pass.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import DrivestackError
from drivestack.core.types import Bools
from drivestack.safety.faults import Fault

_Answer = TypeVar("_Answer")
_Record = TypeVar("_Record")

_LOG = logging.getLogger("drivestack.stack")


class StageError(Exception):
    """A stage has failed; it never leaves the stack."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name.lower())
        self.fault = fault


@contextmanager
def contained(fault: Fault) -> Iterator[None]:
    """Whatever is raised inside becomes a `StageError`."""
    try:
        yield
    except (DrivestackError, Warning, StageError):
        raise
    except Exception as error:
        _report(fault, f"{type(error).__name__}: {error}", error)
        raise StageError(fault) from error


_reported: set[tuple[Fault, str]] = set()

_MOST_REPORTS = 100
"""Different mistakes that are reported; our choice."""


def _report(fault: Fault, text: str, error: Exception) -> None:
    """Once for each mistake: it may be made at every tick from now on."""
    if (fault, text) not in _reported and len(_reported) < _MOST_REPORTS:
        _reported.add((fault, text))
        _LOG.error("%s: %s", fault.name.lower(), text, exc_info=error)


def answered(record: Any, kind: type[_Record], batch: int) -> _Record:
    """The record, if it is one of this kind and of so many scenarios.

    Raises:
        TypeError: it is not.
    """
    if not isinstance(record, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(record).__name__}")
    first: Any = record  # every record is a dataclass whose first field is an array
    rows = len(getattr(record, fields(first)[0].name))
    if rows != batch:
        raise TypeError(f"{kind.__name__}: expected {batch} scenarios, got {rows}")
    return record


def surviving(
    act: Callable[[NDArray[np.intp]], _Answer], rows: NDArray[np.intp], found: Bools
) -> tuple[_Answer | None, NDArray[np.intp]]:
    """What stages answer for those of some rows for which none of them fails, and which these are.

    A row does not depend on the others in its batch, so it can be tried again without them.

    Args:
        found: (B, F) faults are added to the rows that have them.
    """
    try:
        return act(rows), rows
    except StageError as error:
        if len(rows) == 1:
            found[rows, error.fault] = True
            return None, rows[:0]
    good = np.array([row for row in rows if _works(act, row, found)], np.intp)
    if len(good) == 0:
        return None, good
    try:
        return act(good), good
    except StageError as error:  # each works alone, but not together
        found[good, error.fault] = True
        return None, good[:0]


def _works(act: Callable[[NDArray[np.intp]], object], row: np.intp, found: Bools) -> bool:
    try:
        act(np.array([row]))
    except StageError as error:
        found[row, error.fault] = True
        return False
    return True
