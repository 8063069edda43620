"""Comfort C: nuPlan's bounds on filtered acceleration, jerk and yaw motion, in every frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from drivestack.core.comfort import NUPLAN, ComfortBounds
from drivestack.core.episode import Reason
from drivestack.core.types import Floats

from .evidence import Evidence
from .signals import Signals


@dataclass(frozen=True, slots=True, eq=False)
class Bounded:
    """One signal and its strict bound.

    Attributes:
        name, unit: for people. values: (F,) what must stay below the bound. bound: positive.
        sign: of the signal where it is one-sided, else 0.
    """

    name: str
    unit: str
    values: Floats
    bound: float
    sign: int = 0


def bounded(found: Signals, bounds: ComfortBounds = NUPLAN) -> Iterator[Bounded]:
    """The seven bounds."""
    forward = found.lon_accel
    yield Bounded("longitudinal acceleration", "m/s2", forward, bounds.most_accel, 1)
    yield Bounded("longitudinal acceleration", "m/s2", -forward, -bounds.least_accel, -1)
    for name, unit, values, bound in (
        ("lateral acceleration", "m/s2", found.lat_accel, bounds.most_lateral),
        ("jerk", "m/s3", found.jerk, bounds.most_jerk),
        ("longitudinal jerk", "m/s3", found.lon_jerk, bounds.most_lon_jerk),
        ("yaw rate", "rad/s", found.yaw_rate, bounds.most_yaw_rate),
        ("yaw acceleration", "rad/s2", found.yaw_accel, bounds.most_yaw_accel),
    ):
        yield Bounded(name, unit, np.abs(values), bound)


def decided(evidence: Evidence, measure: str) -> Reason:
    """The earliest frame beyond a bound, or the one nearest to one, and the score."""
    if not evidence.driven:
        return Reason(measure, 0.0, "did not drive")
    signals = list(bounded(evidence.signals))
    beyond = [(int(np.argmax(s.values >= s.bound)), s) for s in signals
              if np.any(s.values >= s.bound)]  # fmt: skip
    if beyond:
        frame, worst = min(beyond, key=lambda pair: pair[0])
    else:
        worst = max(signals, key=lambda s: float(s.values.max()) / s.bound)
        frame = int(worst.values.argmax())
    value, bound = float(worst.values[frame]), worst.bound
    if worst.sign < 0:
        value, bound = -value, -bound
    row = evidence.row_at_frame(frame)
    what = f"{worst.name} {value:.2f} {worst.unit} {evidence.at(row)}; bound {bound:g}"
    others = sorted({s.name for _, s in beyond} - {worst.name})
    also = f"; later also {', '.join(others)}" if others else ""
    sentence = f"{what}{also}" if beyond else f"nearest to a bound: {what}"
    return Reason(measure, float(not beyond), sentence, evidence.tick(row), None, value, bound)


@dataclass(frozen=True, slots=True)
class Comfort:
    """`comfort`: 1 if the whole drive is within nuPlan's bounds; 0 for one without ticks."""

    names: tuple[str, ...] = ("comfort",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The flag of one episode."""
        return (decided(evidence, self.names[0]),)
