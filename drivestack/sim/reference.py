"""The reference that progress is compared with: `pdm15`, or another one, on the same scenarios.

It runs on the same backend as the episodes themselves, before them, and only how far it gets is
kept, also for later runs. Like an episode it does not depend on its batch, so nothing depends on
what runs beside it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.behavior.checkpoint import shipped
from drivestack.core.compiled import compile_seconds
from drivestack.core.episode import Outcome, ReferenceRun
from drivestack.core.protocols import Sink
from drivestack.core.start import Start
from drivestack.core.types import Decision, Floats, Ints, Scene
from drivestack.metrics.route_progress import route_progress
from drivestack.roads.mirror import to_iso
from drivestack.stack import APPRAISED, LEARNED
from drivestack.stack.recorded import told_to
from drivestack.world import build_world

from .driver import Driver
from .files import sha256_of
from .reference_cache import keep, kept
from .runner import DRIVEN, NOBODY, Lockstep

REFERENCE = Driver("pdm15")
"""The same for every run, whatever drives there, unless another one is asked for: PDM-Closed
re-stated, as it is by default."""


def name_of(reference: Driver) -> str:
    """What the log calls it."""
    return f"{reference.stack}/{reference.controller}"


@dataclass(frozen=True, slots=True)
class References:
    """What the episodes of a tile are compared with.

    Attributes:
        runs: by place among the scenarios; those that drive themselves, and those in which the
        reference failed, are not in it. seconds: wall time without compiling.
    """

    runs: dict[int, ReferenceRun]
    seconds: float

    def of(self, place: int) -> ReferenceRun | None:
        """The reference of a scenario."""
        return self.runs.get(place)


def references(
    starts: Sequence[Start],
    driver: Driver,
    backend: str,
    batch: int,
    sinks: Sequence[Sink],
    reference: Driver = REFERENCE,
) -> References:
    """Drive the reference through scenarios of equal rates, unless the run does so itself.

    Args:
        driver: of the run. backend: a name. batch: B. sinks: are told of its ticks too.
        reference: who drives.
    """
    places = [place for place, start in enumerate(starts) if start.ego_kind in DRIVEN]
    name = name_of(reference)
    if driver == reference:
        return References({place: ReferenceRun(name, None) for place in places}, 0.0)
    begin = time.perf_counter() - compile_seconds()
    by = " ".join([f"{name} on {backend}", *_checkpoints(reference)])
    known = {place: metres for place in places if (metres := kept(starts[place], by)) is not None}
    rest = [place for place in places if place not in known]
    left = [starts[place] for place in rest]
    found = driven(left, backend, batch, sinks, reference) if rest else {}
    for i, metres in found.items():
        keep(starts[rest[i]], by, metres)
        known[rest[i]] = metres
    runs = {place: ReferenceRun(name, metres) for place, metres in known.items()}
    return References(runs, time.perf_counter() - compile_seconds() - begin)


def driven(
    starts: Sequence[Start],
    backend: str,
    batch: int,
    sinks: Sequence[Sink] = (),
    reference: Driver = REFERENCE,
) -> dict[int, float]:
    """The reference's progress [m] by place; nothing where it failed.

    If a batch raises, what is left of it is driven one by one.
    """
    watch = _Odometer(starts)
    with contextlib.suppress(Exception):
        _drive(starts, backend, batch, [watch, *sinks], reference)
        return watch.progress
    for place, start in enumerate(starts):
        if place not in watch.progress:
            alone = _Odometer((start,))
            with contextlib.suppress(Exception):
                _drive((start,), backend, 1, [alone, *sinks], reference)
                watch.progress[place] = alone.progress[0]
    return watch.progress


def _drive(
    starts: Sequence[Start], backend: str, batch: int, sinks: Sequence[Any], reference: Driver
) -> None:
    world = build_world(backend)
    stack = reference.stack_in(starts[0], world)
    told = [told_to(reference.stack, start) for start in starts]
    Lockstep(world, stack, told, sinks).run(batch)


def _checkpoints(driver: Driver) -> list[str]:
    """What is in the checkpoints that somebody drives by, the shipped ones too."""
    files = []
    if driver.stack in LEARNED:
        files.append(driver.policy or shipped("flow"))
    if driver.stack in APPRAISED:
        files.append(driver.scorer or shipped("scorer"))
    return [sha256_of(Path(file)) for file in files]


class _Odometer:
    """A sink that keeps where every ego was until it ends, and then only how far it got."""

    def __init__(self, starts: Sequence[Start]) -> None:
        self._starts = starts
        self._poses: dict[int, list[Floats]] = {}
        self.progress: dict[int, float] = {}

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Keep the poses; records are immutable, so nothing is copied."""
        for slot in np.flatnonzero(slots != NOBODY).tolist():
            self._poses.setdefault(int(slots[slot]), []).append(scene.ego.state[slot, :3])

    def on_end(self, slot: int, outcome: Outcome) -> None:
        """Measure."""
        start, poses = self._starts[slot], np.array(self._poses.pop(slot))
        self.progress[slot] = route_progress(start, to_iso(start.map), poses)
