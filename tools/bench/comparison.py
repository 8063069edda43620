"""The engine against highway-env: the same ticks of the same scenes, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scenes import default
from timing import Timed, drive, median

from drivestack.core.start import EgoKind, Start
from drivestack.world.engine import Engine
from drivestack.world.highway_env import HighwayEnvWorld


@dataclass(frozen=True, slots=True)
class Trial:
    """What one comparison drives.

    Attributes:
        key: its name in the results. env_id, ego: the scene. batch: B.
        ticks: how many of an episode's ticks both drive; None: all of them.
        repetitions: each with other seeds.
    """

    key: str
    env_id: str
    batch: int
    ticks: int | None
    repetitions: int
    ego: EgoKind = EgoKind.IDM


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out.

    Attributes:
        ticks: driven by both. ratio: median over the repetitions of reference time over engine
        time. engine_us, reference_us: per slot and tick, medians. whole_us: the engine over whole
        episodes. difference: largest distance between the two backends' bodies at the end, over
        all repetitions [m]; traffic is chaotic, and stock numpy rounds differently from libm.
    """

    trial: Trial
    ticks: int
    ratio: Timed
    engine_us: Timed
    reference_us: Timed
    whole_us: Timed
    difference: float


TRIALS = (
    Trial("ratio_highway_v0", "highway-v0", 1, None, 3),
    Trial("ratio_highway_v0_b32", "highway-v0", 32, 45, 3),
    Trial("ratio_intersection_v2", "intersection-v2", 1, None, 9),
    Trial("ratio_intersection_v2_b32", "intersection-v2", 32, None, 3),
    Trial("ratio_intersection_v2_stack", "intersection-v2", 1, 75, 3, EgoKind.STACK),
)
"""highway-env does some 80 ticks a second on highway-v0, so 32 slots drive only their first 3 s."""

QUICK = (
    Trial("ratio_highway_v0", "highway-v0", 1, 75, 1),
    Trial("ratio_highway_v0_b32", "highway-v0", 32, 4, 1),
    Trial("ratio_intersection_v2", "intersection-v2", 1, None, 3),
    Trial("ratio_intersection_v2_b32", "intersection-v2", 32, 30, 1),
)


def compare(trial: Trial) -> Comparison:
    """Engine, reference, engine; fresh resets; the engine's two runs are averaged."""
    ratios, engine_us, reference_us, whole_us, differences = [], [], [], [], []
    ticks = 0
    for repetition in range(trial.repetitions):
        first = repetition * trial.batch
        starts = default(trial.env_id, range(first, first + trial.batch), trial.ego)
        ticks = trial.ticks or starts[0].ticks
        per_tick = 1e6 / (ticks * trial.batch)
        engine, reference = Engine(), HighwayEnvWorld()
        _warm(engine, starts)
        before = _quickest(engine, starts, ticks)
        slow = drive(reference, starts, ticks)
        after = _quickest(engine, starts, ticks)
        fast = Timed((before.cpu + after.cpu) / 2, (before.wall + after.wall) / 2)
        differences.append(_largest_difference(engine, reference))
        ratios.append(slow.over(fast))
        engine_us.append(fast.each(lambda seconds, unit=per_tick: seconds * unit))
        reference_us.append(slow.each(lambda seconds, unit=per_tick: seconds * unit))
        whole = _quickest(engine, starts, starts[0].ticks)
        unit = 1e6 / (starts[0].ticks * trial.batch)
        whole_us.append(whole.each(lambda seconds, unit=unit: seconds * unit))
    return Comparison(
        trial, ticks, median(ratios), median(engine_us), median(reference_us), median(whole_us),
        max(differences),
    )  # fmt: skip


def _warm(engine: Engine, starts: Sequence[Start]) -> None:
    """Compile or load every kernel before anything is timed."""
    drive(engine, starts, 2 * starts[0].policy_ticks)
    engine.observe()


def _quickest(engine: Engine, starts: Sequence[Start], ticks: int) -> Timed:
    """The median of three drives: a tick is so short that one interruption would show."""
    return median([drive(engine, starts, ticks) for _ in range(3)])


def _largest_difference(engine: Engine, reference: HighwayEnvWorld) -> float:
    """Largest distance of a body from its twin [m]; infinite if their numbers differ."""
    largest = 0.0
    for ours, theirs in zip(engine.raw(), reference.raw(), strict=True):
        if len(ours) != len(theirs):
            return float("inf")
        distance = np.hypot(ours["x"] - theirs["x"], ours["y"] - theirs["y"])
        largest = max(largest, float(distance.max()))
    return largest
