"""From pairs of values to differences with a sign, by group: all pairs, and every family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.core.types import Floats
from drivestack.metrics.direction import Better
from drivestack.sim.intervals import LEVEL, Mean, means
from drivestack.sim.paired import Discordant, fewest_signs, normal_means
from drivestack.sim.samples import MOST_RESAMPLED

from .measures import Measured
from .pairing import Block, Pairs
from .records import Difference, Group, Sign

TOTAL = "total"

ROUNDING = 1e-9
"""Differences below are none: two orders of summation, not two drives (our choice: a nanometre)."""

_ORDER = tuple(Sign)


@dataclass(slots=True, eq=False)
class _Gathering:
    """A group in the making.

    Attributes:
        rows: (k,) indices of its pairs. bootstrapped: whether intervals of means are; in a
        comparison of very many pairs all are normal, for the sake of time.
    """

    name: str
    level: float
    bootstrapped: bool
    rows: NDArray[np.int64]
    found: list[Difference] = field(default_factory=list)

    def group(self) -> Group:
        """The group, regressions first; measures that no pair has are left out."""
        some = [one for one in self.found if one.pairs]
        some.sort(key=lambda one: (not one.regression, _ORDER.index(one.sign)))
        return Group(self.name, len(self.rows), self.level, tuple(some))


def groups_of(
    pairs: Pairs, measures: Sequence[Measured], tolerances: Mapping[str, float]
) -> tuple[Group, tuple[Group, ...]]:
    """The total, and the families with those that regressed first; none if there is only one.

    Args:
        tolerances: allowed losses by measure, 0 where there is none.
    """
    gathering = _groups(pairs)
    for block in pairs.blocks(measures):
        for group in gathering:
            own = Block(block.measures, block.values[:, group.rows], block.known[group.rows])
            group.found += _differences(own, group, tolerances)
    total, *families = [one.group() for one in gathering]
    families.sort(key=lambda group: -sum(one.regression for one in group.differences))
    return total, tuple(families)


def _groups(pairs: Pairs) -> list[_Gathering]:
    order = np.argsort(pairs.family, kind="stable")
    ends = np.cumsum(np.bincount(pairs.family))[:-1]
    level, few = LEVEL / len(pairs.families), pairs.count <= MOST_RESAMPLED
    own = zip(pairs.families, np.split(order, ends), strict=True)
    several = len(pairs.families) > 1  # a single one is the total
    return [
        _Gathering(TOTAL, LEVEL, few, np.arange(pairs.count)),
        *(_Gathering(name, level, few, rows) for name, rows in own if several),
    ]


def _differences(
    block: Block, group: _Gathering, tolerances: Mapping[str, float]
) -> list[Difference]:
    """All measures of a block over the pairs of a group."""
    base, other = block.values
    gaps = other - base
    gaps[np.abs(gaps) < ROUNDING] = 0.0
    changed = np.count_nonzero(gaps, axis=0)
    drawn = [k for k, measure in enumerate(block.measures) if changed[k] and not measure.rate]
    by_column = dict(zip(drawn, _means(group, gaps[:, drawn], block.known[:, drawn]), strict=True))
    found = []
    for k, measure in enumerate(block.measures):
        has = block.known[:, k]
        pairs = int(has.sum())
        if measure.rate:
            mean, p = _rate(base[has, k], other[has, k], group.level)
        else:
            zero = Mean(pairs, 0.0, *((0.0, 0.0) if pairs > 1 else (None, None)))
            mean, p = by_column.get(k, zero), None
        sign = _sign(measure, mean, p, int(changed[k]), group.level)
        tolerance = tolerances.get(measure.name, 0.0)
        gates = measure.gates or measure.name in tolerances
        found.append(
            Difference(
                measure=measure.name,
                better=measure.better,
                rate=measure.rate,
                pairs=pairs,
                changed=int(changed[k]),
                base=float(base[has, k].mean()) if pairs else None,
                other=float(other[has, k].mean()) if pairs else None,
                difference=mean.value if pairs else None,
                low=mean.low,
                high=mean.high,
                p=p,
                sign=sign,
                tolerance=tolerance,
                regression=gates and sign is Sign.WORSE and _least_loss(measure, mean) >= tolerance,
            )
        )
    return found


def _means(group: _Gathering, gaps: Floats, known: NDArray[np.bool_]) -> list[Mean]:
    """Mean differences with their intervals."""
    if group.bootstrapped:
        return means(group.name, gaps, known.astype(np.float64), group.level)
    return normal_means(gaps, known, group.level)


def _rate(base: Floats, other: Floats, level: float) -> tuple[Mean, float | None]:
    """Other rate minus base's, and p."""
    if not len(base):
        return Mean(0, None, None, None), None
    found = Discordant.of(other > 0.5, base > 0.5)
    gap = found.difference_at(level)
    return Mean(len(base), gap.value, gap.low, gap.high), found.p


def _sign(measure: Measured, mean: Mean, p: float | None, changed: int, level: float) -> Sign:
    """What a difference says, at the level of its group.

    Of a mean the interval decides, once so many pairs differ that an exact sign test could: the
    bootstrap of a handful of pairs is too narrow.
    """
    if not changed or mean.value is None:
        return Sign.EQUAL
    if p is not None:
        established = p < level
    elif mean.low is None or mean.high is None:
        established = False
    else:
        apart = mean.low > 0.0 or mean.high < 0.0
        established = apart and changed >= fewest_signs(level)
    if not established:
        return Sign.UNCLEAR
    if measure.better is Better.NEITHER:
        return Sign.HIGHER if mean.value > 0.0 else Sign.LOWER
    return Sign.BETTER if (mean.value > 0.0) == (measure.better is Better.HIGHER) else Sign.WORSE


def _least_loss(measure: Measured, mean: Mean) -> float:
    """The end of a loss's interval that is nearer to none."""
    if mean.low is None or mean.high is None:
        return 0.0
    return max(mean.low if measure.better is Better.LOWER else -mean.high, 0.0)
