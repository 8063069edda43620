"""When plans are made and when they act: planning periods, latencies, holding the last one.

A plan that is decided at tick t acts from t + latency on. A row without a new plan holds its last
one; once that is too old, the safety layer's freshness check brakes in the lane.
"""

from __future__ import annotations

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


def check_fits(plan: Plan, old: Plan, planned: Bools) -> None:
    """Refuse a plan of another number of steps than those in force.

    Raises:
        ValueError: it has.
    """
    steps, before = plan.states.shape[1], old.states.shape[1]
    if planned.any() and steps != before:
        raise ValueError(f"expected a plan of {before} steps, got {steps}")


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
