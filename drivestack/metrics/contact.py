"""Contact: exact polygons of the ego and another road user overlap."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Episode


@dataclass(frozen=True, slots=True)
class Contact:
    """`contact`: 1 if there was any; `crashed`: highway-env's own flag, a second number."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """Both flags of one episode."""
        return {
            "contact": float(episode.ego["contact"].any()),
            "crashed": float(episode.ego["crashed"].any()),
        }
