"""Time to collision within bound TTC: boxes moved on at constant speed along their headings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.episode import Episode
from drivestack.core.geometry import boxes_overlap
from drivestack.core.types import Bools, Floats

from .collision import BEHIND, Collision, collisions
from .drive import Drive, drive_of, frame_ticks
from .lane_facts import lane_facts

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
) -> Floats:
    """Time to collision (F,) [s] at some ticks, infinite where nothing is met.

    A tick of an at-fault contact has 0; whoever has touched the ego is no longer looked at.

    Args:
        drive: the ego and all others. found: its contacts.
        sideways: (T,) the ego straddles lanes, is off them or where lanes cross: then all who are
            not behind count, else only those ahead.
        ticks: (F,) rows of the drive.
    """
    first = np.full(len(drive.kind), len(drive.ego), np.int64)
    for collision in found:
        first[collision.other] = collision.tick
    geometry = np.array([drive.rear[0], AHEAD, BEHIND, STOPPED, looking.step])
    times = _times(drive.ego, drive.size, drive.others, drive.boxes, drive.valid, first,
                   sideways, ticks, geometry, looking.steps)  # fmt: skip
    guilty = [collision.tick for collision in found if collision.at_fault]
    return np.where(np.isin(ticks, guilty), 0.0, times)


@kernel
def _times(
    ego: NDArray, size: NDArray, others: NDArray, boxes: NDArray, valid: NDArray, first: NDArray,
    sideways: NDArray, ticks: NDArray, geometry: NDArray, steps: int,
) -> NDArray:  # fmt: skip
    """Times (F,) [s]; `geometry`: rear axle [m], ahead, behind [rad], stopped [m/s], step [s]."""
    rear, ahead, behind, stopped, step = geometry
    found = np.full(ticks.shape[0], np.inf)
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
            dx, dy = ox - (x - rear * c), oy - (y - rear * s)
            angle = abs(math.atan2(dy * c - dx * s, dx * c + dy * s))
            if angle > widest or (angle == widest and not sideways[t]):
                continue
            oc, os = math.cos(oyaw), math.sin(oyaw)
            for k in range(1, best):
                far, other_far = k * step * v, k * step * ov
                if boxes_overlap(x + far * c, y + far * s, yaw, size[0], size[1],
                                 ox + other_far * oc, oy + other_far * os, oyaw,
                                 boxes[t, n, 0], boxes[t, n, 1]):  # fmt: skip
                    best = k
                    break
        if best <= steps:
            found[f] = best * step
    return found


def within_bound(times: Floats, least: float = LEAST) -> bool:
    """Whether every time to collision exceeds the bound [s]; true for none."""
    return bool(np.all(times > least))


def times_of(episode: Episode) -> Floats:
    """Times to collision [s] of an episode every 0.1 s, and at its contact."""
    drive = drive_of(episode)
    facts = lane_facts(episode.map, np.ascontiguousarray(drive.ego[:, :3]), drive.size)
    found = collisions(drive, facts.straddles)
    ticks = frame_ticks(len(drive.ego), episode.dt)
    ticks = np.union1d(ticks, [collision.tick for collision in found]).astype(np.intp)
    return times_to_collision(drive, found, facts.straddles | facts.crossing, ticks)


@dataclass(frozen=True, slots=True)
class TimeToCollision:
    """`ttc_within_bound`: 1 if the time to collision stays above 0.95 s; 0 without ticks."""

    def measure(self, episode: Episode) -> dict[str, float]:
        """The flag of one episode."""
        held = len(episode.ego) > 0 and within_bound(times_of(episode))
        return {"ttc_within_bound": float(held)}
