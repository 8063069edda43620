"""The aims, and whether a result meets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from timing import Timed


@dataclass(frozen=True, slots=True)
class Aim:
    """A bound on one result: at least, or at most if `ceiling`."""

    key: str
    bound: float
    ceiling: bool = False

    def is_met(self, value: float) -> bool:
        """Whether a measured value keeps the bound."""
        return value <= self.bound if self.ceiling else value >= self.bound

    def text(self) -> str:
        """The bound in words."""
        return f"{'at most' if self.ceiling else 'at least'} {self.bound:,g}"


AIMS = (
    Aim("ratio_highway_v0", 300),
    Aim("ratio_highway_v0_b32", 500),
    Aim("ratio_intersection_v2", 100),
    Aim("ratio_intersection_v2_b32", 150),
    *(
        Aim(f"agent_steps_per_s.B{batch}.N{cars}", 3e6)
        for batch in (1, 32)
        for cars in (10, 50, 200, 800)
    ),
    Aim("agent_steps_per_s_roundabout", 1e6),
    *(
        Aim(f"agent_steps_per_s_maps.B32.{scene}", 1e6)
        for scene in ("roundabout-v1", "exit-v1", "racetrack-large-v1")
    ),
    Aim("time_per_agent_step_N800_over_N50", 2, ceiling=True),
    Aim("fork_rollouts_per_s", 2500),
    Aim("compile_s", 60, ceiling=True),
)
"""Set before the engine was written."""


STACK_AIMS = (
    Aim("realtime_factor_b1", 20),
    Aim("realtime_factor_b32", 60),
    Aim("mpc_p50_us", 150, ceiling=True),
    Aim("mpc_p99_us", 500, ceiling=True),
    Aim("scorer_us_per_scenario", 1000, ceiling=True),
)
"""Of `stack.py`, set before the stack was written; the scorer's is "well under a millisecond"."""


def judged(
    found: dict[str, Timed], aims: Sequence[Aim] = AIMS
) -> list[tuple[str, str, float, bool]]:
    """(key, bound, CPU-time value, met) of every aim that was measured."""
    return [
        (aim.key, aim.text(), found[aim.key].cpu, aim.is_met(found[aim.key].cpu))
        for aim in aims
        if aim.key in found
    ]
