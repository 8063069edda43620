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
from drivestack.core.episode import Reason
from drivestack.core.geometry import bearing, boxes_overlap
from drivestack.core.types import Bools

from .collision import BEHIND
from .drive import FRAME, Drive
from .evidence import Evidence
from .time_to_collision import AHEAD, STOPPED

PROJECTED = (0, 3, 6, 9)
"""Frames of 0.1 s by which the ego is moved on; NAVSIM."""


def first_ahead(drive: Drive, sideways: Bools, ticks: NDArray[np.intp]) -> tuple[int, int, int]:
    """The first frame whose projection of the ego meets somebody ahead; -1 for never.

    Who is met first while not ahead is not looked at any more. Projections beyond the last tick
    have nothing to be compared with.

    Args:
        drive: the ego and all others. sideways: (T,) as in `times_to_collision`.
        ticks: (F,) rows of the drive, 0.1 s apart.

    Returns:
        The frame, how many frames the ego is moved on, and the column of the drive it meets.
    """
    geometry = np.array([drive.rear[0], AHEAD, BEHIND, STOPPED, FRAME])
    steps = np.array(PROJECTED, np.int64)
    frame, step, other = _first(drive.ego, drive.size, drive.others, drive.boxes, drive.valid,
                                sideways, ticks, geometry, steps)  # fmt: skip
    return int(frame), int(step), int(other)


@kernel
def _first(
    ego: NDArray, size: NDArray, others: NDArray, boxes: NDArray, valid: NDArray,
    sideways: NDArray, ticks: NDArray, geometry: NDArray, steps: NDArray,
) -> tuple[int, int, int]:  # fmt: skip
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
                ox, oy = float(others[later, n, 0]), float(others[later, n, 1])
                if not boxes_overlap(
                    x + far * c, y + far * s, yaw, size[0], size[1], ox, oy,
                    float(others[later, n, 2]), float(boxes[later, n, 0]),
                    float(boxes[later, n, 1]),
                ):  # fmt: skip
                    continue
                angle = bearing(x, y, c, s, rear, ox, oy)
                if angle < widest or (sideways[t] and angle == widest):
                    return f, step, n
                passed[n] = True
    return -1, 0, -1


@dataclass(frozen=True, slots=True)
class ProjectedContact:
    """`ttc_projected`: NAVSIM's TTC, 1 if nobody ahead is met within 0.9 s; 0 without ticks."""

    names: tuple[str, ...] = ("ttc_projected",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The flag of one episode."""
        name = self.names[0]
        if not evidence.driven:
            return (Reason(name, 0.0, "did not drive"),)
        facts, ticks = evidence.facts, evidence.frames
        frame, step, other = first_ahead(evidence.drive, facts.straddles | facts.crossing, ticks)
        if frame < 0:
            return (Reason(name, 1.0, "nobody ahead is met within 0.9 s at constant speed"),)
        row, seconds = ticks[frame], step * FRAME
        sentence = (
            f"{evidence.at(row)}, moved on at its speed for {seconds:.1f} s, the ego meets "
            f"{evidence.name(other)} where that one then was; allowed: nobody within 0.9 s"
        )
        tick, object = evidence.tick(row), evidence.id(other)
        return (Reason(name, 0.0, sentence, tick, object, seconds, PROJECTED[-1] * FRAME),)
