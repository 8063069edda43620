"""Time to collision within bound TTC: boxes moved on at constant speed along their headings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Reason
from drivestack.core.geometry import bearing, boxes_overlap
from drivestack.core.types import Bools, Floats, Ints

from .collision import BEHIND, Collision
from .drive import Drive
from .evidence import Evidence

LEAST = 0.95
"""The smallest time to collision [s] of a drive must exceed this; nuPlan."""

STEP, HORIZON = 0.1, 3.0
"""Times looked at [s]: from one step to below the horizon; nuPlan."""

AHEAD = math.radians(30.0)
"""Bearing from the rear axle below which a road user is ahead; nuPlan."""

STOPPED = 0.005
"""Speed [m/s] up to which the ego has no time to collision; nuPlan."""


@dataclass(frozen=True, slots=True)
class Looking:
    """How far ahead is looked: times [s] in steps up to below the horizon."""

    step: float = STEP
    horizon: float = HORIZON

    @property
    def steps(self) -> int:
        """How many times are looked at."""
        return math.ceil((self.horizon - self.step) / self.step - 1e-9)


NUPLAN = Looking()


def times_to_collision(
    drive: Drive,
    found: Sequence[Collision],
    sideways: Bools,
    ticks: NDArray[np.intp],
    looking: Looking = NUPLAN,
) -> tuple[Floats, Ints]:
    """Time to collision (F,) [s] at some ticks, infinite where nothing is met, and with whom (F,).

    A tick of an at-fault contact has 0; whoever has touched the ego is no longer looked at.

    Args:
        drive: the ego and all others. found: its contacts.
        sideways: (T,) the ego straddles lanes, is off them or where lanes cross: then all who are
            not behind count, else only those ahead.
        ticks: (F,) rows of the drive.

    Returns:
        Times, and columns of the drive: -1 where nobody is met.
    """
    first = np.full(len(drive.kind), len(drive.ego), np.int64)
    for collision in found:
        first[collision.other] = collision.tick
    geometry = np.array([drive.rear[0], AHEAD, BEHIND, STOPPED, looking.step])
    times, whom = _times(drive.ego, drive.size, drive.others, drive.boxes, drive.valid, first,
                         sideways, ticks, geometry, looking.steps)  # fmt: skip
    for collision in found:
        if collision.at_fault:
            here = ticks == collision.tick
            times[here], whom[here] = 0.0, collision.other
    return times, whom


@kernel
def _times(
    ego: NDArray, size: NDArray, others: NDArray, boxes: NDArray, valid: NDArray, first: NDArray,
    sideways: NDArray, ticks: NDArray, geometry: NDArray, steps: int,
) -> tuple[NDArray, NDArray]:  # fmt: skip
    """Times (F,) [s], whom; `geometry`: rear axle [m], ahead, behind [rad], stopped [m/s], step."""
    rear, ahead, behind, stopped, step = geometry
    found, whom = np.full(ticks.shape[0], np.inf), np.full(ticks.shape[0], -1, np.int32)
    for f in range(ticks.shape[0]):
        t = ticks[f]
        x, y, yaw, v = ego[t]
        if abs(v) <= stopped:
            continue
        c, s = math.cos(yaw), math.sin(yaw)
        widest = behind if sideways[t] else ahead
        best = steps + 1
        for n in range(others.shape[1]):
            if not valid[t, n] or t >= first[n]:
                continue
            ox, oy, oyaw, ov = others[t, n]
            angle = bearing(x, y, c, s, rear, ox, oy)
            if angle > widest or (angle == widest and not sideways[t]):
                continue
            oc, os = math.cos(oyaw), math.sin(oyaw)
            for k in range(1, best):
                far, other_far = k * step * v, k * step * ov
                if boxes_overlap(x + far * c, y + far * s, yaw, size[0], size[1],
                                 ox + other_far * oc, oy + other_far * os, oyaw,
                                 boxes[t, n, 0], boxes[t, n, 1]):  # fmt: skip
                    best, whom[f] = k, n
                    break
        if best <= steps:
            found[f] = best * step
    return found, whom


def within_bound(times: Floats, least: float = LEAST) -> bool:
    """Whether every time to collision exceeds the bound [s]; true for none."""
    return bool(np.all(times > least))


@dataclass(frozen=True, slots=True)
class TimeToCollision:
    """`ttc_within_bound`: 1 if the time to collision stays above 0.95 s; 0 without ticks."""

    names: tuple[str, ...] = ("ttc_within_bound",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The flag of one episode, every 0.1 s and at its contacts."""
        name = self.names[0]
        if not evidence.driven:
            return (Reason(name, 0.0, "did not drive", bound=LEAST),)
        found, facts = evidence.collisions, evidence.facts
        ticks = np.union1d(evidence.frames, [hit.tick for hit in found]).astype(np.intp)
        sideways = facts.straddles | facts.crossing
        times, whom = times_to_collision(evidence.drive, found, sideways, ticks)
        held = within_bound(times)
        at = int(times.argmin() if held else np.argmax(times <= LEAST))
        if whom[at] < 0:
            return (Reason(name, 1.0, "nobody was on the way to a collision", bound=LEAST),)
        row, time, other = ticks[at], float(times[at]), whom[at]
        sentence = (
            f"time to collision {time:.1f} s {evidence.at(row)} with {evidence.name(other)}; "
            f"allowed: more than {LEAST:g} s"
        )
        tick, object = evidence.tick(row), evidence.id(other)
        return (Reason(name, float(held), sentence, tick, object, time, LEAST),)
