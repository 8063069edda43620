"""The compiled world: highway-env's physics and traffic over plain arrays, forkable.

`highway_env.py` is the reference that this engine equals bit for bit (`tests/parity`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import bound
from drivestack.core.errors import InputError
from drivestack.core.parameters import parameter_table
from drivestack.core.protocols import World
from drivestack.core.start import Start
from drivestack.core.tables import Meta
from drivestack.core.types import Bools, Floats, Ints, Scene, Tracks

from .hidden import BODY_DRAWS, CUE_DRAWS, Doubt, redraw_all
from .lights import line_table, show
from .scene import observe_all
from .spawning import EXIT_LENGTH, clear_leaving, generator_of, spawn, twin
from .storage import SPAWN_ROOM, Storage
from .tick import DONE, REFUSED, RENEWAL, tick_all


class Engine(World):
    """B scenarios in lockstep (`core.protocols.World`)."""

    def __init__(self) -> None:
        self._starts: list[Start] = []
        self._generators: list[np.random.Generator | None] = []
        self._store = Storage(0)
        self._controls = np.zeros((0, 2))
        self._metas = np.zeros(0, np.int32)
        self._lines = np.zeros((0, 0, 3))
        self._tick: Callable[[], int] | None = None
        self._y_right = np.zeros(0, np.bool_)

    @property
    def batch(self) -> int:
        """B."""
        return len(self._starts)

    @property
    def running(self) -> Bools:
        """(B,) the slots that have not been released."""
        return self._store.slots["active"].copy()

    def reset(self, starts: Sequence[Start]) -> None:
        """Fill all slots, one start each."""
        self._starts = list(starts)
        self._generators = [None] * len(starts)
        self._store = Storage(len(starts))
        self._store.make_room(starts)
        for slot, start in enumerate(starts):
            self._store.fill(slot, start)
            self._generators[slot] = _generator(start)
        self._note_slots()

    def refill(self, slot: int, start: Start) -> None:
        """Put a new scenario into a slot that has finished."""
        self._starts[slot] = start
        self._store.make_room([start])
        self._store.fill(slot, start)
        self._generators[slot] = _generator(start)
        self._note_slots()

    def release(self, slot: int) -> None:
        """Mark a slot as empty; it is skipped from now on and still observed as it last was."""
        self._store.slots["active"][slot] = False

    def step(self, controls: Floats, meta: Ints | None = None) -> None:
        """Advance every active slot by one tick; see `core.protocols.World.step`."""
        if controls.shape != self._controls.shape:
            raise ValueError(f"controls: expected shape ({self.batch}, 2), got {controls.shape}")
        self._controls[:] = controls
        self._metas[:] = Meta.NONE if meta is None else meta
        if self._lines.shape[1]:
            show(self._lines, self._starts, self._store.slots["tick"])
        if self._tick is None:  # it may compile everything that a tick needs
            self._tick = _bound(self._store, self._controls, self._metas, self._lines)
        outcome = self._tick()
        if outcome == REFUSED:
            raise ValueError("controls: a value is not finite; nothing was moved")
        if self._store.slots["unplayable"].any():
            raise _unplayable(self._starts, self._store.slots["unplayable"])
        if outcome == RENEWAL:
            slots = self._store.slots
            ruled = slots["active"] & (slots["renewal"] > 0)
            for slot in np.flatnonzero(ruled & (slots["tick"] % slots["renewal"].clip(1) == 0)):
                generator = self._generators[slot]
                if generator is not None:
                    grown = _renewed(self._store, int(slot), self._starts[slot], generator)
                    self._tick = None if grown else self._tick

    def observe(self) -> Scene:
        """The true state, copied into a checked record."""
        store = self._store
        return observe_all(
            store.slots, store.bodies, store.stage.cues, self._y_right, store.pool.iso
        )

    def gather(self, slots: Sequence[tuple[Engine, int]]) -> Engine:
        """A world of copies of slots; see `core.protocols.World.gather`."""
        copy = Engine()
        copy._starts = [world._starts[slot] for world, slot in slots]
        generators = [world._generators[slot] for world, slot in slots]
        copy._generators = [generator and twin(generator) for generator in generators]
        copy._store = Storage.of([(world._store, slot) for world, slot in slots])
        copy._note_slots()
        return copy

    def redraw(self, seen: Tracks, draws: Sequence[np.random.Generator]) -> None:
        """Draw what nobody sees anew (`hidden`); see `core.protocols.Doubtful.redraw`."""
        store = self._store
        batch, places = store.bodies.shape
        uniform = [
            (g.random((places, BODY_DRAWS)), g.random(store.routes.shape[1:3]),
             g.random((store.stage.cues.shape[1], CUE_DRAWS)))
            for g in draws
        ]  # fmt: skip
        body_draws, route_draws, cue_draws = (np.stack(part) for part in zip(*uniform, strict=True))
        known = np.zeros((batch, places), np.bool_)
        for slot in range(batch):
            shown = seen.id[slot][seen.valid[slot, :, -1]]
            known[slot] = np.isin(store.bodies["id"][slot], shown)
        redraw_all(
            store.slots, store.bodies, store.routes, store.pool.tables, store.stage, known,
            body_draws, route_draws, cue_draws, parameter_table(Doubt()),
        )  # fmt: skip

    def raw(self) -> list[NDArray]:
        """Every slot's `BODY` rows in list order, obstacles last, in the map's own frame."""
        return [self._store.listed(slot) for slot in range(self.batch)]

    def _note_slots(self) -> None:
        """What `step` and `observe` need to know without looking at every slot."""
        starts = self._starts
        self._y_right = np.array([start.map.y_right for start in starts])
        self._controls = np.zeros((len(starts), 2))
        self._metas = np.zeros(len(starts), np.int32)
        self._lines = line_table(starts)
        self._tick = None


def _renewed(store: Storage, slot: int, start: Start, generator: np.random.Generator) -> bool:
    """At the policy steps of an intersection traffic leaves, and then new traffic comes.

    Returns:
        Whether the tables had to grow.
    """
    tables, full = store.pool.tables, False
    clear_leaving(store.slots, slot, store.bodies[slot], store.routes[slot], tables, EXIT_LENGTH)
    if store.is_full(slot):
        store.grow(store.bodies.shape[1] + SPAWN_ROOM, store.routes.shape[2])
        full = True
    spawn(
        store.slots, slot, store.bodies[slot], store.routes[slot], tables, store.scratch,
        start.map, generator, start.spawn_probability,
    )  # fmt: skip
    return full


def _bound(store: Storage, controls: Floats, metas: Ints, lines: Floats) -> Callable[[], int]:
    """A tick on the tables as they are; due again whenever one is replaced."""
    arguments = (
        store.slots, store.bodies, store.routes, store.pool.tables, store.replay,
        store.stage, store.scratch, controls, metas, lines,
    )  # fmt: skip
    return bound(tick_all, arguments) if len(store.slots) else _no_slots


def _unplayable(starts: Sequence[Start], asked: NDArray) -> InputError:
    """Which scenario's script asks for what is not there; `asked`: (B,) `SLOT.unplayable`."""
    slot = int(np.flatnonzero(asked)[0])
    event = starts[slot].script.names[int(asked[slot]) - 1]
    return InputError(
        f"{starts[slot].scenario}: event '{event}': changes to a lane that is not there"
    )


def _no_slots() -> int:
    """A tick of no scenario."""
    return DONE


def _generator(start: Start) -> np.random.Generator | None:
    """The scene's own generator, if it has one."""
    return generator_of(start.generator) if start.generator else None
