"""When plans are made and when they act: planning periods, latencies, holding the last one.

A plan that is decided at tick t acts from t + latency on. A row without a new plan holds its last
one; once that is too old, the safety layer's freshness check brakes in the lane.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.select import going_on
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.types import Bools, Floats, Observation, Plan, PlanSource

from .memory import Memory
from .setup import Setup


def due(observation: Observation, memory: Memory, setup: Setup) -> Bools:
    """(B,) rows that plan in this tick: at whole planning periods, and those without any plan."""
    every = setup.rates.physics // setup.rates.plan
    return (observation.tick % every == 0) | ~memory.planned


def decided(
    observation: Observation, memory: Memory, rows: NDArray[np.intp], plan: Plan, setup: Setup
) -> Memory:
    """The memory with new plans of some rows, in force at once or waiting.

    Args:
        observation: of these rows. plan: theirs, in order.
    """
    first = ~memory.planned[rows]
    planned = memory.planned.copy()
    planned[rows] = True
    memory = replace(memory, planned=planned)
    if setup.latency.plan == 0:
        return replace(memory, plan=_in_force(memory.plan, rows, plan))
    if first.any():  # until the first plan arrives the car goes on as it does
        part = np.flatnonzero(first)
        as_before = going_on(take_rows(observation, part), plan.states.shape[1], plan.dt[part])
        memory = replace(memory, plan=_in_force(memory.plan, rows[part], as_before))
    return replace(memory, waiting=memory.waiting.joined_by(plan, rows))


def fits(plan: Plan, memory: Memory) -> bool:
    """Whether a plan has as many steps as those in force, if there are any."""
    return not memory.planned.any() or plan.states.shape[1] == memory.plan.states.shape[1]


def held(memory: Memory, rows: NDArray[np.intp]) -> Memory:
    """The memory with the plans of some rows, for which there are no new ones, marked as held."""
    source = memory.plan.source.copy()
    source[rows[source[rows] == PlanSource.CANDIDATE]] = PlanSource.HELD
    return replace(memory, plan=replace(memory.plan, source=source))


def arrived(observation: Observation, memory: Memory, setup: Setup) -> Memory:
    """The memory with the waiting plans in force whose time has come."""
    if setup.latency.plan == 0:
        return memory
    place, some, waiting = memory.waiting.arrived(observation.tick, setup.latency.plan)
    rows = np.flatnonzero(some)
    if len(rows) == 0:
        return memory
    plan = memory.waiting.plan_at(place, rows, memory.plan.dt)
    return replace(memory, plan=_in_force(memory.plan, rows, plan), waiting=waiting)


def commands(under_way: Floats, control: Floats, uncommanded: int) -> tuple[Floats, int]:
    """The queue (B, D + 1, 2) with the newest control, and the place that is commanded now.

    Args:
        under_way: (B, D, 2). control: (B, 2) just decided. uncommanded: of D, the latency's part.
    """
    queue = np.concatenate([under_way, control[:, None]], axis=1)
    return queue, queue.shape[1] - 1 - uncommanded


@contextmanager
def timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    """Add the wall time of a stage."""
    begin = time.perf_counter()
    yield
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - begin


def _in_force(old: Plan, rows: NDArray[np.intp], new: Plan) -> Plan:
    """New plans of some rows in force, but where one is a stop for want of candidates: there the
    last one is held."""
    steps = new.states.shape[1]
    if old.states.shape[1] != steps:  # the very first plan
        batch = len(old.tick)
        old = replace(old, states=np.zeros((batch, steps, 4)), controls=np.zeros((batch, steps, 2)))
    before = take_rows(old, rows)
    held = (new.source == PlanSource.FALLBACK) & (before.source != PlanSource.FALLBACK)
    if held.any():
        keep = np.flatnonzero(held)
        last = take_rows(before, keep)
        source = np.full(len(keep), PlanSource.HELD, np.int32)
        new = put_rows(new, keep, replace(last, source=source))
    return new if len(rows) == len(old.tick) else put_rows(old, rows, new)
