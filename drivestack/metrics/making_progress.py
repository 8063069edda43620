"""Ego progress EP and making progress MP, against a reference's progress along the same route.

nuPlan's reference is the expert's log; without one it is `pdm15` on the same seed (scores.md,
section 7), and the log names it. Its progress is what it drove up to its first contact, not masked
by its own multipliers, which NAVSIM would do.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Reason

from .collision import navsim_no_at_fault_collision
from .drivable_area import leaves_strictly
from .driving_direction import backward_of, direction_score
from .evidence import Evidence

NUPLAN_FLOOR = 2.0
"""Progress [m] below which nuPlan takes both for standing; the shipped config, not its docs."""

NAVSIM_FLOOR = 5.0
"""Reference progress [m] up to which NAVSIM judges none."""

LEAST_RATIO = 0.2
"""Share of the reference's progress from which the ego is making progress; nuPlan."""


def ego_progress(ego: float, reference: float | None, floor: float = NUPLAN_FLOOR) -> float:
    """nuPlan's EP in [0, 1].

    Args:
        ego, reference: progress [m] along the route, signed; None: the reference has no route.
        floor: [m] both are raised to.
    """
    if reference is None:
        return 1.0
    if ego < -floor:
        return 0.0
    return min(1.0, max(ego, floor) / max(reference, floor))


def is_making_progress(ratio: float) -> bool:
    """nuPlan's MP for an EP."""
    return ratio >= LEAST_RATIO


def is_comparable(ego: float, reference: float) -> bool:
    """Whether there was a way to go [m]; where not, EP and MP are skipped (scores.md, 7)."""
    return max(ego, reference) > NAVSIM_FLOOR


def pdms_progress(ego: float, reference: float, multipliers: float) -> float:
    """NAVSIM v1's EP in [0, 1] of progress [m] times the product of the score's multipliers."""
    masked = max(ego, 0.0) * multipliers
    best = max(reference, masked)
    if best <= NAVSIM_FLOOR:
        return float(multipliers > 0.0)
    return min(1.0, masked / best)


def epdms_progress(ego: float, reference: float, multipliers: float) -> float:
    """NAVSIM v2's EP in [0, 1]: only what it is divided by is masked by the multipliers."""
    best = max(reference, max(ego, 0.0) * multipliers)
    if best <= NAVSIM_FLOOR:
        return 1.0
    return min(1.0, max(ego, 0.0) / best)


@dataclass(frozen=True, slots=True)
class MakingProgress:
    """EP and MP: `ego_progress`, `making_progress` (nuPlan), `ego_progress_pdms`, `.._epdms`.

    Absent without a reference, and where nobody got farther than 5 m.
    """

    names: tuple[str, ...] = (
        "ego_progress",
        "making_progress",
        "ego_progress_pdms",
        "ego_progress_epdms",
    )

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The four scores of one episode."""
        reference, own = evidence.reference, evidence.progress
        if not evidence.driven:
            return tuple(Reason(name, 0.0, "did not drive") for name in self.names)
        if reference is None:
            sentence = "there is no reference to compare the progress with"
            return tuple(Reason(name, None, sentence) for name in self.names)
        theirs = reference.against(own)
        way = f"{own:.1f} m along the route, {reference.name} {theirs:.1f} m"
        if not is_comparable(own, theirs):
            sentence = f"{way}: nobody got farther than {NAVSIM_FLOOR:g} m"
            return tuple(Reason(name, None, sentence) for name in self.names)
        strict = navsim_no_at_fault_collision(evidence.collisions)
        strict *= float(not leaves_strictly(evidence.facts.outside).any())
        direction = direction_score(float(backward_of(evidence).max()))
        ratio = ego_progress(own, theirs)
        values = (
            ratio,
            float(is_making_progress(ratio)),
            pdms_progress(own, theirs, strict),
            epdms_progress(own, theirs, strict * direction),
        )
        masked = f", times {strict:g} for contacts and the road" if strict < 1.0 else ""
        ends = ("", f"; {LEAST_RATIO:g} of it are enough", masked, "")
        return tuple(
            Reason(name, value, f"{way}{end}", None, None, own, theirs)
            for name, value, end in zip(self.names, values, ends, strict=True)
        )
