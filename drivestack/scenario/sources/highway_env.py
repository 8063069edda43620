"""Scenarios from highway-env: make a scene, put our kind of ego into it, read it into tables.

The real objects never leave this file and `world/highway_env.py`, which uses `stage` too.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import EnvironmentFault, InputError, UnsupportedError, unknown
from drivestack.core.start import EgoKind, Physics, Rates, Reference, SceneRule, Start
from drivestack.core.tables import REPLAY, Plant
from drivestack.scenario.cache import cached_start
from drivestack.vehicle.parameters import highway_env_slot, set_target_speeds

from .highway_env_scenes import Place, check_config, chosen_rates, setting
from .highway_env_tables import body_rows, lane_names, map_of, road_names, route_rows

_PRISTINE = {"DISTANCE_WANTED": 10.0, "COMFORT_ACC_MAX": 3.0, "COMFORT_ACC_MIN": -5.0}
"""behavior.py:IDMVehicle 1.12.1: the class attributes that an intersection's reset overwrites."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A real scene at its first tick, our ego in it.

    Attributes:
        env: the unwrapped environment. constants: `IDMVehicle` class attributes in force in it.
        goal: where the ego should get to, if the scene has an end. plant: what moves the ego.
    """

    env: Any
    constants: dict[str, float]
    goal: Place | None
    plant: Plant


def load(
    env_id: str,
    seed: int,
    config: Mapping[str, Any] | None = None,
    ego: EgoKind = EgoKind.STACK,
    plant: Plant | None = None,
    physics: Physics = Physics.CLAMPED,
    rates: Rates | None = None,
    time_limit: float | None = None,
) -> Start:
    """The first state of one highway-env scene, from the cache where it has been made before.

    Args:
        env_id: a covered id such as ``"merge-v1"``. seed: of the scene's own generator.
        config: overrides of the scene's configuration.
        plant: None: the scene's own (dynamic in lane-keeping, else kinematic).
        rates: None: native rates. A physics rate other than the native one becomes the scene's
            simulation_frequency (an intersection's first state depends on it).
        time_limit: [s]; None: the scene's own duration.

    Raises:
        UnsupportedError: the scene or a setting is not covered. InputError: a value is wrong.
        EnvironmentFault: highway-env is not installed.
    """
    if not isinstance(seed, int) or seed < 0:
        raise InputError(f"{env_id}: seed must be a whole number >= 0, got {seed!r}")
    override = dict(config or {})
    setting(env_id)
    check_config(env_id, override)
    chosen, policy_ticks, override = chosen_rates(env_id, override, rates)
    reference = Reference(env_id, version(), seed, _canonical(env_id, override))
    seconds = time_limit or override.get("duration", setting(env_id).seconds)
    if not (seconds > 0.0 and math.isfinite(seconds)):
        raise InputError(f"{env_id}: time limit must be positive, got {seconds} s")
    ticks = math.ceil(round(seconds * chosen.physics, 6))
    key = {
        "reference": [env_id, reference.version, seed, reference.config],
        "ego": [ego.value, None if plant is None else plant.name, physics.value],
        "rates": [chosen.physics, chosen.control, chosen.plan, policy_ticks, ticks],
    }
    return cached_start(
        Path(__file__),
        key,
        lambda: _build(reference, ego, plant, physics, chosen, policy_ticks, ticks),
    )


@functools.cache
def version() -> str:
    """The installed highway-env's version, without importing it."""
    try:
        return importlib.metadata.version("highway-env")
    except importlib.metadata.PackageNotFoundError:
        raise EnvironmentFault("highway-env is not installed") from None


def stage(reference: Reference, ego: EgoKind, plant: Plant | None, physics: Physics) -> Stage:
    """Make the real scene and replace its ego; class attributes of `IDMVehicle` are left as found.

    With clamped physics cars that already drive backwards are stopped.
    """
    with driver_constants(_PRISTINE):
        env = _environment(reference)
        from highway_env.vehicle.behavior import IDMVehicle

        constants = {name: float(getattr(IDMVehicle, name)) for name in _PRISTINE}
        goal_of = setting(reference.env_id).goal
        goal = goal_of(env) if goal_of else None
        plant = _replace_ego(env, ego, plant)
    if physics == Physics.CLAMPED:
        for vehicle in env.road.vehicles:
            vehicle.speed = max(vehicle.speed, 0.0)
    return Stage(env, constants, goal, plant)


@contextmanager
def driver_constants(values: Mapping[str, float]) -> Iterator[None]:
    """`IDMVehicle` class attributes set for the traffic inside, restored on leaving."""
    from highway_env.vehicle import behavior

    names = ("IDMVehicle", "LinearVehicle", "AggressiveVehicle", "DefensiveVehicle")
    classes = [getattr(behavior, name) for name in names]
    places = [(owner, name) for owner in classes for name in _PRISTINE]
    found = [(owner, name, vars(owner)[name]) for owner, name in places if name in vars(owner)]
    for owner, name, _ in found:
        delattr(owner, name)
    for name, value in values.items():
        setattr(behavior.IDMVehicle, name, value)
    try:
        yield
    finally:
        for owner, name in places:
            if name in vars(owner):
                delattr(owner, name)
        for owner, name, value in found:
            setattr(owner, name, value)


def _canonical(env_id: str, config: Mapping[str, Any]) -> str:
    try:
        return json.dumps(config, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"{env_id}: configuration cannot be written as JSON: {error}") from None


def _environment(reference: Reference) -> Any:
    """The environment, unwrapped, after a seeded reset."""
    import gymnasium
    import highway_env  # noqa: F401  (registers its scenes)
    from gymnasium.envs.registration import load_env_creator

    creator: Any = load_env_creator(str(gymnasium.spec(reference.env_id).entry_point))
    config = json.loads(reference.config)
    valid = creator.default_config()
    for key in config:
        if key not in valid:
            raise unknown(f"setting of {reference.env_id}", key, valid)
    try:
        env = creator(config=config)
        env.reset(seed=reference.seed)
    except Exception as error:
        if not config:
            raise
        raise InputError(
            f"{reference.env_id}: highway-env refuses the configuration {reference.config}: {error}"
        ) from error
    return env


def _replace_ego(env: Any, kind: EgoKind, plant: Plant | None) -> Plant:
    """Put an ego of our kind where the native one is; its plant."""
    from highway_env.vehicle.dynamics import BicycleVehicle

    native = env.vehicle
    if kind in (EgoKind.META, EgoKind.IDM):
        if plant not in (None, Plant.KINEMATIC):
            raise UnsupportedError(f"an ego of kind '{kind}' always has the kinematic plant")
        plant = Plant.KINEMATIC
        made = _meta_ego(env, native) if kind == EgoKind.META else _idm_ego(native)
    else:
        if plant is None:
            plant = Plant.DYNAMIC if isinstance(native, BicycleVehicle) else Plant.KINEMATIC
        made = _controlled_class(kind, plant)(
            env.road, native.position, native.heading, native.speed
        )
    env.road.vehicles[env.road.vehicles.index(native)] = made
    env.controlled_vehicles = [made]
    return plant


def _meta_ego(env: Any, native: Any) -> Any:
    from highway_env.vehicle.controller import MDPVehicle

    if isinstance(native, MDPVehicle):
        return native
    speeds = env.config["action"].get("target_speeds")
    return MDPVehicle(env.road, native.position, native.heading, native.speed, target_speeds=speeds)


def _idm_ego(native: Any) -> Any:
    from highway_env.vehicle.behavior import IDMVehicle

    if hasattr(native, "target_lane_index"):
        return IDMVehicle.create_from(native)
    return IDMVehicle(native.road, native.position, native.heading, native.speed)


@functools.cache
def _controlled_class(kind: EgoKind, plant: Plant) -> Any:
    """The class of an ego that is given controls."""
    from highway_env.vehicle.dynamics import BicycleVehicle
    from highway_env.vehicle.kinematics import Vehicle

    base: Any = BicycleVehicle if plant == Plant.DYNAMIC else Vehicle
    if kind == EgoKind.PLAIN:
        return base

    class StackVehicle(base):
        """Shows its own speed as its target speed, so that traffic may cut in ahead of it."""

        @property
        def target_speed(self) -> float:
            return self.speed

    return StackVehicle


def _build(
    reference: Reference,
    ego: EgoKind,
    plant: Plant | None,
    physics: Physics,
    rates: Rates,
    policy_ticks: int,
    ticks: int,
) -> Start:
    made = stage(reference, ego, plant, physics)
    env, road, spawning = made.env, made.env.road, setting(reference.env_id).spawning
    connected = road.neighbour_vehicles_connected_lanes
    lanes = {name: index for index, name in enumerate(lane_names(road.network))}
    bodies = [*road.vehicles, *road.objects]
    return Start(
        scenario=reference.env_id,
        seed=reference.seed,
        map=map_of(road.network, reference.env_id, connected, spawning),
        bodies=body_rows(bodies, range(len(bodies)), lanes),
        routes=route_rows(bodies, road_names(road.network)),
        slot=_slot(made, 1.0 / rates.physics, physics),
        replay=np.zeros(0, REPLAY),
        ego_kind=ego,
        physics=physics,
        rates=rates,
        policy_ticks=policy_ticks,
        ticks=ticks,
        rule=SceneRule.INTERSECTION if spawning else SceneRule.NONE,
        generator=json.dumps(env.np_random.bit_generator.state) if spawning else "",
        spawn_probability=float(env.config["spawn_probability"]) if spawning else 0.0,
        goal=np.array(made.goal or (0.0, 0.0, 0.0)),
        has_goal=made.goal is not None,
        reference=reference,
        source=f"highway-env {reference.version} {reference.env_id} {reference.config}",
    )


def _slot(made: Stage, dt: float, physics: Physics) -> NDArray:
    """Clock, flags and every constant in force."""
    road, ego = made.env.road, made.env.vehicle
    slot = highway_env_slot()
    slot["n"] = slot["obstacles_at"] = len(road.vehicles)
    slot["obstacles_n"] = len(road.objects)
    slot["ego"], slot["next_id"] = road.vehicles.index(ego), len(road.vehicles + road.objects)
    slot["plant"], slot["active"], slot["dt"] = made.plant, True, dt
    slot["clamped"] = physics == Physics.CLAMPED
    slot["regulated"] = hasattr(road, "enforce_road_rules")
    slot["regulation_steps"] = getattr(road, "steps", 0)
    slot["comfort_acc_max"] = made.constants["COMFORT_ACC_MAX"]
    slot["comfort_acc_min"] = made.constants["COMFORT_ACC_MIN"]
    slot["distance_wanted"] = made.constants["DISTANCE_WANTED"]
    if hasattr(ego, "target_speeds"):
        set_target_speeds(slot, ego.target_speeds)
    return slot
