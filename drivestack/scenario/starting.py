"""Put a map, bodies and settings together into a `Start`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivestack.core.map import Map
from drivestack.core.start import EgoKind, Physics, Rates, SceneRule, Start
from drivestack.core.tables import Driver, Plant
from drivestack.vehicle.parameters import highway_env_slot, set_actuators, set_target_speeds

from .bodies import Body, Pose, first_timer
from .expand import Case
from .placing import place_on_lanes
from .schema import Scenario

STACK_RATES = Rates(physics=20, control=20, plan=10)
"""Rates of stack runs in every scene (DESIGN, conventions)."""

POLICY_HZ = 1
"""How often a meta-action ego acts: highway-env's default ``policy_frequency``."""


def given_rates(scenario: Scenario) -> Rates | None:
    """The rates that a scenario gives, or that its kind of ego needs; None: its scene's own."""
    if scenario.rates is not None:
        return Rates(scenario.rates.physics, scenario.rates.control, scenario.rates.plan)
    return STACK_RATES if scenario.ego.kind in (EgoKind.STACK, EgoKind.PLAIN) else None


def rates_of(scenario: Scenario) -> Rates:
    """The rates of a scenario whose scene has none of its own."""
    return given_rates(scenario) or STACK_RATES


def ticks_of(seconds: float, rates: Rates) -> int:
    """The number of ticks that lasts at least `seconds`."""
    return max(math.ceil(round(seconds * rates.physics, 6)), 1)


def start_of(
    case: Case,
    road_map: Map,
    bodies: Sequence[Body],
    seconds: float,
    goal: tuple[float, float, float] | None,
    source: str,
) -> Start:
    """The first state of a scenario on a map of our own.

    Args:
        bodies: the ego first. seconds: the time limit. goal: x, y, radius [m] or None.
    """
    scenario = case.scenario
    rates = rates_of(scenario)
    standing = sum(body.stands for body in bodies)
    listed = sorted(bodies, key=lambda body: body.stands)
    slot = _slot(case, rates, len(bodies) - standing, standing)
    rows, replay = _rows(listed, slot)
    place_on_lanes(road_map, rows)
    return Start(
        scenario=case.id,
        seed=case.seed,
        map=road_map,
        bodies=rows,
        routes=_routes(listed),
        slot=slot,
        replay=replay,
        ego_kind=scenario.ego.kind,
        physics=scenario.physics,
        rates=rates,
        policy_ticks=max(rates.physics // POLICY_HZ, 1),
        ticks=ticks_of(seconds, rates),
        rule=SceneRule.NONE,
        generator="",
        spawn_probability=0.0,
        goal=np.array(goal or (0.0, 0.0, 0.0)),
        has_goal=goal is not None,
        reference=None,
        source=source,
        resolved=case.resolved(),
    )


def places(bodies: Sequence[Body]) -> list[int]:
    """Where each body comes to stand in the list: vehicles before obstacles."""
    order = sorted(range(len(bodies)), key=lambda index: bodies[index].stands)
    return [order.index(index) for index in range(len(bodies))]


def _slot(case: Case, rates: Rates, moving: int, standing: int) -> NDArray:
    """Clock, flags and constants."""
    ego = case.scenario.ego
    slots = highway_env_slot()
    slot = slots[0]
    slot["n"] = slot["obstacles_at"] = moving
    slot["obstacles_n"] = standing
    slot["ego"], slot["next_id"] = 0, moving + standing
    slot["plant"] = Plant[(ego.plant or "kinematic").upper()]
    slot["active"], slot["dt"] = True, 1.0 / rates.physics
    slot["clamped"] = case.scenario.physics is Physics.CLAMPED
    put_actuators(case, slots)
    if ego.target_speeds is not None:
        set_target_speeds(slots, np.array(ego.target_speeds))
    return slots


def put_actuators(case: Case, slots: NDArray) -> None:
    """Write the ego's actuators into a (1,) `SLOT`, where the scenario gives any."""
    given = case.scenario.ego.actuators
    if given is not None:
        set_actuators(slots, given.build())


def _rows(listed: Sequence[Body], slot: NDArray) -> tuple[NDArray, NDArray]:
    """All bodies, replayed ones at their first tick, and all replay rows."""
    rows = np.concatenate([body.row for body in listed])
    offset = 0
    for row, body in zip(rows, listed, strict=True):
        row["routed"], row["route_n"] = len(body.route) > 0, len(body.route)
        row["replay_at"], row["replay_n"] = offset, len(body.replay)
        row["replay_from"] = body.first_tick
        offset += len(body.replay)
        if row["driver"] == Driver.IDM:
            pose = Pose(row["x"], row["y"], row["heading"])
            row["timer"] = first_timer(pose, float(slot["lane_change_delay"][0]))
        if row["driver"] == Driver.REPLAY:
            row["present"] = body.first_tick == 0
    return rows, np.concatenate([body.replay for body in listed])


def _routes(listed: Sequence[Body]) -> NDArray[np.int32]:
    depth = max(1, *(len(body.route) for body in listed))
    routes = np.zeros((len(listed), depth, 2), np.int32)
    for row, body in zip(routes, listed, strict=True):
        row[: len(body.route)] = body.route
    return routes
