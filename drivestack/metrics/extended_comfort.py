"""Extended comfort EC: plans that follow each other agree where they overlap.

NAVSIM v2 judges one pair of plans a scene, 0 or 1, and takes the mean over scenes. A drive has a
pair at every re-plan, so its score is the share of pairs that agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Reason

from .evidence import Evidence

BOUNDS = {
    "accel": (0.7, "acceleration", "m/s2"),
    "jerk": (0.5, "jerk", "m/s3"),
    "yaw_rate": (0.1, "yaw rate", "rad/s"),
    "yaw_accel": (0.1, "yaw acceleration", "rad/s2"),
}
"""Largest root mean square difference by column of `PLAN_CHANGE`; NAVSIM v2."""


@dataclass(frozen=True, slots=True)
class ExtendedComfort:
    """`extended_comfort`: in [0, 1]; absent where no two plans followed each other."""

    names: tuple[str, ...] = ("extended_comfort",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The share of pairs of one episode, and the pair that differs most."""
        name = self.names[0]
        changes = evidence.episode.plan_changes
        last = evidence.tick(len(evidence.drive.ego) - 1) if evidence.driven else -1
        changes = changes[changes["tick"] <= last]
        if not len(changes):
            return (Reason(name, None, "no two plans followed each other"),)
        shares = np.stack([changes[key] / BOUNDS[key][0] for key in BOUNDS], axis=-1)
        agree = np.all(shares <= 1.0, axis=1).ravel()
        pair, key = np.unravel_index(int(shares.argmax()), shares.shape)
        column = list(BOUNDS)[int(key)]
        bound, what, unit = BOUNDS[column]
        differs, tick = float(changes[column][pair]), int(changes["tick"][pair])
        sentence = (
            f"{int(agree.sum())} of {len(agree)} plans agree with the one before; least at "
            f"{tick * evidence.episode.dt:.2f} s: {what} differs by {differs:.2f} {unit}, "
            f"bound {bound:g}"
        )
        return (Reason(name, float(agree.mean()), sentence, tick, None, differs, bound),)
