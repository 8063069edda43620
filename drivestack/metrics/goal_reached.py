"""Whether the episode ended at its goal."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Outcome, Reason

from .evidence import Evidence


@dataclass(frozen=True, slots=True)
class GoalReached:
    """`goal_reached`: 1 or 0; `has_goal` says whether there was one to reach."""

    names: tuple[str, ...] = ("goal_reached", "has_goal")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """Both flags of one episode."""
        episode = evidence.episode
        reached, has_goal = episode.outcome is Outcome.GOAL, episode.start.has_goal
        tick = int(episode.ego["tick"][-1]) if len(episode.ego) else None
        when = f"after {(tick or 0) * episode.dt:.2f} s"
        ended = "at its goal" if reached else f"not at a goal: {episode.outcome.value}"
        there = "there was a goal" if has_goal else "there was no goal"
        return (
            Reason("goal_reached", float(reached), f"ended {when} {ended}", tick),
            Reason("has_goal", float(has_goal), there),
        )
