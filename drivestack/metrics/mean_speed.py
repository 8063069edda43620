"""Mean speed over all ticks."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Episode


@dataclass(frozen=True, slots=True)
class MeanSpeed:
    """`mean_speed` [m/s]; 0 for an episode without ticks."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """The mean of one episode."""
        speeds = episode.ego["v"].tolist()
        return {"mean_speed": sum(speeds) / len(speeds) if speeds else 0.0}
