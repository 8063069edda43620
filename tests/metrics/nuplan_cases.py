"""Reads the nuPlan conformance scenes of the shared data (scores.md, section 11)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.core.tables import Kind
from drivestack.metrics.drive import Drive

REAR = 1.461
"""Centre of nuPlan's vehicle ahead of its rear axle [m]; scores.md, section 2.3."""

SIZE = (5.176, 2.297)

KINDS = {"vehicles": Kind.CAR, "bicycles": Kind.BICYCLE, "pedestrians": Kind.PEDESTRIAN}
"""Other groups of a scene are not loaded, as upstream."""


@dataclass(frozen=True, slots=True)
class Case:
    """One scene: its raw JSON and the series of its ego."""

    raw: dict[str, Any]
    pose: np.ndarray  # (T, 3) rear axle
    velocity: np.ndarray  # (T, 2)
    acceleration: np.ndarray  # (T, 2)
    seconds: np.ndarray  # (T,)

    @property
    def dt(self) -> float:
        return float(np.diff(self.seconds).mean())

    def expected(self) -> list[list[Any]]:
        found = self.raw["expected"]
        return (found[0] if isinstance(found, list) else found)["statistics"]

    def series(self) -> list[float]:
        return self.raw["expected"]["time_series"]["values"]

    def values(self, kind: str) -> list[Any]:
        return [value for name, value in self.expected() if name == kind]


def case(shared: Path, name: str) -> Case:
    # `Infinity` is no JSON, but Python's reader takes it
    raw = json.loads((shared / "data" / "nuplan_metric_cases" / f"{name}.json").read_text())
    frames = [raw["ego"], *raw.get("ego_future_states", [])]
    return Case(
        raw,
        np.array([frame["pose"] for frame in frames]),
        np.array([frame["velocity"] for frame in frames]),
        np.array([frame["acceleration"] for frame in frames]),
        np.array([frame["time_us"] for frame in frames]) / 1e6,
    )


def centres(pose: np.ndarray) -> np.ndarray:
    """Poses of the footprint centre for poses of the rear axle."""
    ahead = REAR * np.stack([np.cos(pose[:, 2]), np.sin(pose[:, 2])], axis=-1)
    return np.column_stack([pose[:, :2] + ahead, pose[:, 2]])


def drive(found: Case) -> Drive:
    """The scene as a drive; an object's size is width, length and its pose the centre."""
    worlds = [found.raw["world"], *found.raw.get("world_future_states", [])]
    seen = [
        {(group, row["id"]): row for group in KINDS for row in world.get(group, [])}
        for world in worlds
    ]
    names = sorted({name for world in seen for name in world})
    shape = (len(worlds), len(names))
    others, boxes = np.zeros((*shape, 4)), np.zeros((*shape, 2))
    valid = np.zeros(shape, np.bool_)
    for t, world in enumerate(seen):
        for n, name in enumerate(names):
            if name in world:
                box = world[name]["box"]
                others[t, n], boxes[t, n] = [*box["pose"], world[name]["speed"]], box["size"][::-1]
                valid[t, n] = True
    return Drive(
        ego=np.column_stack([centres(found.pose), np.hypot(*found.velocity.T)]),
        size=np.array(SIZE),
        rear=np.array([REAR]),
        dt=np.array([found.dt if len(worlds) > 1 else 1.0]),
        others=others,
        boxes=boxes,
        kind=np.array([KINDS[group] for group, _ in names], np.int32),
        id=np.arange(len(names), dtype=np.int32),
        valid=valid,
    )
