"""Chunks tried out: each is driven in a fork of the world, with traffic that reacts to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from drivestack.core.protocols import Controller, World
from drivestack.core.rows import take_rows
from drivestack.core.types import Observation, Plan, PlanSource, Scene
from drivestack.core.witness import Witnessed


class Onward(Protocol):
    """Says how a drive goes on after its chunk."""

    @property
    def steps(self) -> int:
        """For how many more steps."""
        ...

    def plan(self, scene: Scene) -> Plan | None:
        """A new plan of every slot of the forked world; None: the present one still holds."""
        ...


def tried(
    world: World,
    observation: Observation,
    states: NDArray[np.float64],
    controls: NDArray[np.float64],
    dt: float,
    valid: NDArray[np.bool_],
    follows: Controller,
    delay: int,
    onward: Onward | None = None,
) -> Witnessed:
    """Drive K chunks from each of B states, one in each slot of a world, which is moved on by it.

    Args:
        world: of B * K slots; state b's chunks stand at b * K ... b * K + K - 1.
        observation: B rows: what the ego's planner saw. states, controls: (B, K, T, 4 and 2).
        dt: step of the chunks [s], a whole multiple of the world's. valid: (B, K); others stay out.
        follows: tracks the chunks. delay: steps between a command and its effect.
        onward: how the drive goes on after the chunk; None: it ends there.
    """
    batch, count, steps = states.shape[:3]
    slots = batch * count
    each = np.repeat(np.arange(batch), count)
    plans = Plan(
        states=states.reshape(slots, steps, 4),
        controls=controls.reshape(slots, steps, 2),
        chosen=np.tile(np.arange(count, dtype=np.int32), batch),
        source=np.full(slots, PlanSource.CANDIDATE, np.int32),
        tick=observation.tick[each],
        dt=np.full(slots, dt),
    )
    last = steps + (onward.steps if onward else 0)
    for slot in np.flatnonzero(~valid.reshape(-1)).tolist():
        world.release(slot)
    seen = take_rows(observation, each)
    scene = world.observe()
    ticks = round(dt / float(scene.dt[0]))
    agents = scene.agents.id.shape[1]
    ego = np.zeros((slots, last + 1, 4))
    accel = np.zeros((slots, last + 1))
    others = np.zeros((slots, agents, last + 1, 4))
    there = np.zeros((slots, agents, last + 1), np.bool_)
    first = scene
    memory = follows.start(slots)
    under_way = np.zeros((slots, delay, 2))
    touched = scene.contact.copy()
    for step in range(last + 1):
        ego[:, step], accel[:, step] = scene.ego.state, scene.ego.accel
        _note(scene, first, step, others, there)
        if step == last:
            break
        if onward and step >= steps:
            plans = onward.plan(scene) or plans
        seen = replace(seen, tick=scene.tick, ego=scene.ego)
        tracking, memory = follows.track(seen, plans, under_way, memory)
        queue = np.concatenate([under_way, tracking.control[:, None]], axis=1)
        under_way = queue[:, 1:].copy()
        for _ in range(ticks):
            world.step(np.ascontiguousarray(queue[:, 0]))
        scene = world.observe()
        for slot in np.flatnonzero(scene.contact & ~touched).tolist():
            world.release(slot)
        touched |= scene.contact
    shape = (batch, count)
    return Witnessed(
        ego=ego.reshape(*shape, last + 1, 4),
        accel=accel.reshape(*shape, last + 1),
        valid=valid,
        state=others.reshape(*shape, agents, last + 1, 4),
        there=there.reshape(*shape, agents, last + 1),
        size=first.agents.size.reshape(*shape, agents, 2),
        kind=first.agents.kind.reshape(*shape, agents),
        dt=np.full(batch, dt),
    )


def _note(
    scene: Scene,
    first: Scene,
    step: int,
    others: NDArray[np.float64],
    there: NDArray[np.bool_],
) -> None:
    """Write where those are who were there at first; who comes later is too far away to matter."""
    agents = scene.agents
    count = others.shape[1]
    ids = agents.id[:, :count]
    same = (ids == first.agents.id).all(axis=1) & (agents.id.shape[1] == count)
    others[same, :, step] = agents.state[same, :count, -1]
    there[same, :, step] = agents.valid[same, :count, -1]
    for slot in np.flatnonzero(~same).tolist():
        for place, number in enumerate(first.agents.id[slot].tolist()):
            (found,) = np.nonzero((agents.id[slot] == number) & agents.valid[slot, :, -1])
            if len(found) and first.agents.valid[slot, place, -1]:
                others[slot, place, step] = agents.state[slot, found[0], -1]
                there[slot, place, step] = True
