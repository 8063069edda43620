"""NAVSIM's TTC: the ego moved on at constant speed against where the others really were.

Source: navsim v1.1 `scoring/pdm_scorer.py`, `_calculate_ttc`. The bearing is that of where the
other will be from where the ego's rear axle is now, as there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Episode
from drivestack.core.geometry import boxes_overlap
from drivestack.core.types import Bools

from .collision import BEHIND
from .drive import FRAME, Drive, drive_of, frame_ticks
from .lane_facts import lane_facts
from .time_to_collision import AHEAD, STOPPED

PROJECTED = (0, 3, 6, 9)
"""Frames of 0.1 s by which the ego is moved on; NAVSIM."""


def is_free_ahead(drive: Drive, sideways: Bools, ticks: NDArray[np.intp]) -> bool:
    """Whether no projection of the ego meets anyone ahead of it.

    Who is met first while not ahead is not looked at any more. Projections beyond the last tick
    have nothing to be compared with.

    Args:
        drive: the ego and all others. sideways: (T,) as in `times_to_collision`.
        ticks: (F,) rows of the drive, 0.1 s apart.
    """
    geometry = np.array([drive.rear[0], AHEAD, BEHIND, STOPPED, FRAME])
    steps = np.array(PROJECTED, np.int64)
    return bool(
        _is_free(drive.ego, drive.size, drive.others, drive.boxes, drive.valid, sideways, ticks,
                 geometry, steps)
    )  # fmt: skip


@kernel
def _is_free(
    ego: NDArray, size: NDArray, others: NDArray, boxes: NDArray, valid: NDArray,
    sideways: NDArray, ticks: NDArray, geometry: NDArray, steps: NDArray,
) -> bool:  # fmt: skip
    """`geometry`: rear axle [m], ahead, behind [rad], stopped [m/s], a frame [s]."""
    rear, ahead, behind, stopped, frame = geometry
    passed = np.zeros(others.shape[1], np.bool_)
    for f in range(ticks.shape[0]):
        t = ticks[f]
        x, y, yaw, v = ego[t]
        if abs(v) <= stopped:
            continue
        c, s = math.cos(yaw), math.sin(yaw)
        widest = behind if sideways[t] else ahead
        for step in steps:
            if f + step >= ticks.shape[0]:
                break
            later, far = ticks[f + step], step * frame * v
            for n in range(others.shape[1]):
                if passed[n] or not valid[later, n]:
                    continue
                ox, oy, oyaw = others[later, n, 0], others[later, n, 1], others[later, n, 2]
                if not boxes_overlap(x + far * c, y + far * s, yaw, size[0], size[1], ox, oy, oyaw,
                                     boxes[later, n, 0], boxes[later, n, 1]):  # fmt: skip
                    continue
                dx, dy = ox - (x - rear * c), oy - (y - rear * s)
                angle = abs(math.atan2(dy * c - dx * s, dx * c + dy * s))
                if angle < widest or (sideways[t] and angle == widest):
                    return False
                passed[n] = True
    return True


@dataclass(frozen=True, slots=True)
class ProjectedContact:
    """`ttc_projected`: NAVSIM's TTC, 1 if nobody ahead is met within 0.9 s; 0 without ticks."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """The flag of one episode."""
        drive = drive_of(episode)
        if not len(drive.ego):
            return {"ttc_projected": 0.0}
        facts = lane_facts(episode.map, drive.ego[:, :3], drive.size)
        ticks = frame_ticks(len(drive.ego), episode.dt)
        free = is_free_ahead(drive, facts.straddles | facts.crossing, ticks)
        return {"ttc_projected": float(free)}
