"""Piecewise cubic polynomials over s: lane widths and lane offsets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..xml_reader import Element
from .attributes import real

_COEFFICIENTS = ("a", "b", "c", "d")


@dataclass(frozen=True, slots=True, eq=False)
class Cubics:
    """``a + b u + c u^2 + d u^3``, u measured from the start of the record that holds.

    Attributes:
        starts: (N,) ascending [m]; before the first one, its record is prolonged.
        coefficients: (N, 4).
    """

    starts: NDArray[np.float64]
    coefficients: NDArray[np.float64]

    def at(self, s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values [m] at s [m]."""
        row = self._rows(s)
        a, b, c, d = self.coefficients[row].T
        u = s - self.starts[row]
        return a + u * (b + u * (c + u * d))

    def is_constant(self, low: float, high: float) -> bool:
        """Whether the value is one and the same in [low, high]."""
        first, last = self._rows(np.array([low, high - 1e-9]))
        rows = self.coefficients[first : last + 1]
        return not rows[:, 1:].any() and bool((rows[:, 0] == rows[0, 0]).all())

    def _rows(self, s: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.maximum(np.searchsorted(self.starts, s, "right") - 1, 0)


ZERO = Cubics(np.zeros(1), np.zeros((1, 4)))


def read_cubics(elements: Iterable[Element], start: str, base: float = 0.0) -> Cubics:
    """The records in document order; `start` names the attribute that they begin at.

    Args:
        base: added to every start [m].

    Raises:
        InputError: no number, or starts that do not ascend.
    """
    starts: list[float] = []
    rows: list[Sequence[float]] = []
    for element in elements:
        begin = real(element, start)
        if starts and begin < starts[-1] - base:
            raise element.problem(f"{start} {begin:g} m lies before that of the record above")
        starts.append(base + begin)
        rows.append([real(element, name) for name in _COEFFICIENTS])
    if not rows:
        return ZERO
    return Cubics(np.array(starts), np.array(rows, np.float64))
