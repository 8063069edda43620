"""The tables that hold a batch's state, and room in them for whatever comes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivestack.core.script import ACTION, CONDITION, CUE, KNOT, ROLE
from drivestack.core.start import SceneRule, Start
from drivestack.core.tables import BODY, REPLAY, SLOT

from .actors.stage import Stage
from .pool import MapPool
from .views import Work, scratch

_SCRIPT = {"roles": ROLE, "cues": CUE, "conditions": CONDITION, "actions": ACTION}
"""Tables of a script that are state, by slot."""

SPAWN_ROOM = 16
"""Free places kept for cars that enter; the tables grow when they are used up."""


class Storage:
    """State of B slots, and their working memory.

    Attributes:
        pool: the maps. slots: (B,) `SLOT`. bodies: (B, N) `BODY`, obstacles at the end of a row.
        routes: (B, N, Q, 2) road and lane number. replay: (R,) `REPLAY`, the slots' tables joined.
        stage: the slots' scripts.
        scratch: can be computed again from the rest.
    """

    def __init__(self, batch: int) -> None:
        self.pool = MapPool()
        self.slots = np.zeros(batch, SLOT)
        self.bodies = np.zeros((batch, 1), BODY)
        self.routes = np.zeros((batch, 1, 1, 2), np.int32)
        self.replay = np.zeros(0, REPLAY)
        self._replays = [self.replay] * batch
        self._knots = [np.zeros(0, KNOT)] * batch
        tables = {name: np.zeros((batch, 0), layout) for name, layout in _SCRIPT.items()}
        self.stage = Stage(**tables, knots=np.zeros(0, KNOT))
        self.scratch: Work = scratch(batch, 1, 1)

    def make_room(self, starts: Sequence[Start]) -> None:
        """Grow until every start fits."""
        self.pool.add([start.map for start in starts])
        places = self.bodies.shape[1]
        depth = self.routes.shape[2]
        for start in starts:
            room = SPAWN_ROOM if start.rule is SceneRule.INTERSECTION else 0
            places = max(places, len(start.bodies) + room)
            depth = max(depth, start.routes.shape[1])
        self.grow(places, depth)
        self._grow_stage(starts)

    def _grow_stage(self, starts: Sequence[Start]) -> None:
        """Give every slot room for the longest script."""
        for name in _SCRIPT:
            table = getattr(self.stage, name)
            room = max(table.shape[1], *(len(getattr(start.script, name)) for start in starts))
            if room > table.shape[1]:
                grown = np.zeros((len(table), room), table.dtype)
                grown[:, : table.shape[1]] = table
                self.stage = self.stage._replace(**{name: grown})

    def grow(self, places: int, depth: int) -> None:
        """Give every slot room for `places` bodies and `depth` route entries."""
        batch = len(self.slots)
        bodies = np.zeros((batch, places), BODY)
        routes = np.zeros((batch, places, depth, 2), np.int32)
        for slot in range(batch):
            n, obstacles = self._counts(slot)
            at = int(self.slots["obstacles_at"][slot])
            bodies[slot, :n] = self.bodies[slot, :n]
            bodies[slot, places - obstacles :] = self.bodies[slot, at : at + obstacles]
            routes[slot, :n, : self.routes.shape[2]] = self.routes[slot, :n]
            self.slots["obstacles_at"][slot] = places - obstacles
        self.bodies, self.routes = bodies, routes
        self.allot_scratch()

    def allot_scratch(self) -> None:
        """Fresh working memory for the present sizes."""
        self.scratch = scratch(len(self.slots), self.bodies.shape[1], self.pool.most_lanes)
        self.slots["fresh"] = True

    def fill(self, slot: int, start: Start) -> None:
        """Copy a start into a slot that has room for it."""
        row = start.slot.copy()
        n = int(row["n"][0])
        places = self.bodies.shape[1]
        obstacles = len(start.bodies) - n
        (row["map"],) = self.pool.add([start.map])
        row["tick"], row["active"], row["fresh"] = 0, True, True
        row["obstacles_at"], row["obstacles_n"] = places - obstacles, obstacles
        row["renewal"] = start.policy_ticks if start.rule is SceneRule.INTERSECTION else 0
        self.slots[slot] = row[0]
        bodies, routes = self.bodies[slot], self.routes[slot]
        bodies[:], routes[:] = np.zeros((), BODY), 0
        bodies[:n], bodies[places - obstacles :] = start.bodies[:n], start.bodies[n:]
        routes[:n, : start.routes.shape[1]] = start.routes[:n]
        if len(start.replay) or len(self._replays[slot]):
            self._replays[slot] = start.replay
            self.replay, self.slots["replay_at"] = _laid(self._replays)
        self._fill_stage(slot, start)

    def _fill_stage(self, slot: int, start: Start) -> None:
        """Copy a start's script."""
        for name in _SCRIPT:
            rows = getattr(start.script, name)
            table = getattr(self.stage, name)
            table[slot] = np.zeros((), table.dtype)
            table[slot, : len(rows)] = rows
        self.slots["roles_n"][slot] = len(start.script.roles)
        self.slots["cues_n"][slot] = len(start.script.cues)
        if len(start.script.knots) or len(self._knots[slot]):
            self._knots[slot] = start.script.knots
            knots, self.slots["knots_at"] = _laid(self._knots)
            self.stage = self.stage._replace(knots=knots)

    @classmethod
    def of(cls, slots: Sequence[tuple[Storage, int]]) -> Storage:
        """Copies of slots side by side, with working memory of their own.

        Args:
            slots: at least one; all of storages that share a pool of maps.
        """
        copy = cls(len(slots))
        copy.pool = slots[0][0].pool
        if any(store.pool is not copy.pool for store, _ in slots):
            raise ValueError("slots: expected those of worlds that come from one another")
        places = max(store.bodies.shape[1] for store, _ in slots)
        copy.bodies = np.zeros((len(slots), places), BODY)
        depth = max(store.routes.shape[2] for store, _ in slots)
        copy.routes = np.zeros((len(slots), places, depth, 2), np.int32)
        for row, (store, slot) in enumerate(slots):
            copy._take(row, store, slot)
        copy._replays = [store._replays[slot] for store, slot in slots]
        copy.replay, copy.slots["replay_at"] = _laid(copy._replays)
        copy._knots = [store._knots[slot] for store, slot in slots]
        knots, copy.slots["knots_at"] = _laid(copy._knots)
        tables = {name: _stacked(name, slots) for name in _SCRIPT}
        copy.stage = Stage(**tables, knots=knots)
        copy.allot_scratch()
        return copy

    def _take(self, row: int, store: Storage, slot: int) -> None:
        """Copy clock, bodies and routes of another storage's slot, which are no more than fit."""
        n, obstacles = store._counts(slot)
        at, places = int(store.slots["obstacles_at"][slot]), self.bodies.shape[1]
        self.slots[row] = store.slots[slot]
        self.slots["obstacles_at"][row] = places - obstacles
        self.bodies[row, :n] = store.bodies[slot, :n]
        self.bodies[row, places - obstacles :] = store.bodies[slot, at : at + obstacles]
        self.routes[row, :n, : store.routes.shape[2]] = store.routes[slot, :n]

    def is_full(self, slot: int) -> bool:
        """Whether no further vehicle fits."""
        return sum(self._counts(slot)) == self.bodies.shape[1]

    def listed(self, slot: int) -> NDArray:
        """A slot's bodies in list order, obstacles last (a copy)."""
        n, obstacles = self._counts(slot)
        at = int(self.slots["obstacles_at"][slot])
        return np.concatenate([self.bodies[slot, :n], self.bodies[slot, at : at + obstacles]])

    def _counts(self, slot: int) -> tuple[int, int]:
        return int(self.slots["n"][slot]), int(self.slots["obstacles_n"][slot])


def _stacked(name: str, slots: Sequence[tuple[Storage, int]]) -> NDArray:
    """One table of the scripts of some slots, (B, the most rows of any)."""
    parts = [getattr(store.stage, name)[slot] for store, slot in slots]
    table = np.zeros((len(parts), max(map(len, parts))), parts[0].dtype)
    for row, part in zip(table, parts, strict=True):
        row[: len(part)] = part
    return table


def _laid(tables: Sequence[NDArray]) -> tuple[NDArray, NDArray[np.int64]]:
    """The slots' tables end to end, each once, also if many slots share it; where each begins."""
    places: dict[int, int] = {}
    parts, rows = [], 0
    for table in tables:
        if id(table) not in places:
            places[id(table)] = rows
            parts.append(table)
            rows += len(table)
    return np.concatenate(parts), np.array([places[id(table)] for table in tables])
