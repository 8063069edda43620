"""Drivable area compliance DAC: no corner of the footprint leaves it, in any frame."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Reason
from drivestack.core.types import Bools, Floats

from .evidence import Evidence
from .lane_facts import INSIDE

NUPLAN_SLACK = 0.3
"""Distance [m] outside at which a corner has left the drivable area; nuPlan."""

ROUNDING = 1e-9
"""A corner is on the slack [m] where rounding says it is just below."""


def leaves(outside: Floats, slack: float = NUPLAN_SLACK) -> Bools:
    """Where (T,) the farthest corner, (T,) [m] outside, is not below nuPlan's slack."""
    return outside >= slack - ROUNDING


def leaves_strictly(outside: Floats) -> Bools:
    """NAVSIM's form: where (T,) a corner is outside (T,) [m] at all."""
    return outside > INSIDE


@dataclass(frozen=True, slots=True)
class DrivableArea:
    """`drivable_area` (nuPlan, 0.3 m slack) and `drivable_area_strict` (NAVSIM, none): 0/1.

    The drivable area is that of `lane_facts`; without ticks both are 0.
    """

    names: tuple[str, ...] = ("drivable_area", "drivable_area_strict")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """Both flags of one episode."""
        outside = evidence.facts.outside
        bounds = (NUPLAN_SLACK, 0.0)
        left = (leaves(outside), leaves_strictly(outside))
        found = zip(self.names, left, bounds, strict=True)
        return tuple(_judged(evidence, name, out, bound) for name, out, bound in found)


def _judged(evidence: Evidence, name: str, left: Bools, bound: float) -> Reason:
    """The first tick outside decides, else the one that came nearest to it."""
    outside = evidence.facts.outside
    if not evidence.driven:
        return Reason(name, 0.0, "did not drive", bound=bound)
    row = int(left.argmax() if left.any() else outside.argmax())
    away = float(outside[row])
    kept = not left.any()
    if kept and away <= INSIDE:
        return Reason(name, 1.0, "all corners stayed on the road", None, None, 0.0, bound)
    farthest = f", {outside.max():.2f} m at most" if outside.max() > away else ""
    sentence = (
        f"a corner was {away:.2f} m off the road {evidence.at(row)}{farthest}; "
        f"allowed: {'none' if bound == 0.0 else f'less than {bound:g} m'}"
    )
    return Reason(name, float(kept), sentence, evidence.tick(row), None, away, bound)
