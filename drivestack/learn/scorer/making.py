"""Makes a scoring model: try candidates, train, calibrate, judge; goes on where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from drivestack.behavior import tokens
from drivestack.behavior.checkpoint import check_given, scorer_bytes
from drivestack.core.errors import InputError, unknown
from drivestack.core.rng import stream
from drivestack.core.sources import source_digest
from drivestack.core.start import Start
from drivestack.learn.families import (
    CALIBRATION,
    TRAINING,
    families_in,
    families_of,
    left_out,
    starts_by_kin,
)
from drivestack.learn.folder import made, pinned
from drivestack.learn.planner.disturbing import Disturbed
from drivestack.learn.planner.teaching import UNSEEN
from drivestack.learn.pool import Advance, all_done
from drivestack.motion.pid import Pid
from drivestack.sim.driver import Driver, kin_of
from drivestack.sim.files import sha256_of, write_text, written_whole
from drivestack.sim.manifest import versions
from drivestack.sim.runner import Lockstep
from drivestack.stack import LEARNED, Setup
from drivestack.stack.recorded import told_to
from drivestack.stack.stack import StagedStack
from drivestack.world import build_world

from . import trials
from .judging import judged
from .training import Course, calibrate, trained
from .trials import Trials
from .trying import Trialling, Trying

PLAN, CHECKPOINT, FIGURES = "plan.json", "scorer.safetensors", "scorer.json"
"""Files in the folder, beside one `.npz` a job."""

EVERY = 20
"""Ticks between two moments of a drive: 1 s at 20 Hz. Our choice."""


@dataclass(frozen=True, slots=True)
class Making:
    """What is asked for.

    Attributes:
        files: of scenarios. out: the folder. policy: checkpoint of the learned candidates; None:
        the shipped one. driver: whose candidates are tried. scorer: checkpoint of a driver that has
        one; None: the shipped one. unseen: families that are left out; None: the usual ones.
        seeds: of each family, of which a tenth is to calibrate with. batch: scenarios of a job.
    """

    files: tuple[Path, ...]
    out: Path
    policy: Path | None = None
    driver: str = "flow_ruled"
    scorer: Path | None = None
    unseen: tuple[str, ...] | None = None
    seeds: int = 20
    batch: int = 10
    course: Course = field(default_factory=Course)
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """Scenarios of one family that are driven together, as a task (`learn.pool.Task`)."""

    family: str
    group: int
    seeds: tuple[int, ...]
    driver: str
    policy: Path | None
    scorer: Path | None
    files: tuple[str, ...]
    folder: Path

    @property
    def part(self) -> Path:
        """Its file."""
        return self.folder / f"{self.family}-{self.driver}-{self.seeds[0]:04d}.npz"

    def is_done(self) -> bool:
        """Whether its file is there."""
        return self.part.exists()

    def do(self) -> None:
        """Drive and try, and write what came of it."""
        document = families_of(self.files)[self.family]
        groups = starts_by_kin(document, self.seeds)
        found = [part for starts in groups for part in self._driven(starts)]
        trials.write(self.part, Trials.joined([trials.none(), *found]))

    def _driven(self, starts: list[Start]) -> list[Trials]:
        rates, actuators = kin_of(starts[0])
        setup = Setup(rates, actuators=actuators)
        world = build_world("engine")
        driver = _driver(self.driver, self.policy, self.scorer)
        stack = cast(StagedStack, driver.stack_in(starts[0], world))
        draw = stream("trials", self.family, self.driver, self.seeds[0])
        stack = replace(stack, controller=Disturbed(stack.controller, draw))
        plan = rates.physics // rates.plan
        phase = int(draw.integers(EVERY)) // plan * plan
        trying = Trying(Pid(setup.actuation), setup.actuation.delay)
        trialling = Trialling(trying, starts, self.group, EVERY, phase)
        told = [told_to(self.driver, start) for start in starts]
        Lockstep(world, stack, told, [], trialling).run(len(starts))
        return trialling.found


def make_scorer(asked: Making, advance: Advance) -> dict[str, Any]:
    """Make a scoring model; returns the facts that are also in its header and in the folder.

    Raises:
        InputError: one sentence: a file or name is wrong, the folder is of something else.
        EnvironmentFault: the folder cannot be made.
        KeyboardInterrupt: what was tried until then is in files.
    """
    families = families_in(asked.files)
    unseen = left_out(families, asked.unseen, UNSEEN)
    if asked.driver not in LEARNED:
        raise unknown("driver", asked.driver, LEARNED)
    check_given(asked.policy, asked.scorer)
    _driver(asked.driver, asked.policy, asked.scorer)
    made(asked.out)
    provenance = _provenance(asked, tuple(families))
    pinned(asked.out / PLAN, provenance, "a scorer")
    jobs = list(_jobs(asked, [name for name in families if name not in unseen]))
    all_done(jobs, asked.workers, "trying", advance)
    found = Trials.joined([trials.none(), *(trials.read(job.part) for job in jobs)])
    late = found.seed >= CALIBRATION.start
    if late.all() or not late.any():
        raise InputError("no moment of these scenarios to learn from, or none to calibrate with")
    learned, held_out = found.some(np.flatnonzero(~late)), found.some(np.flatnonzero(late))
    appraiser = trained(learned, asked.course, lambda at, of, loss: advance("training", at, of))
    calibrate(appraiser, held_out)
    facts = provenance | {
        "data": {"sha256": found.digest(), "moments": len(learned), "held_out": len(held_out)},
        "figures": judged(appraiser, held_out),
    }
    with written_whole(asked.out / CHECKPOINT) as temporary:
        temporary.write_bytes(scorer_bytes(appraiser, facts))
    write_text(asked.out / FIGURES, json.dumps(facts, indent=1))
    return facts


def _jobs(asked: Making, families: Sequence[str]) -> Iterator[Job]:
    """Jobs with other seeds each; those to calibrate with come from their own range."""
    late = max(asked.seeds // 10, 1)
    files = tuple(map(str, asked.files))
    for place, family in enumerate(families):
        for seeds, count in ((TRAINING, asked.seeds - late), (CALIBRATION, late)):
            step = len(seeds) // max(count, 1)
            own = [seeds[(number * step + 11 * place + 5) % len(seeds)] for number in range(count)]
            for first in range(0, count, asked.batch):
                some = tuple(sorted(own[first : first + asked.batch]))
                yield Job(
                    family,
                    place,
                    some,
                    asked.driver,
                    asked.policy,
                    asked.scorer,
                    files,
                    asked.out,
                )


def _driver(stack: str, policy: Path | None, scorer: Path | None) -> Driver:
    return Driver(
        stack,
        policy=None if policy is None else str(policy),
        scorer=None if scorer is None else str(scorer),
    )


def _provenance(asked: Making, families: tuple[str, ...]) -> dict[str, Any]:
    """All that the result depends on."""
    package = Path(tokens.__file__).parents[1]
    return {
        "made": "scorer",
        "driver": asked.driver,
        "policy": sha256_of(asked.policy) if asked.policy else "shipped",
        "judge": sha256_of(asked.scorer) if asked.scorer else "shipped",
        "families": families,
        "unseen": asked.unseen,
        "seeds": asked.seeds,
        "course": asdict(asked.course),
        "files": {str(file): sha256_of(file) for file in asked.files},
        "code": source_digest(Path(__file__), package),
        "versions": versions(),
    }
