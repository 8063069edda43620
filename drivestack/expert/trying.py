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
    each = np.repeat(np.arange(batch), count)
    plans = _plans(observation.tick[each], states, controls, dt)
    for slot in np.flatnonzero(~valid.reshape(-1)).tolist():
        world.release(slot)
    seen, scene = take_rows(observation, each), world.observe()
    last = steps + (onward.steps if onward else 0)
    notes = _Notes(scene, last + 1)
    memory, under_way = follows.start(len(each)), np.zeros((len(each), delay, 2))
    touched = scene.contact.copy()
    for step in range(last):
        notes.take(scene, step)
        if onward and step >= steps:
            plans = onward.plan(scene) or plans
        seen = replace(seen, tick=scene.tick, ego=scene.ego)
        tracking, memory = follows.track(seen, plans, under_way, memory)
        queue = np.concatenate([under_way, tracking.control[:, None]], axis=1)
        under_way = queue[:, 1:].copy()
        for _ in range(round(dt / float(scene.dt[0]))):
            world.step(np.ascontiguousarray(queue[:, 0]))
        scene = world.observe()
        for slot in np.flatnonzero(scene.contact & ~touched).tolist():
            world.release(slot)
        touched |= scene.contact
    notes.take(scene, last)
    return notes.witnessed(valid, np.full(batch, dt))


def _plans(
    tick: NDArray[np.int32], states: NDArray[np.float64], controls: NDArray[np.float64], dt: float
) -> Plan:
    """Chunks (B, K, T, ·) as plans of B * K slots, whose ticks (B * K,) are these."""
    batch, count, steps = states.shape[:3]
    slots = batch * count
    return Plan(
        states=states.reshape(slots, steps, 4),
        controls=controls.reshape(slots, steps, 2),
        chosen=np.tile(np.arange(count, dtype=np.int32), batch),
        source=np.full(slots, PlanSource.CANDIDATE, np.int32),
        tick=tick,
        dt=np.full(slots, dt),
    )


class _Notes:
    """Where everybody is at each of F frames; of others those who were there at first."""

    def __init__(self, first: Scene, frames: int) -> None:
        slots, agents = first.agents.id.shape
        self._first = first
        self._ego = np.zeros((slots, frames, 4))
        self._accel = np.zeros((slots, frames))
        self._others = np.zeros((slots, agents, frames, 4))
        self._there = np.zeros((slots, agents, frames), np.bool_)

    def take(self, scene: Scene, frame: int) -> None:
        """One frame; who comes later than at first is too far away to matter."""
        self._ego[:, frame], self._accel[:, frame] = scene.ego.state, scene.ego.accel
        agents, known = scene.agents, self._first.agents
        count = known.id.shape[1]
        same = (agents.id[:, :count] == known.id).all(axis=1) & (agents.id.shape[1] == count)
        self._others[same, :, frame] = agents.state[same, :count, -1]
        self._there[same, :, frame] = agents.valid[same, :count, -1]
        for slot in np.flatnonzero(~same).tolist():
            for place, number in enumerate(known.id[slot].tolist()):
                (found,) = np.nonzero((agents.id[slot] == number) & agents.valid[slot, :, -1])
                if len(found) and known.valid[slot, place, -1]:
                    self._others[slot, place, frame] = agents.state[slot, found[0], -1]
                    self._there[slot, place, frame] = True

    def witnessed(self, valid: NDArray[np.bool_], dt: NDArray[np.float64]) -> Witnessed:
        """All of it, K drives of each of B states by `valid` (B, K)."""
        agents, shape = self._first.agents, valid.shape

        def split(array: NDArray) -> NDArray:
            return array.reshape(*shape, *array.shape[1:])

        return Witnessed(
            ego=split(self._ego),
            accel=split(self._accel),
            valid=valid,
            state=split(self._others),
            there=split(self._there),
            size=split(agents.size),
            kind=split(agents.kind),
            dt=dt,
        )
