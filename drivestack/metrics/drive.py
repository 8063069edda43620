"""What a score sees of an episode: dense arrays up to the first contact, and nuPlan's frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.compiled import kernel
from drivestack.core.episode import Episode
from drivestack.core.geometry import boxes_overlap
from drivestack.core.types import Bools, Floats, Ints

FRAME = 0.1
"""Time [s] between frames of nuPlan's scores (scores.md, section 7: sampling)."""


@dataclass(frozen=True, slots=True, eq=False)
class Drive:
    """The ego and all others at every tick.

    Attributes:
        ego: (T, 4) state, `v` signed. size: (2,) length and width [m].
        rear: (1,) distance of the rear axle behind the centre [m]. dt: (1,) [s] a tick.
        others: (T, N, 4) states. boxes: (T, N, 2) length and width [m]. kind: (N,) `Kind`.
        id: (N,). valid: (T, N).
    """

    ego: Floats
    size: Floats
    rear: Floats
    dt: Floats
    others: Floats
    boxes: Floats
    kind: Ints
    id: Ints
    valid: Bools

    def __post_init__(self) -> None:
        check_fields(self, _DRIVE)


_DRIVE = {
    "ego": ("T 4", np.float64),
    "size": ("2", np.float64),
    "rear": ("1", np.float64),
    "dt": ("1", np.float64),
    "others": ("T N 4", np.float64),
    "boxes": ("T N 2", np.float64),
    "kind": ("N", np.int32),
    "id": ("N", np.int32),
    "valid": ("T N", np.bool_),
}


def drive_of(episode: Episode) -> Drive:
    """The drive up to and including the first contact: a crash changes how the bodies move on.

    The rear axle is the rear end of the body, where highway-env's bicycle has it.
    """
    rows = scored_rows(episode)
    ids, column = np.unique(episode.agents["id"], return_inverse=True)
    first = int(rows["tick"][0]) if len(rows) else 0
    tick = episode.agents["tick"] - first
    kept = (tick >= 0) & (tick < len(rows))
    agents, tick, column = episode.agents[kept], tick[kept], column[kept]
    shape = (len(rows), len(ids))
    others, boxes = np.zeros((*shape, 4)), np.zeros((*shape, 2))
    valid, kind = np.zeros(shape, np.bool_), np.zeros(len(ids), np.int32)
    others[tick, column] = np.stack([agents[name] for name in ("x", "y", "yaw", "v")], axis=-1)
    boxes[tick, column] = np.stack([agents["length"], agents["width"]], axis=-1)
    valid[tick, column], kind[column] = True, agents["kind"]
    return Drive(
        ego=np.stack([rows[name] for name in ("x", "y", "yaw", "v")], axis=-1),
        size=episode.size,
        rear=episode.size[:1] / 2,
        dt=np.array([episode.dt]),
        others=others,
        boxes=boxes,
        kind=kind,
        id=ids.astype(np.int32),
        valid=valid,
    )


def scored_rows(episode: Episode) -> NDArray:
    """Rows (T,) of `EGO_TICK` up to and including the first contact."""
    touching = np.flatnonzero(episode.ego["contact"])
    return episode.ego[: touching[0] + 1] if len(touching) else episode.ego


def frame_ticks(count: int, dt: float) -> NDArray[np.intp]:
    """The ticks (F,) nearest to every 0.1 s; exactly on it where dt divides 0.1 s."""
    frames = int((count - 1) * dt / FRAME + 1e-9) + 1 if count else 0
    return np.rint(np.arange(frames) * FRAME / dt).astype(np.intp)


def at_frames(values: Floats, dt: float) -> Floats:
    """Values (F,) every 0.1 s, linear between ticks: a filter needs even spacing.

    Angles are to be unwrapped first.
    """
    if not len(values):
        return values
    frames = int((len(values) - 1) * dt / FRAME + 1e-9) + 1
    return np.interp(np.arange(frames) * FRAME, np.arange(len(values)) * dt, values)


def first_contacts(drive: Drive) -> NDArray[np.int64]:
    """The tick (N,) at which each road user first touches the ego, -1 for never."""
    return _first_contacts(drive.ego, drive.size, drive.others, drive.boxes, drive.valid)


@kernel
def _first_contacts(
    ego: NDArray, size: NDArray, others: NDArray, boxes: NDArray, valid: NDArray
) -> NDArray:
    found = np.full(others.shape[1], -1, np.int64)
    for t in range(ego.shape[0]):
        x, y, yaw = ego[t, 0], ego[t, 1], ego[t, 2]
        for n in range(others.shape[1]):
            if found[n] >= 0 or not valid[t, n]:
                continue
            ox, oy, oyaw = others[t, n, 0], others[t, n, 1], others[t, n, 2]
            length, width = boxes[t, n, 0], boxes[t, n, 1]
            if boxes_overlap(x, y, yaw, size[0], size[1], ox, oy, oyaw, length, width):
                found[n] = t
    return found
