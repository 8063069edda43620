"""Whether the episode ended at its goal."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Episode, Outcome


@dataclass(frozen=True, slots=True)
class GoalReached:
    """`goal_reached`: 1 or 0; `has_goal` says whether there was one to reach."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """Both flags of one episode."""
        return {
            "goal_reached": float(episode.outcome is Outcome.GOAL),
            "has_goal": float(episode.start.has_goal),
        }
