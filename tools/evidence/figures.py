"""Figures of episodes: of one driver on some scenes, and of a pair of drivers on the same seeds.

An episode that failed (raised) counts as an at-fault contact without progress or score, and is
shown: nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.metrics.judge import COMPOSED
from drivestack.sim.intervals import wilson
from drivestack.sim.paired import Discordant, Interval, mean_of

Rows = Sequence[Mapping[str, Any]]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figures:
    """One driver.

    Attributes:
        episodes, failed, at_fault, contacts, goals, with_goal: counts.
        at_fault_rate: with its Wilson interval. progress: mean along the route [m], to a contact.
        driven: mean length of the path [m]. mean_speed: over time [m/s].
        scores: mean by column, of the episodes that have it.
    """

    episodes: int
    failed: int
    at_fault: int
    at_fault_rate: Interval
    contacts: int
    goals: int
    with_goal: int
    progress: Interval
    driven: Interval
    mean_speed: float
    scores: dict[str, Interval]


@dataclass(frozen=True, slots=True)
class Paired:
    """One driver minus another on the same seeds.

    Attributes:
        at_fault: pairs in which only one has an at-fault contact.
        progress: mean difference along the route [m]; none where both reach the goal, since metres
        then only say which line they drove to it. driven: of the paths' lengths [m]; who misses an
        exit drives farther.
    """

    at_fault: Discordant
    progress: Interval
    driven: Interval


def figures(scenes: Mapping[str, Rows], driver: str) -> Figures:
    """Of all episodes of some scenes; bootstraps stay within a scene."""
    rows = [row for group in scenes.values() for row in group]
    driven = [row for row in rows if not _failed(row)]
    seconds = sum(row["ticks"] * row["dt"] for row in driven)
    metres = sum(row["mean_speed"] * row["ticks"] * row["dt"] for row in driven)
    faults, place = int(sum(at_fault(rows))), "+".join(scenes)
    return Figures(
        episodes=len(rows),
        failed=len(rows) - len(driven),
        at_fault=faults,
        at_fault_rate=Interval(faults / len(rows), *wilson(faults, len(rows))),
        contacts=sum(bool(row["contact"]) for row in driven),
        goals=sum(bool(row["goal_reached"]) for row in driven),
        with_goal=sum(bool(row["has_goal"]) for row in rows),
        progress=mean_of([progress(group) for group in scenes.values()], driver, place, "m"),
        driven=mean_of([driven_by(group) for group in scenes.values()], driver, place, "driven"),
        mean_speed=metres / seconds if seconds else 0.0,
        scores={
            column: mean_of(groups, driver, place, column)
            for column in COMPOSED
            if (groups := _scored(scenes, column))
        },
    )


def paired(first: Mapping[str, Rows], second: Mapping[str, Rows]) -> Paired:
    """First minus second; raises ValueError unless both have the same seeds on the same scenes."""
    for scene in first:
        seeds = [[row["seed"] for row in rows[scene]] for rows in (first, second)]
        if seeds[0] != seeds[1]:
            raise ValueError(f"{scene}: the two drivers have different seeds")
    gains = [_gain(first[scene], second[scene]) for scene in first]
    farther = [driven_by(first[scene]) - driven_by(second[scene]) for scene in first]
    return Paired(
        at_fault=Discordant.of(
            np.concatenate([at_fault(first[scene]) for scene in first]),
            np.concatenate([at_fault(second[scene]) for scene in first]),
        ),
        progress=mean_of(gains, "paired", "+".join(first), "m"),
        driven=mean_of(farther, "paired", "+".join(first), "driven"),
    )


def at_fault(rows: Rows) -> NDArray[np.bool_]:
    """Which episodes have an at-fault contact; a failed one counts as if it had."""
    return np.array([_failed(row) or bool(row["at_fault"]) for row in rows])


def progress(rows: Rows) -> Floats:
    """Progress of every episode along its route [m]; none for a failed one."""
    return np.array([0.0 if _failed(row) else float(row["route_progress_m"]) for row in rows])


def driven_by(rows: Rows) -> Floats:
    """Length of every episode's path [m]; none for a failed one."""
    return np.array([0.0 if _failed(row) else float(row["progress_m"]) for row in rows])


def _gain(first: Rows, second: Rows) -> Floats:
    """Differences of progress, pair by pair [m]."""
    both = [a["goal_reached"] and b["goal_reached"] for a, b in zip(first, second, strict=True)]
    return np.where(both, 0.0, progress(first) - progress(second))


def _scored(scenes: Mapping[str, Rows], column: str) -> list[Floats]:
    """Scores by scene of the episodes that have one; 0 for a failed one."""
    groups = [[0.0 if _failed(row) else row[column] for row in rows] for rows in scenes.values()]
    kept = [[value for value in group if value is not None] for group in groups]
    return [np.array(group, np.float64) for group in kept if group]


def _failed(row: Mapping[str, Any]) -> bool:
    return row["outcome"] == "failed"
