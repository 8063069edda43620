"""Traffic light compliance TLC: absent, as no map of ours has lights yet."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Reason

from .evidence import Evidence


@dataclass(frozen=True, slots=True)
class TrafficLights:
    """`traffic_lights`: NAVSIM's TLC; always absent, so its scores drop it and say so."""

    names: tuple[str, ...] = ("traffic_lights",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """Nothing to judge."""
        return (Reason(self.names[0], None, "there are no traffic lights"),)
