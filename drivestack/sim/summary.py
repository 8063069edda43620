"""The table of a run: rates with intervals and means per scene and in total."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        scene: or "total". episodes, failed: counts; a failed episode is in no other figure but
        this count. contact, at_fault, goal: counts among the others; `with_goal` had a goal.
        contact_low, contact_high: 95 % Wilson interval of the contact rate.
        progress_m: mean [m]. mean_speed: over driven time [m/s].
        steps_per_second: physics ticks over their share of the run's wall time, all processes.
        as_expected: met all that their scenarios expect; `with_expectations` had any. Failed
        episodes are in these two.
    """

    scene: str
    episodes: int
    failed: int
    contact: int
    contact_low: float
    contact_high: float
    at_fault: int
    goal: int
    with_goal: int
    progress_m: float
    mean_speed: float
    steps_per_second: float
    as_expected: int
    with_expectations: int


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """95 % interval of a rate (Wilson 1927); everything is possible without trials."""
    if trials == 0:
        return 0.0, 1.0
    rate, z2 = hits / trials, Z_95 * Z_95
    middle = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    spread = math.sqrt(rate * (1 - rate) / trials + z2 / (4 * trials * trials))
    half = Z_95 * spread / (1 + z2 / trials)
    low = 0.0 if hits == 0 else max(middle - half, 0.0)
    return low, 1.0 if hits == trials else min(middle + half, 1.0)


def table(episodes: Sequence[dict[str, Any]], seconds: float) -> list[Line]:
    """One line per scene in order of appearance, the total last.

    Args:
        episodes: summaries of a `Run`. seconds: wall time of the run, for the total's rate.
    """
    scenes: dict[str, list[dict[str, Any]]] = {}
    for row in episodes:
        scenes.setdefault(row["scene"], []).append(row)
    lines = [_line(scene, rows, sum(r["wall_seconds"] for r in rows))
             for scene, rows in scenes.items()]  # fmt: skip
    return [*lines, _line("total", episodes, seconds)]


def _line(scene: str, rows: Sequence[dict[str, Any]], seconds: float) -> Line:
    driven = [row for row in rows if row["outcome"] != "failed"]
    contact = sum(row["contact"] for row in driven)
    low, high = wilson(contact, len(driven))
    ticks = sum(row["ticks"] for row in driven)
    time = sum(row["ticks"] * row["dt"] for row in driven)
    metres = sum(row["mean_speed"] * row["ticks"] * row["dt"] for row in driven)
    return Line(
        scene=scene,
        episodes=len(rows),
        failed=len(rows) - len(driven),
        contact=contact,
        contact_low=low,
        contact_high=high,
        at_fault=sum(row["at_fault"] for row in driven),
        goal=sum(row["goal_reached"] for row in driven),
        with_goal=sum(row["has_goal"] for row in driven),
        progress_m=sum(row["progress_m"] for row in driven) / len(driven) if driven else 0.0,
        mean_speed=metres / time if time else 0.0,
        steps_per_second=ticks / seconds if seconds > 0.0 else 0.0,
        as_expected=sum(row["expectations"] == "met" for row in rows),
        with_expectations=sum(row["expectations"] != "none" for row in rows),
    )
