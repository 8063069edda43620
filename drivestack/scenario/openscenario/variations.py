"""Variation files (ParameterValueDistribution): axes of values that are multiplied."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..expressions import Value
from ..xml_reader import Element
from ..xml_values import attribute, check_children, finite

MOST_SETS = 10_000_000
"""Parameter sets of one file, valid or not; the largest public one has 52,500."""

MOST_VALUES = 100_000
"""Values of one axis."""

_ROUNDING = 1e-6
"""Part of a step by which the end of a range may be missed: 0.1 is no binary number."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Parameters that vary together: `names` (N,) and the `values` (M, N) that they take."""

    names: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    element: Element


@dataclass(frozen=True, slots=True)
class Variation:
    """A variation file: the scenario file that it varies, as written, and its axes in order."""

    scenario: str
    axes: tuple[Axis, ...]
    element: Element

    def count(self) -> int:
        """The number of parameter sets, valid or not."""
        return math.prod(len(axis.values) for axis in self.axes)


def read_variation(element: Element) -> Variation:
    """A ``ParameterValueDistribution`` element.

    Raises:
        UnsupportedError: a stochastic distribution.
        InputError: an empty axis, a parameter on two axes, or too many sets.
    """
    check_children(element, ("ScenarioFile", "Deterministic"), ())
    deterministic = element.need("Deterministic")
    check_children(deterministic, _AXES, ())
    axes = tuple(_AXES[child.tag](child) for child in deterministic.children)
    seen: set[str] = set()
    for axis in axes:
        for name in axis.names:
            if name in seen:
                raise axis.element.problem(f"parameter '{name[:80]}' is varied twice")
            seen.add(name)
    path = attribute(element.need("ScenarioFile"), "filepath")
    variation = Variation(path, axes, element.bare())
    if variation.count() > MOST_SETS:
        sentence = f"{variation.count()} parameter sets; at most {MOST_SETS} are expanded"
        raise element.problem(sentence)
    return variation


def _single(element: Element) -> Axis:
    check_children(element, _VALUES, ())
    if len(element.children) != 1:
        raise element.problem(f"expected one distribution, found {len(element.children)}")
    (child,) = element.children
    values = _VALUES[child.tag](child)
    _check_count(child, values)
    name = attribute(element, "parameterName")
    return Axis((name,), tuple((value,) for value in values), element.bare())


def _set(element: Element) -> Sequence[Value]:
    check_children(element, ("Element",), ())
    return [attribute(child, "value") for child in element.children]


def _range(element: Element) -> Sequence[Value]:
    check_children(element, ("Range",), ())
    step = finite(element, attribute(element, "stepWidth"))
    limits = element.need("Range")
    low, high = (finite(limits, attribute(limits, name)) for name in ("lowerLimit", "upperLimit"))
    if not step > 0.0 or not low <= high:
        raise element.problem(f"expected a step above 0 and limits in order, got {step:g}")
    count = (high - low) / step
    if count > MOST_VALUES:
        raise element.problem(f"{count:.0f} values; at most {MOST_VALUES} are read")
    return [low + k * step for k in range(math.floor(count + _ROUNDING) + 1)]


def _multi(element: Element) -> Axis:
    check_children(element, ("ValueSetDistribution",), ())
    sets = element.need("ValueSetDistribution")
    check_children(sets, ("ParameterValueSet",), ())
    _check_count(sets, sets.children)
    rows, names = [], ()
    for child in sets.children:
        check_children(child, ("ParameterAssignment",), ())
        row = {attribute(part, "parameterRef"): attribute(part, "value") for part in child.children}
        if not names:
            names = tuple(row)
        if set(row) != set(names) or len(row) != len(child.children):
            wanted = ", ".join(names)
            raise child.problem(f"every set should give each of {wanted[:200]} once")
        rows.append(tuple(row[name] for name in names))
    return Axis(names, tuple(rows), element.bare())


def _check_count(element: Element, values: Sequence[object]) -> None:
    if not 1 <= len(values) <= MOST_VALUES:
        raise element.problem(f"expected 1 to {MOST_VALUES} values, found {len(values)}")


_VALUES = {"DistributionSet": _set, "DistributionRange": _range}
_AXES = {
    "DeterministicSingleParameterDistribution": _single,
    "DeterministicMultiParameterDistribution": _multi,
}
