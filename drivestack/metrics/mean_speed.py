"""Mean speed over an episode."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Reason

from .evidence import Evidence


@dataclass(frozen=True, slots=True)
class MeanSpeed:
    """`mean_speed` [m/s]; 0 for an episode without ticks."""

    names: tuple[str, ...] = ("mean_speed",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The mean of one episode."""
        speeds = evidence.episode.ego["v"].tolist()
        mean = sum(speeds) / len(speeds) if speeds else 0.0
        return (Reason("mean_speed", mean, f"{mean:.2f} m/s on average", measured=mean),)
