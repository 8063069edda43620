"""The deceleration that is needed not to run into the lead; positive is braking."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Reason
from drivestack.core.geometry import TOUCH
from drivestack.core.types import Floats
from drivestack.metrics.evidence import Evidence

from .cpi import crash_probability
from .extremes import greatest

BRAKING_LIMIT = 11.5
"""Largest deceleration [m/s2] a braking threat is counted against; CriMe's vehicle."""

SAFETY_TIME = 2.0
"""Time [s] that `safety_time_deceleration` is to keep; CriMe."""


def deceleration_to_avoid(gap: Floats, closing: Floats, lead_acceleration: Floats) -> Floats:
    """DRAC, the constant deceleration that makes speeds equal when the gap is gone [m/s2].

    Args:
        gap: front to rear [m], positive, any shape. closing: own speed less the lead's [m/s].
        lead_acceleration: signed [m/s2]; it is believed to last.

    Returns:
        closing^2 / (2 gap) - lead_acceleration, at least 0; the square counts only while the gap
        shrinks.

    Source: reference safety.md, section 2, with its sign turned.
    """
    closing = np.maximum(closing, 0.0)
    return np.maximum(closing * closing / (2.0 * gap) - lead_acceleration, 0.0)


def deceleration_to_stop(
    gap: Floats, speed: Floats, lead_speed: Floats, lead_braking: Floats
) -> Floats:
    """The deceleration that stops behind a lead that brakes to a stop first [m/s2].

    Args:
        gap: [m], positive, any shape. speed, lead_speed: [m/s].
        lead_braking: its deceleration [m/s2], positive.

    Source: Jansson 2005, (5.39); reference safety.md, section 2. CriMe's mode 2 multiplies by the
    braking where it should divide, so a lead that does not brake has no way to stop there.
    """
    return speed * speed / (2.0 * (gap + lead_speed * lead_speed / (2.0 * lead_braking)))


def safety_time_deceleration(
    gap: Floats, closing: Floats, lead_speed: Floats, safety_time: float
) -> Floats:
    """DST, the deceleration that keeps a time behind the lead [m/s2].

    Args:
        gap: [m], any shape. closing: own speed less the lead's [m/s]. lead_speed: [m/s].
        safety_time: [s].

    Returns:
        3 closing^2 / (2 (gap - lead_speed safety_time)); infinite where the gap is not longer
        than what it has to keep, 0 unless it shrinks.

    Source: Schubert et al. 2010, (17); reference safety.md, section 2.
    """
    gap, closing, lead_speed = np.broadcast_arrays(gap, closing, lead_speed)
    room = gap - lead_speed * safety_time
    needed = np.full(gap.shape, math.inf)
    np.divide(3.0 * closing * closing, 2.0 * room, out=needed, where=room > 0.0)
    return np.where(closing > 0.0, needed, 0.0)


def braking_threat(deceleration: Floats, limit: float) -> Floats:
    """BTN, the share of the brakes that is needed; above 1 braking alone does not avoid it.

    Args:
        deceleration: needed [m/s2], any shape. limit: the brakes' [m/s2].

    Source: Brannstrom et al. 2008; reference safety.md, section 2.
    """
    return deceleration / limit


@dataclass(frozen=True, slots=True)
class RequiredDeceleration:
    """`max_drac` [m/s2], `max_btn`, and `cpi`, see `crash_probability`.

    Against whoever leads (see `Pairs.leading`) at its present speed; the greatest of each tick
    counts for `cpi`.
    """

    names: tuple[str, ...] = ("max_drac", "max_btn", "cpi")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The greatest of an episode, absent where no gap ever shrinks; the mean probability."""
        pairs = evidence.pairs
        gap, closing = pairs.gap(), -pairs.velocity()[:, 0]
        # nothing is left to brake for once they touch
        conflict = pairs.leading() & (closing > 0.0) & (gap > TOUCH)
        drac = deceleration_to_avoid(np.where(conflict, gap, 1.0), closing, np.zeros(len(gap)))
        worst = np.zeros(len(evidence.drive.ego))
        np.maximum.at(worst, pairs.row[conflict], drac[conflict])
        probability = crash_probability(worst)
        cpi = float(probability.mean()) if len(probability) else 0.0
        drac = np.where(conflict, drac, -math.inf)
        threat = braking_threat(drac, BRAKING_LIMIT)
        return (
            greatest(evidence, "max_drac", drac, "most braking needed behind the lead", "m/s2"),
            greatest(evidence, "max_btn", threat, "largest share of the brakes needed", ""),
            Reason("cpi", cpi, f"mean probability {cpi:.4f} that the brakes would not do"),
        )
