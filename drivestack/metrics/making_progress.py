"""Ego progress EP and making progress MP, against a reference's progress along the same route.

nuPlan's reference is the expert's log; without one it is `pdm15` on the same seed (scores.md,
section 7), and the score is to name it.
"""

from __future__ import annotations

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


def navsim_progress(ego: float, reference: float, multipliers: float) -> float:
    """NAVSIM's EP in [0, 1] of progress [m] times the product of the score's multipliers."""
    masked = max(ego, 0.0) * multipliers
    best = max(reference, masked)
    if best <= NAVSIM_FLOOR:
        return float(multipliers > 0.0)
    return min(1.0, masked / best)
