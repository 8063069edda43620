"""Contact: exact polygons of the ego and another road user overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Reason
from drivestack.core.tables import Side

from .evidence import Evidence


@dataclass(frozen=True, slots=True)
class Contact:
    """`contact`: 1 if there was any; `crashed`: highway-env's own flag, a second number."""

    names: tuple[str, ...] = ("contact", "crashed")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """Both flags of one episode."""
        ego, dt = evidence.episode.ego, evidence.episode.dt
        touching, crashed = np.flatnonzero(ego["contact"]), np.flatnonzero(ego["crashed"])
        contact = Reason("contact", 0.0, "touched nobody")
        if len(touching):
            row = ego[touching[0]]
            tick, other = int(row["tick"]), int(row["contact_with"])
            side = Side(int(row["contact_side"])).name.lower()
            sentence = f"touched road user {other} at {tick * dt:.2f} s, side: {side}"
            contact = Reason("contact", 1.0, sentence, tick, other)
        flag = Reason("crashed", 0.0, "no crash as highway-env counts them")
        if len(crashed):
            tick = int(ego["tick"][crashed[0]])
            flag = Reason(
                "crashed", 1.0, f"crash, as highway-env counts them, at {tick * dt:.2f} s", tick
            )
        return contact, flag
