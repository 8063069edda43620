"""B scenarios on their way: a world, and what the stack and its sensors remember of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from drivestack.core.map import Map
from drivestack.core.protocols import Stack, World
from drivestack.core.rows import join_rows, layout, take_rows
from drivestack.core.start import EgoKind, Start
from drivestack.core.types import Decision, Floats, Goal, Ints, Scene
from drivestack.world import sensing

from .goals import goals_of

DRIVEN = (EgoKind.PLAIN, EgoKind.STACK)
"""Kinds of ego that a stack drives; the others drive themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One scenario at the beginning of a tick, which it can go on from as often as one likes.

    Attributes:
        world: whose only slot it is. start: of the scenario. mount: of its sensors.
        goal, memory, sensed, control: one row each of what `Rollout` has.
    """

    world: World
    start: Start
    mount: sensing.Mount
    goal: Goal
    memory: Any
    sensed: sensing.Memory
    control: Floats

    @property
    def layout(self) -> tuple[tuple[int, ...], ...]:
        """Moments of equal layout can go on in one batch."""
        return layout(self.goal) + layout(self.memory) + layout(self.sensed)


@dataclass(slots=True, eq=False)
class Rollout:
    """A batch in lockstep; nothing here mixes slots.

    Attributes:
        world: that moves. stack: that drives. starts: B, any one where a slot is empty.
        mounts: B, of the sensors. scene: the true state. goal: of the egos.
        memory: the stack's. sensed: the sensors'. controls: (B, 2) in force.
    """

    world: World
    stack: Stack
    starts: list[Start]
    mounts: list[sensing.Mount]
    scene: Scene
    goal: Goal
    memory: Any
    sensed: sensing.Memory
    controls: Floats

    @classmethod
    def begun(
        cls, world: World, stack: Stack, starts: Sequence[Start], logged: int, latency: int
    ) -> Self:
        """Scenarios at their start, one a slot.

        Args:
            logged: the longest log of a recorded driver [ticks], of these and of those that refill
            slots. latency: likewise, of the sensors.
        """
        world.reset(starts)
        scene = world.observe()
        goal = goals_of(starts, maps_of(scene), logged)
        return cls(
            world=world,
            stack=stack,
            starts=list(starts),
            mounts=[sensing.Mount.of(start) for start in starts],
            scene=scene,
            goal=goal,
            memory=stack.start(len(starts), goal),
            sensed=sensing.fresh(len(starts), latency),
            controls=np.zeros((len(starts), 2)),
        )

    @classmethod
    def resumed(cls, moments: Sequence[Moment], stack: Stack, memory: Any) -> Self:
        """Moments of equal layout as a batch, driven by a stack with a memory of its own."""
        slots = [(moment.world, 0) for moment in moments]
        world = moments[0].world.gather(slots)
        return cls(
            world=world,
            stack=stack,
            starts=[moment.start for moment in moments],
            mounts=[moment.mount for moment in moments],
            scene=world.observe(),
            goal=join_rows([moment.goal for moment in moments]),
            memory=memory,
            sensed=join_rows([moment.sensed for moment in moments]),
            controls=np.concatenate([moment.control for moment in moments]),
        )

    def decide(self) -> Decision:
        """Let the stack decide on what the sensors see now."""
        seen, self.sensed = sensing.sense(self.scene, self.mounts, self.sensed)
        decision, self.memory = self.stack.decide(seen, self.memory)
        self.controls = decision.control
        return decision

    def watch(self) -> None:
        """Only sense: at this tick no control is due."""
        _, self.sensed = sensing.sense(self.scene, self.mounts, self.sensed)

    def step(self, meta: Ints | None = None) -> None:
        """Move the world by one tick."""
        self.world.step(self.controls, meta)
        self.scene = self.world.observe()

    def as_it_was(self, memory: Any, sensed: sensing.Memory, controls: Floats) -> Rollout:
        """This batch before it decided; the world has not moved since."""
        return replace(self, memory=memory, sensed=sensed, controls=controls)

    def moment(self, slot: int) -> Moment:
        """One slot as it is."""
        row = np.array([slot])
        return Moment(
            world=self.world.gather([(self.world, slot)]),
            start=self.starts[slot],
            mount=self.mounts[slot],
            goal=take_rows(self.goal, row),
            memory=take_rows(self.memory, row),
            sensed=take_rows(self.sensed, row),
            control=self.controls[row],
        )

    def release(self, slot: int) -> None:
        """Leave a slot empty."""
        self.world.release(slot)
        self.mounts[slot] = sensing.UNUSED

    def refill(self, rows: Sequence[int], starts: Sequence[Start], logged: int) -> None:
        """Give empty slots to new scenarios, one each; logged: as in `begun`."""
        for row, start in zip(rows, starts, strict=True):
            self.world.refill(row, start)
            self.starts[row], self.mounts[row] = start, sensing.Mount.of(start)
        self.scene = self.world.observe()
        maps, places = maps_of(self.scene), np.array(rows)
        self.goal = goals_of(self.starts, maps, logged)
        part = goals_of(starts, [maps[row] for row in rows], logged)
        self.memory = self.stack.reset(self.memory, places, part)
        self.sensed = sensing.reset_rows(self.sensed, places)


def maps_of(scene: Scene) -> list[Map]:
    """The ISO map of every slot."""
    return [scene.maps[number] for number in scene.map_index]
