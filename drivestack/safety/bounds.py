"""Room for what checks find: nothing bound, nothing failed, to be filled in and made a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Filtering, Ints, Verdict

FREE = 1e9
"""Binds nothing, in m/s2, rad or s; records hold no infinities."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The memory of a check that remembers nothing."""


class Findings(NamedTuple):
    """Arrays of a `Verdict` while a check fills them in; kernels take them as they are."""

    low: NDArray
    high: NDArray
    value: NDArray
    limit: NDArray
    failed: NDArray
    object: NDArray
    has_object: NDArray


def nothing_found(batch: int, checks: int) -> Findings:
    """(B, C, ...) arrays of checks that all pass."""
    shape = (batch, checks)
    return Findings(
        low=np.full((*shape, 2), -FREE),
        high=np.full((*shape, 2), FREE),
        value=np.zeros(shape),
        limit=np.zeros(shape),
        failed=np.zeros(shape, np.bool_),
        object=np.zeros(shape, np.int32),
        has_object=np.zeros(shape, np.bool_),
    )


def verdict_of(names: tuple[str, ...], response: Filtering, found: Findings) -> Verdict:
    """The record; `response` is what a failure of any of these checks asks for.

    Its arrays are looked at when the filter joins the verdicts of all checks: to do so for each
    check would take longer than the checks.
    """
    return unchecked(names, np.full(found.value.shape, response, np.int32), found)


def unchecked(names: tuple[str, ...], response: Ints, found: Findings) -> Verdict:
    """A verdict that is to be joined with others, which checks it; response: (B, C)."""
    verdict = object.__new__(Verdict)
    for name, value in zip(Findings._fields, found, strict=True):
        object.__setattr__(verdict, name, value)
    object.__setattr__(verdict, "names", names)
    object.__setattr__(verdict, "response", response)
    return verdict
