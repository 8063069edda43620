"""What is believed of the other's lateral motion from noisy samples: three ways of moving.

He *keeps* his distance, *turns in* (his lateral speed grows), or is *settled* (it stays). Each has
a Kalman filter over distance, lateral speed and its growth; the filters are mixed by how likely he
goes over from one way to another (an interacting multiple model filter, Blom and Bar-Shalom 1988).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.tables import Row

KEEPS, TURNS, SETTLED = 0, 1, 2
"""Ways of moving: places in a belief."""

WAYS = 3


@dataclass(frozen=True, slots=True)
class Tracker:
    """What the filters take for granted; our choice where nothing else is said.

    Attributes:
        y, speed: standard deviations of a sample [m, m/s]. step: [s]. accel, spread: lateral
        acceleration with which he turns in, mean and deviation [m/s2]: the study has 1.5.
        fastest: lateral speed at which he has settled at the latest [m/s]; until then each end
        is as likely. sets_off: chance in a sample that he does. again: that he turns in again.
        drift: deviation by which a settled speed changes in a sample [m/s].
    """

    y: float
    speed: float
    step: float = 0.1
    accel: float = 1.5
    spread: float = 0.5
    fastest: float = 2.0
    sets_off: float = 0.05
    again: float = 0.005
    drift: float = 0.002


@hot_kernel
def first_belief(y: float, chance: NDArray, mean: NDArray, spread: NDArray, tracker: Row) -> None:
    """Write what is believed after one sample: (3,), (3, 3), (3, 3, 3)."""
    mean[:], spread[:] = 0.0, 0.0
    for way in range(WAYS):
        mean[way, 0], mean[way, 2] = y, tracker.accel
        spread[way, 0, 0] = tracker.y * tracker.y
        spread[way, 2, 2] = tracker.spread * tracker.spread
    spread[SETTLED, 1, 1] = 0.25
    chance[KEEPS], chance[TURNS], chance[SETTLED] = 0.9, 0.05, 0.05


@hot_kernel
def _goes_over(mean: NDArray, over: NDArray, tracker: Row) -> None:
    """Write the chance of going over from each way (rows) to each."""
    over[:] = 0.0
    over[KEEPS, TURNS] = tracker.sets_off
    over[KEEPS, KEEPS] = 1.0 - tracker.sets_off
    growth = max(tracker.step * mean[TURNS, 2], 0.01)
    ends = min(max(growth / max(tracker.fastest - mean[TURNS, 1] + growth, growth), 0.05), 1.0)
    over[TURNS, SETTLED] = ends
    over[TURNS, TURNS] = 1.0 - ends
    over[SETTLED, TURNS] = tracker.again
    over[SETTLED, SETTLED] = 1.0 - tracker.again


@hot_kernel
def update(
    y: float, speed: float, chance: NDArray, mean: NDArray, spread: NDArray, old_chance: NDArray,
    old_mean: NDArray, old_spread: NDArray, over: NDArray, tracker: Row,
) -> None:  # fmt: skip
    """Go on by one sample and take in what was measured; the last four are scratch."""
    _goes_over(mean, over, tracker)
    for way in range(WAYS):
        old_chance[way] = chance[way]
        for i in range(3):
            old_mean[way, i] = mean[way, i]
            for j in range(3):
                old_spread[way, i, j] = spread[way, i, j]
    total = 0.0
    for way in range(WAYS):
        _mix(way, chance, mean, spread, old_chance, old_mean, old_spread, over, tracker)
        _move(way, mean, spread, tracker)
        chance[way] *= _measure(way, y, speed, mean, spread, tracker)
        total += chance[way]
    for way in range(WAYS):
        chance[way] = chance[way] / total if total > 0.0 else 1.0 / WAYS


@hot_kernel
def _mix(
    way: int, chance: NDArray, mean: NDArray, spread: NDArray, old_chance: NDArray,
    old_mean: NDArray, old_spread: NDArray, over: NDArray, tracker: Row,
) -> None:  # fmt: skip
    """Where he was if he moves in this way now."""
    total = 0.0
    for k in range(WAYS):
        total += over[k, way] * old_chance[k]
    chance[way] = total
    if total <= 0.0:
        return
    for i in range(3):
        mean[way, i] = 0.0
        for k in range(WAYS):
            mean[way, i] += over[k, way] * old_chance[k] / total * old_mean[k, i]
    for i in range(3):
        for j in range(3):
            spread[way, i, j] = 0.0
            for k in range(WAYS):
                off = (old_mean[k, i] - mean[way, i]) * (old_mean[k, j] - mean[way, j])
                weight = over[k, way] * old_chance[k] / total
                spread[way, i, j] += weight * (old_spread[k, i, j] + off)
    if way != TURNS:  # how fast he would turn in is open again
        for i in range(3):
            spread[way, i, 2] = spread[way, 2, i] = 0.0
        mean[way, 2], spread[way, 2, 2] = tracker.accel, tracker.spread * tracker.spread


@hot_kernel
def _move(way: int, mean: NDArray, spread: NDArray, tracker: Row) -> None:
    """One sample on: the distance by the old lateral speed, as on the grid, then the speed."""
    step = tracker.step
    mean[way, 0] -= step * mean[way, 1]
    for j in range(3):
        spread[way, 0, j] -= step * spread[way, 1, j]
    for i in range(3):
        spread[way, i, 0] -= step * spread[way, i, 1]
    if way == TURNS:
        mean[way, 1] += step * mean[way, 2]
        for j in range(3):
            spread[way, 1, j] += step * spread[way, 2, j]
        for i in range(3):
            spread[way, i, 1] += step * spread[way, i, 2]
    elif way == SETTLED:
        spread[way, 1, 1] += tracker.drift * tracker.drift
    else:
        mean[way, 1] = 0.0
        for i in range(3):
            spread[way, i, 1] = spread[way, 1, i] = 0.0


@hot_kernel
def _measure(
    way: int, y: float, speed: float, mean: NDArray, spread: NDArray, tracker: Row
) -> float:
    """Take in both measured values, one after the other; returns how likely they were."""
    likely = 1.0
    for part in range(2):
        deviation = tracker.y if part == 0 else tracker.speed
        value = y if part == 0 else speed
        variance = spread[way, part, part] + deviation * deviation
        off = value - mean[way, part]
        likely *= math.exp(-0.5 * off * off / variance) / math.sqrt(variance)
        gain0 = spread[way, 0, part] / variance
        gain1 = spread[way, 1, part] / variance
        gain2 = spread[way, 2, part] / variance
        mean[way, 0] += gain0 * off
        mean[way, 1] += gain1 * off
        mean[way, 2] += gain2 * off
        row0, row1, row2 = spread[way, part, 0], spread[way, part, 1], spread[way, part, 2]
        for i in range(3):
            gain = gain0 if i == 0 else (gain1 if i == 1 else gain2)
            spread[way, i, 0] -= gain * row0
            spread[way, i, 1] -= gain * row1
            spread[way, i, 2] -= gain * row2
    return likely
