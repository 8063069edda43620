"""Facts about the covered highway-env scenes: their rates, durations and our own goals.

highway-env itself is not imported here, so that a cached start costs no such import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from drivestack.core.errors import InputError, UnsupportedError, nearest
from drivestack.core.start import Rates

Place = tuple[float, float, float]
"""x, y, radius [m] in the map's frame."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds the ticks of one scene (highway-env 1.12.1: its configuration, registration).

    Attributes:
        physics, policy: native rates [Hz]. seconds: native duration [s].
        goal: where the ego should get to, given the environment; None where a scene has no end.
        spawning: traffic leaves and is spawned at every policy step.
    """

    physics: int
    policy: int
    seconds: float
    goal: Callable[[Any], Place | None] | None = None
    spawning: bool = False


def _merge_goal(env: Any) -> Place:
    """Past the ramp: 90 m before the road's end (x > 370 m natively), on any lane."""
    lanes = env.road.network.graph["c"]["d"]
    x, y = lanes[0].position(lanes[0].length - 90.0, 2.0 * (len(lanes) - 1))
    return float(x), float(y), 2.0 * len(lanes) + 4.0


def _roundabout_goal(env: Any) -> Place:
    """Where the northern exit begins: the end `nxs` of the native ego's route."""
    x, y = env.road.network.get_lane(("nxs", "nxr", 0)).position(0.0, 0.0)
    return float(x), float(y), 3.0


def _intersection_goal(env: Any) -> Place | None:
    """25 m into the planned exit road (`has_arrived` accepts any exit); 3 m keeps to its lane."""
    route = getattr(env.vehicle, "route", None)
    if not route or len(route) < 2:
        return None
    x, y = env.road.network.get_lane((*route[-1][:2], 0)).position(25.0, 0.0)
    return float(x), float(y), 3.0


def _exit_goal(env: Any) -> Place:
    """20 m into the exit arc, where it lies 5.3 m beside the last main lane."""
    x, y = env.road.network.get_lane(("2", "exit", 0)).position(20.0, 0.0)
    return float(x), float(y), 4.0


_HIGHWAY = Setting(15, 1, 40.0)
_HIGHWAY_FAST = Setting(5, 1, 30.0)
_MERGE = Setting(15, 1, 40.0, _merge_goal)  # no time limit natively: ours
_ROUNDABOUT = Setting(15, 1, 11.0, _roundabout_goal)
_ROUNDABOUT_GENERIC = Setting(15, 1, 17.0, _roundabout_goal)
_INTERSECTION = Setting(15, 1, 13.0, _intersection_goal, spawning=True)
_EXIT = Setting(5, 1, 18.0, _exit_goal)
_TWO_WAY = Setting(15, 1, 15.0)  # max_episode_steps 15
_U_TURN = Setting(15, 1, 10.0)
_LANE_KEEPING = Setting(10, 10, 20.0)  # max_episode_steps 200
_RACETRACK = Setting(15, 5, 300.0)

COVERED: dict[str, Setting] = {
    "highway-v0": _HIGHWAY,
    "highway-fast-v0": _HIGHWAY_FAST,
    "merge-v0": _MERGE,
    "merge-v1": _MERGE,
    "merge-generic-v0": _MERGE,
    "merge-generic-v1": _MERGE,
    "roundabout-v0": _ROUNDABOUT,
    "roundabout-v1": _ROUNDABOUT,
    "roundabout-generic-v0": _ROUNDABOUT_GENERIC,
    "roundabout-generic-v1": _ROUNDABOUT_GENERIC,
    "intersection-v0": _INTERSECTION,
    "intersection-v2": _INTERSECTION,
    "exit-v0": _EXIT,
    "exit-v1": _EXIT,
    "two-way-v0": _TWO_WAY,
    "u-turn-v0": _U_TURN,
    "u-turn-v1": _U_TURN,
    "lane-keeping-v0": _LANE_KEEPING,
    "racetrack-v0": _RACETRACK,
    "racetrack-v1": _RACETRACK,
    "racetrack-large-v0": _RACETRACK,
    "racetrack-large-v1": _RACETRACK,
    "racetrack-oval-v0": _RACETRACK,
    "racetrack-oval-v1": _RACETRACK,
}
"""Every id that can be loaded. Use the highest version of a scene; v0 is for old comparisons."""

SCENES: tuple[str, ...] = (
    "highway-v0",
    "highway-fast-v0",
    "merge-v1",
    "merge-generic-v1",
    "roundabout-v1",
    "roundabout-generic-v1",
    "intersection-v2",
    "exit-v1",
    "two-way-v0",
    "u-turn-v1",
    "lane-keeping-v0",
    "racetrack-v1",
    "racetrack-oval-v1",
    "racetrack-large-v1",
)
"""The highest version of every scene."""

_TRAFFIC = tuple(
    f"highway_env.vehicle.behavior.{name}"
    for name in ("IDMVehicle", "LinearVehicle", "AggressiveVehicle", "DefensiveVehicle")
)


_WHOLE = {
    "simulation_frequency": (1, 1000),
    "policy_frequency": (1, 1000),
    "vehicles_count": (0, 2000),
    "initial_vehicle_count": (0, 200),
    "lanes_count": (1, 64),
}
_REAL = {
    "duration": (0.1, 36000.0),
    "vehicles_density": (0.01, 20.0),
    "ego_spacing": (0.0, 1000.0),
    "spawn_probability": (0.0, 1.0),
}
"""Bounds of settings beyond which highway-env runs for ever, raises, or does something else than
it was asked for."""

_REGULATION_HZ = 2
"""regulation.py:RegulatedRoad.REGULATION_FREQUENCY."""

_DEFAULT_LANES = 4
"""highway_env.py:HighwayEnv.default_config: lanes_count."""

_EXITS = ("o0", "o1", "o2", "o3")
"""intersection_env.py: nodes at which the arms of an intersection end."""


def setting(env_id: str) -> Setting:
    """The facts of one scene; UnsupportedError with the nearest covered id otherwise."""
    if env_id not in COVERED:
        raise UnsupportedError(
            f"highway-env scene '{env_id}' is not covered; {nearest(env_id, COVERED)}"
        )
    return COVERED[env_id]


def check_config(env_id: str, config: Mapping[str, Any]) -> None:
    """Refuse configuration values that the tables cannot express or that name arbitrary code.

    Raises:
        UnsupportedError, InputError: with the scene and the key.
    """
    traffic = config.get("other_vehicles_type", _TRAFFIC[0])
    if traffic not in _TRAFFIC:  # highway-env would import whatever is named here
        raise UnsupportedError(
            f"{env_id}: other_vehicles_type '{traffic}' is not covered; "
            f"{nearest(str(traffic), _TRAFFIC)}"
        )
    if setting(env_id).spawning and traffic != _TRAFFIC[0]:
        raise UnsupportedError(f"{env_id}: other_vehicles_type must be IDMVehicle where cars spawn")
    if config.get("controlled_vehicles", 1) != 1:
        raise UnsupportedError(f"{env_id}: controlled_vehicles must be 1")
    if env_id.startswith("racetrack-oval") and not (
        config.get("length", 1) and config.get("no_lanes", 1)
    ):
        raise UnsupportedError(
            f"{env_id}: length and no_lanes must not be 0, highway-env draws them without a seed"
        )
    for key, value in config.items():
        if key in _WHOLE and not _within(value, int, *_WHOLE[key]):
            low, high = _WHOLE[key]
            raise InputError(
                f"{env_id}: {key} must be a whole number from {low} to {high}, got {value!r:.60}"
            )
        if key in _REAL and not _within(value, int | float, *_REAL[key]):
            low, high = _REAL[key]
            raise InputError(
                f"{env_id}: {key} must be a number from {low:g} to {high:g}, got {value!r:.60}"
            )
    lane = config.get("initial_lane_id")
    lanes = config.get("lanes_count", _DEFAULT_LANES)
    if lane is not None and not _within(lane, int, 0, lanes - 1):
        raise InputError(
            f"{env_id}: initial_lane_id must be null or a lane from 0 to {lanes - 1}, "
            f"got {lane!r:.60}"
        )
    if setting(env_id).spawning and config.get("destination", "o1") not in (None, *_EXITS):
        wrong = config["destination"]
        raise InputError(f"{env_id}: no destination {wrong!r:.60}; {nearest(str(wrong), _EXITS)}")


def _within(value: Any, kind: Any, low: float, high: float) -> bool:
    """Whether a value is a number of a kind within bounds; NaN is not."""
    return isinstance(value, kind) and not isinstance(value, bool) and low <= value <= high


def chosen_rates(
    env_id: str, config: Mapping[str, Any], rates: Rates | None
) -> tuple[Rates, int, dict[str, Any]]:
    """Rates in force, ticks between policy steps, and the configuration that says so.

    Native rates plan at the largest whole part of the physics rate up to 10 Hz.

    Raises:
        InputError: if the physics rate is no whole multiple of the scene's policy rate (highway-env
            would let its clock run wrong then).
    """
    facts = setting(env_id)
    native = config.get("simulation_frequency", facts.physics)
    policy = config.get("policy_frequency", facts.policy)
    if rates is None:
        plan = max(part for part in range(1, min(native, 10) + 1) if native % part == 0)
        rates = Rates(native, native, plan)
    if rates.physics % policy:
        near = max(1, round(rates.physics / policy)) * policy
        raise InputError(
            f"{env_id}: physics rate {rates.physics} Hz is not a whole multiple of the scene's "
            f"policy rate {policy} Hz; nearest valid: {near} Hz"
        )
    if facts.spawning and rates.physics < _REGULATION_HZ:
        raise InputError(
            f"{env_id}: physics rate {rates.physics} Hz is below {_REGULATION_HZ} Hz, at which "
            "right of way is decided"
        )
    override = dict(config)
    if rates.physics != native:
        override["simulation_frequency"] = rates.physics
    return rates, rates.physics // policy, override
