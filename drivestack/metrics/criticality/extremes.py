"""The extreme of a value over all pairs of an episode, with the tick and road user that made it."""

from __future__ import annotations

import numpy as np

from drivestack.core.episode import Reason
from drivestack.core.types import Floats
from drivestack.metrics.evidence import Evidence


def least(evidence: Evidence, measure: str, values: Floats, what: str, unit: str) -> Reason:
    """The smallest finite value (R,) of all pairs; absent where there is none.

    Args:
        what, unit: for the sentence.
    """
    return _extreme(evidence, measure, values, np.inf, what, unit)


def greatest(evidence: Evidence, measure: str, values: Floats, what: str, unit: str) -> Reason:
    """The largest finite value (R,) of all pairs; absent where there is none."""
    return _extreme(evidence, measure, values, -np.inf, what, unit)


def _extreme(
    evidence: Evidence, measure: str, values: Floats, never: float, what: str, unit: str
) -> Reason:
    """The first extreme; `never` stands for a pair that has no value."""
    known = np.where(np.isfinite(values), values, never)
    i = int((known.argmax if never < 0.0 else known.argmin)()) if len(known) else 0
    if not len(known) or known[i] == never:
        return Reason(measure, None, f"{what}: there was never anybody to measure it against")
    row, other = evidence.pairs.row[i], evidence.pairs.other[i]
    value = float(known[i])
    unit = f" {unit}" if unit else ""
    sentence = f"{what} {value:.2f}{unit} {evidence.at(row)}, {evidence.name(other)}"
    tick, object = evidence.tick(row), evidence.id(other)
    return Reason(measure, value, sentence, tick, object, measured=value)
