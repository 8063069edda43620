"""Drives scenarios and forks them at moments, to see what becomes of the plan and of other ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drivestack.core.protocols import Stack
from drivestack.core.rng import stream
from drivestack.core.rows import take_rows
from drivestack.core.start import Start
from drivestack.core.types import Decision, Ints, Observation
from drivestack.learn.families import starts_by_kin
from drivestack.motion.pid import Pid
from drivestack.safety import GUARDS
from drivestack.safety.critic_features import features_of
from drivestack.safety.critic_network import Network
from drivestack.scenario.loader import Document
from drivestack.sim.driver import kin_of
from drivestack.sim.rollout import Rollout
from drivestack.sim.runner import NOBODY, Brancher, Lockstep
from drivestack.stack import STACKS, Setup
from drivestack.stack.stack import StagedStack
from drivestack.world import build_world, sensing

from .forks import executed
from .samples import Samples, none
from .variations import OF_ONE, Variation, varied, with_chunks
from .watching import Episodes, Watching, no_episodes

EVERY = 30
"""Ticks between moments: 1.5 s at 20 Hz. Our choice: half of what is foretold."""

NATURAL = (Variation.CHOSEN,)
"""Only what the stack does: for rates as they are."""


@dataclass(frozen=True, slots=True)
class Job:
    """Scenarios that are driven together.

    Attributes:
        family: id. stack: name. group: the number of both. seeds: of the scenarios.
        variations: plans that are executed at each moment. every: ticks between moments.
    """

    family: str
    stack: str
    group: int
    seeds: tuple[int, ...]
    variations: tuple[Variation, ...] = OF_ONE
    every: int = EVERY

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.family}-{self.stack}-{self.seeds[0]:04d}"


def collected(job: Job, document: Document) -> Samples:
    """Drive a job's scenarios and see what becomes of plans at moments of them."""
    return Samples.joined(
        [none(), *(_driven(job, same)[0] for same in starts_by_kin(document, job.seeds))]
    )


def watched(job: Job, document: Document, network: Network) -> tuple[Samples, Episodes]:
    """The same, with a network that is asked about every plan."""
    found = [_driven(job, same, network) for same in starts_by_kin(document, job.seeds)]
    samples = Samples.joined([none(), *(samples for samples, _ in found)])
    return samples, Episodes.joined([no_episodes(), *(episodes for _, episodes in found)])


def _driven(
    job: Job, starts: Sequence[Start], network: Network | None = None
) -> tuple[Samples, Episodes]:
    rates, actuators = kin_of(starts[0])
    setup = Setup(rates, "pid", actuators)
    stack = _unwatched(STACKS[job.stack](setup), setup.period)
    forking = Forking(job, starts, setup)
    if network is None:
        Lockstep(build_world("engine"), stack, starts, [], forking).run(len(starts))
        return Samples.joined([none(), *forking.found]), no_episodes()
    watching = Watching(network, starts, job.group)
    both = _Both(watching, forking)
    Lockstep(build_world("engine"), stack, starts, [watching], both).run(len(starts))
    return Samples.joined([none(), *forking.found]), watching.episodes()


def _unwatched(stack: Stack, period: float) -> Stack:
    """The stack with nothing but guards: what is to be learned is what follows without a layer."""
    assert isinstance(stack, StagedStack)
    guards = [make(period) for make in GUARDS.values()]
    inner = replace(stack.filter.filter, checks=guards)
    return replace(stack, filter=replace(stack.filter, filter=inner))


class _Both:
    """Two branchers as one."""

    def __init__(self, one: Brancher, other: Brancher) -> None:
        self._pair = one, other

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Tell both."""
        for brancher in self._pair:
            brancher.on_decision(slots, rollout, decision)


class Forking:
    """A brancher that executes plans in forks of the world."""

    def __init__(self, job: Job, starts: Sequence[Start], setup: Setup) -> None:
        self._job, self._starts = job, starts
        self._pid = Pid(setup.actuation)
        self._period = setup.rates.physics // setup.rates.control
        plan_every = setup.rates.physics // setup.rates.plan
        phase = stream(job.seeds[0], job.family, job.stack, "phase").integers(job.every)
        self._phase = int(phase) // plan_every * plan_every
        self.found: list[Samples] = []

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Execute plans of the scenarios whose moment it is."""
        scene = rollout.scene
        due = (scene.tick + self._phase) % self._job.every == 0
        rows = np.flatnonzero((slots != NOBODY) & due & decision.planned & ~scene.contact)
        if len(rows) and self._job.variations:
            seen, _ = sensing.sense(scene, rollout.mounts, rollout.sensed)
            self._execute(slots, rows, rollout, seen, decision)

    def _execute(
        self,
        slots: Ints,
        rows: NDArray[np.intp],
        rollout: Rollout,
        seen: Observation,
        decision: Decision,
    ) -> None:
        kinds = self._job.variations
        chunks = []
        for row in rows.tolist():
            start, tick = self._starts[int(slots[row])], int(seen.tick[row])
            draw = stream(start.seed, start.scenario, "critic", self._job.stack, tick)
            chunks += [varied(decision.plan, decision.candidates, row, k, draw) for k in kinds]
        each = np.repeat(rows, len(kinds))
        plans = with_chunks(decision.plan, each, chunks)
        observation = take_rows(seen, each)
        world = rollout.world.gather([(rollout.world, int(slot)) for slot in each])
        features = features_of(observation, plans)
        outcome = executed(world, observation, plans, self._pid, self._period)
        seeds = [self._starts[int(slots[row])].seed for row in each]
        self.found.append(
            Samples(
                own=features.own,
                others=features.others,
                there=features.there,
                contact=outcome.contact,
                answered=outcome.answered,
                after=outcome.after.astype(np.float32),
                variation=np.tile(np.array(kinds, np.int32), len(rows)),
                group=np.full(len(each), self._job.group, np.int32),
                seed=np.array(seeds, np.int32),
                tick=observation.tick.copy(),
            )
        )
