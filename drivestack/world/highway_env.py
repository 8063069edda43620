"""The reference backend: the real highway-env, driven at vehicle level with our own clock.

It accepts only starts made from a highway-env scene, makes the same scene again, and gives the
same records as the engine. About 5,000 vehicle-ticks a second: for comparisons only.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import InputError, UnsupportedError
from drivestack.core.geometry import overlap_centroid, struck_side
from drivestack.core.protocols import World
from drivestack.core.script import CUE
from drivestack.core.start import EgoKind, Physics, SceneRule, Start
from drivestack.core.tables import BODY, SLOT, Meta, Plant, Side
from drivestack.core.types import Bools, Floats, Ints, Scene
from drivestack.scenario.sources.highway_env import driver_constants, stage, version
from drivestack.scenario.sources.highway_env_tables import body_rows, lane_names

from .engine import SPAWN_ROOM
from .pool import MapPool
from .scene import observe_all
from .supported import reference_of

_SAME = 1e-6
"""Largest difference [m, rad, m/s] between a start's bodies and those of its scene made again: a
start may come from another machine, whose numpy rounds differently."""


@dataclass(slots=True)
class _Slot:
    """One running scene.

    Attributes:
        lanes: lane name to index. constants: `IDMVehicle` class attributes in force.
        contact: whether the ego's box overlaps another, on which side, and that body's id.
    """

    start: Start
    env: Any
    lanes: dict[tuple[str, str, int], int]
    constants: dict[str, float]
    tick: int
    next_id: int
    active: bool
    contact: tuple[bool, int, int]

    def bodies(self) -> list[Any]:
        """Vehicles, then obstacles, in list order."""
        return [*self.env.road.vehicles, *self.env.road.objects]

    def rows(self) -> NDArray:
        """Their `BODY` table; contact is the ego's only."""
        bodies = self.bodies()
        table = body_rows(bodies, [body.drivestack_id for body in bodies], self.lanes)
        ego = table[bodies.index(self.env.vehicle)]
        ego["contact"], ego["contact_side"], ego["contact_with"] = self.contact
        return table


class HighwayEnvWorld(World):
    """B highway-env scenes that advance in lockstep."""

    def __init__(self) -> None:
        """No slots; `reset` makes them."""
        self._slots: list[_Slot] = []
        self._pool = MapPool()

    @property
    def batch(self) -> int:
        """B."""
        return len(self._slots)

    @property
    def running(self) -> Bools:
        """(B,) the slots that have not been released."""
        return np.array([slot.active for slot in self._slots], np.bool_)

    def reset(self, starts: Sequence[Start]) -> None:
        """Fill all slots, one start each.

        Raises:
            UnsupportedError: a start has no highway-env scene, or one that has been changed, or a
                plant that highway-env has not. InputError: physics rates differ.
        """
        if len({start.rates.physics for start in starts}) > 1:
            raise InputError("scenarios of one batch must have equal physics rates")
        self._slots = [_opened(start) for start in starts]

    def refill(self, slot: int, start: Start) -> None:
        """Put a new scenario into a slot that has finished."""
        self._slots[slot] = _opened(start)

    def release(self, slot: int) -> None:
        """Mark a slot as empty; it stays as it is."""
        self._slots[slot].active = False

    def step(self, controls: Floats, meta: Ints | None = None) -> None:
        """Advance every active slot by one tick.

        Args:
            controls: (B, 2) ISO 8855, for egos of kind plain and stack.
            meta: (B,) `Meta` for egos of kind meta; None: none.
        """
        if controls.shape != (self.batch, 2):
            raise ValueError(f"controls: expected shape ({self.batch}, 2), got {controls.shape}")
        if not np.isfinite(controls[[slot.active for slot in self._slots]]).all():
            raise ValueError("controls: a value is not finite; nothing was moved")
        for index, slot in enumerate(self._slots):
            if slot.active:
                with driver_constants(slot.constants):
                    action = Meta.NONE if meta is None else Meta(int(meta[index]))
                    _tick(slot, controls[index], action)

    def observe(self) -> Scene:
        """The true state as a record."""
        rows = [slot.rows() for slot in self._slots]
        starts = [slot.start for slot in self._slots]
        room = [SPAWN_ROOM if s.rule == SceneRule.INTERSECTION else 0 for s in starts]
        places = max(len(s.bodies) + r for s, r in zip(starts, room, strict=True))
        bodies = np.zeros((self.batch, max(places, *map(len, rows))), BODY)
        for table, own in zip(bodies, rows, strict=True):
            table[: len(own)] = own
        clocks = self.clocks()
        clocks["map"] = self._pool.add([start.map for start in starts])
        y_right = np.array([start.map.y_right for start in starts])
        no_cues = np.zeros((len(starts), 0), CUE)
        return observe_all(clocks, bodies, no_cues, y_right, self._pool.iso)

    def gather(self, slots: Sequence[tuple[Self, int]]) -> Self:
        """A world of copies of slots; see `core.protocols.World.gather`."""
        other = type(self)()
        other._pool = self._pool
        other._slots = [_copied(world._slots[slot]) for world, slot in slots]
        return other

    def raw(self) -> list[NDArray]:
        """Per slot a `BODY` table in list order (vehicles, then obstacles), in the map's own frame.

        `route_head` is 0 and `route_n` counts the entries that are left. Contact is filled in for
        the ego only.
        """
        return [slot.rows() for slot in self._slots]

    def clocks(self) -> NDArray:
        """(B,) `SLOT`: tick, number of vehicles, place of the ego and what else changes."""
        table = np.array([slot.start.slot[0] for slot in self._slots], SLOT)
        for row, slot in zip(table, self._slots, strict=True):
            road = slot.env.road
            row["tick"], row["n"], row["next_id"] = slot.tick, len(road.vehicles), slot.next_id
            row["obstacles_at"] = len(road.vehicles)
            row["ego"] = road.vehicles.index(slot.env.vehicle)
            row["regulation_steps"] = getattr(road, "steps", 0)
            row["active"] = slot.active
        return table

    def generators(self) -> list[str]:
        """Per slot the state of the scene's generator as JSON, empty where nothing is drawn."""
        return [
            json.dumps(slot.env.np_random.bit_generator.state)
            if slot.start.rule == SceneRule.INTERSECTION
            else ""
            for slot in self._slots
        ]


def _opened(start: Start) -> _Slot:
    """The start's scene made again, numbered and checked against the start."""
    reference = reference_of(start)
    if reference.version != version():
        raise UnsupportedError(
            f"{start.scenario}: made with highway-env {reference.version}, "
            f"but {version()} is installed"
        )
    plant = Plant(int(start.slot["plant"][0]))
    made = stage(reference, start.ego_kind, plant, start.physics)
    names = lane_names(made.env.road.network)
    lanes = {name: index for index, name in enumerate(names)}
    nothing = (False, int(Side.NONE), -1)
    slot = _Slot(start, made.env, lanes, made.constants, 0, 0, True, nothing)
    if start.physics == Physics.CLAMPED:
        made.env.road.__class__ = _clamped_class(type(made.env.road))
    _number(slot)
    _check_same(slot)
    return slot


def _number(slot: _Slot) -> None:
    """Give ids to bodies that have none, and keep drivers from collecting regression data."""
    for body in slot.bodies():
        if not hasattr(body, "drivestack_id"):
            body.drivestack_id = slot.next_id
            body.collecting_data = False  # LinearVehicle; has no effect on motion
            slot.next_id += 1


def _check_same(slot: _Slot) -> None:
    """Refuse a start whose bodies are not those of its scene."""
    start = slot.start
    table = slot.rows()
    same = len(table) == len(start.bodies) and (table["driver"] == start.bodies["driver"]).all()
    for field in ("x", "y", "heading", "speed", "target_speed"):
        same = same and bool(np.abs(table[field] - start.bodies[field]).max() <= _SAME)
    if not same:
        raise UnsupportedError(
            f"{start.scenario}: its bodies are not those of {slot.start.source}, "
            "run it on the engine"
        )


def _tick(slot: _Slot, control: Floats, meta: Meta) -> None:
    """One physics tick, and at policy steps of an intersection its clearing and spawning."""
    start, env = slot.start, slot.env
    if start.ego_kind in (EgoKind.PLAIN, EgoKind.STACK):
        accel, steer = float(control[0]), float(control[1])
        # A fresh dictionary every tick: highway-env keeps it and writes into it.
        env.vehicle.act({"acceleration": accel, "steering": -steer if start.map.y_right else steer})
    elif start.ego_kind == EgoKind.META and meta != Meta.NONE:
        env.vehicle.act(meta.name)
    env.road.act()
    env.road.step(1.0 / start.rates.physics)
    slot.tick += 1
    slot.contact = _contact(slot)
    if start.rule == SceneRule.INTERSECTION and slot.tick % start.policy_ticks == 0:
        env._clear_vehicles()
        env._spawn_vehicle(spawn_probability=start.spawn_probability)
        _number(slot)


def _contact(slot: _Slot) -> tuple[bool, int, int]:
    """Exact contact of the ego's box with the first body in list order that it touches."""
    ego = slot.env.vehicle
    own = _box(ego)
    for body in slot.bodies():
        if body is ego:
            continue
        overlap, x, y = overlap_centroid(*own, *_box(body))
        if overlap:
            side = struck_side(*own, x, y, slot.start.map.y_right)
            return True, side, body.drivestack_id
    return False, int(Side.NONE), -1


def _box(body: Any) -> tuple[float, float, float, float, float]:
    x, y = body.position
    return float(x), float(y), float(body.heading), float(body.LENGTH), float(body.WIDTH)


def _copied(slot: _Slot) -> _Slot:
    """An independent copy with its own generator; lanes never change and are shared."""
    network = slot.env.road.network
    shared = {id(network): network} | {id(lane): lane for lane in network.lanes_list()}
    return replace(slot, env=copy.deepcopy(slot.env, shared))


@functools.cache
def _clamped_class(road_class: type) -> type:
    """The road class with speeds kept at or above 0, between the motion and the contact test.

    Lanes are assigned without looking at speeds, so this equals a clamp inside each vehicle's step.
    """
    from highway_env.road.regulation import RegulatedRoad
    from highway_env.road.road import Road

    class ClampedRoad(Road):
        def step(self, dt: float) -> None:
            for vehicle in self.vehicles:
                vehicle.step(dt)
                vehicle.speed = max(vehicle.speed, 0.0)
            for i, vehicle in enumerate(self.vehicles):
                for other in self.vehicles[i + 1 :] + self.objects:
                    vehicle.handle_collisions(other, dt)

    class ClampedRegulatedRoad(RegulatedRoad, ClampedRoad):
        """Enforces right of way, then steps as the clamped road does."""

    return ClampedRegulatedRoad if issubclass(road_class, RegulatedRoad) else ClampedRoad
