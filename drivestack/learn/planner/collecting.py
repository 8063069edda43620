"""Drives scenarios of one family and notes what an expert does at moments of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from drivestack.core.rng import stream
from drivestack.core.start import Start
from drivestack.learn.families import starts_by_kin
from drivestack.scenario.loader import Document
from drivestack.sim.driver import Driver, kin_of
from drivestack.sim.experts import EVERY, EXPERTS
from drivestack.sim.runner import Lockstep
from drivestack.stack import Setup
from drivestack.stack.recorded import told_to
from drivestack.stack.stack import StagedStack
from drivestack.world import build_world

from .demonstrations import Demonstrations
from .disturbing import Disturbed
from .labelling import Labelling, Lesson, asking, listening


@dataclass(frozen=True, slots=True)
class Job:
    """Scenarios that are driven together.

    Attributes:
        family: id. driver: who drives, an expert or any stack. expert: who is asked; in `EXPERTS`.
        seeds: of the scenarios. policy, scorer: checkpoints of a driver that has them; None: its
        own.
    """

    family: str
    driver: str
    expert: str
    seeds: tuple[int, ...]
    policy: str | None = None
    scorer: str | None = None

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.family}-{self.driver}-{self.expert}-{self.seeds[0]:04d}"


def collected(job: Job, document: Document) -> Demonstrations:
    """Drive a job's scenarios and note what the expert does."""
    groups = starts_by_kin(document, job.seeds)
    return Demonstrations.joined([_driven(job, starts) for starts in groups])


def _driven(job: Job, starts: Sequence[Start]) -> Demonstrations:
    rates, actuators = kin_of(starts[0])
    setup = Setup(rates, actuators=actuators)
    world = build_world("engine")
    driver = Driver(job.driver, policy=job.policy, scorer=job.scorer)
    stack = cast(StagedStack, driver.stack_in(starts[0], world))
    draw = stream("disturbed", job.family, job.driver, job.seeds[0])
    stack = replace(stack, controller=Disturbed(stack.controller, draw))
    every = EVERY * rates.physics // rates.plan
    plan = rates.physics // rates.plan
    own = job.driver == job.expert
    # whoever is not the expert is asked about at other moments in other jobs
    phase = 0 if own else int(draw.integers(every)) // plan * plan
    teller = listening if own else asking(EXPERTS[job.expert](setup))
    lesson = Lesson(job.family, starts, list(EXPERTS).index(job.expert))
    labelling = Labelling(teller, lesson, every, phase)
    told = [told_to(job.driver, start) for start in starts]
    Lockstep(world, stack, told, [], labelling).run(len(starts))
    return labelling.found()
