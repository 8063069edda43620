"""The table of a run: rates and means per scene and in total, each with a 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from drivestack.metrics.judge import COMPOSED, SUB_METRICS

from .intervals import Mean, Rate, means, rate

SCORES: tuple[str, ...] = (*COMPOSED, *SUB_METRICS)
"""Columns of episodes that are scores: in [0, 1], and 0 for a failed episode."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        scene: or "total". episodes, failed: counts. A failed episode counts as 0 in every score,
        and is in none of the other figures but these and the two of expectations.
        contact, at_fault, frozen: of those that did not fail. goal: of those among them that had
        one. progress_m: [m]. mean_speed: over driven time [m/s].
        scores: of each column in `SCORES`, over the episodes that have it.
        steps_per_second: physics ticks over their share of the run's wall time, all processes.
        as_expected: met all that their scenarios expect; `with_expectations` had any.
    """

    scene: str
    episodes: int
    failed: int
    contact: Rate
    at_fault: Rate
    frozen: Rate
    goal: Rate
    progress_m: Mean
    mean_speed: Mean
    scores: dict[str, Mean]
    steps_per_second: float
    as_expected: int
    with_expectations: int


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
    with_goal = [row for row in driven if row["has_goal"]]
    progress, speed, *scores = _means(scene, rows)
    ticks = sum(row["ticks"] for row in driven)
    return Line(
        scene=scene,
        episodes=len(rows),
        failed=len(rows) - len(driven),
        contact=_rate("contact", driven),
        at_fault=_rate("at_fault", driven),
        frozen=_rate("frozen", driven),
        goal=_rate("goal_reached", with_goal),
        progress_m=progress,
        mean_speed=speed,
        scores=dict(zip(SCORES, scores, strict=True)),
        steps_per_second=ticks / seconds if seconds > 0.0 else 0.0,
        as_expected=sum(row["expectations"] == "met" for row in rows),
        with_expectations=sum(row["expectations"] != "none" for row in rows),
    )


def _rate(flag: str, rows: Sequence[dict[str, Any]]) -> Rate:
    return rate(sum(bool(row[flag]) for row in rows), len(rows))


def _means(scene: str, rows: Sequence[dict[str, Any]]) -> list[Mean]:
    """Progress, mean speed by driven time, and every score."""
    failed = np.array([row["outcome"] == "failed" for row in rows], np.bool_)
    columns, weights = [], []
    for name in ("progress_m", "mean_speed"):
        columns.append([row[name] for row in rows])
        time = [row["ticks"] * row["dt"] if name == "mean_speed" else 1.0 for row in rows]
        weights.append(np.where(failed, 0.0, time))
    for name in SCORES:
        known = np.array([row[name] is not None for row in rows], np.bool_)
        columns.append([0.0 if out else row[name] or 0.0
                        for row, out in zip(rows, failed, strict=True)])  # fmt: skip
        weights.append((known | failed).astype(np.float64))
    return means(scene, np.array(columns, np.float64).T, np.array(weights).T)
