"""Faults that last: frames that freeze, and ghosts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivestack.core.arrays import check_fields
from drivestack.core.sensor import GHOST_ID
from drivestack.core.tables import Kind
from drivestack.core.types import Bools, Floats, Ints, Scene, Tracks

from .mount import Mount
from .visibility import visible

GHOST_SIZE = (5.0, 2.0)
"""Length and width of a ghost [m]: highway-env's car."""


@dataclass(frozen=True, slots=True, eq=False)
class Faults:
    """One row a scenario.

    Attributes:
        hangs: (B,) the sensor hangs at this tick. frozen: (B,) ticks it will still hang after it.
        ghost: (B, 4) state of the ghost. ghost_left: (B,) ticks it lasts, this one included; 0:
        there is none. ghost_id: (B,).
    """

    hangs: Bools
    frozen: Ints
    ghost: Floats
    ghost_left: Ints
    ghost_id: Ints

    def __post_init__(self) -> None:
        check_fields(self, _FAULTS)


_FAULTS = {
    "hangs": ("B", np.bool_),
    "frozen": ("B", np.int32),
    "ghost": ("B 4", np.float64),
    "ghost_left": ("B", np.int32),
    "ghost_id": ("B", np.int32),
}


def no_faults(batch: int) -> Faults:
    """Nothing hangs, and there are no ghosts."""
    none = np.zeros(batch, np.int32)
    return Faults(np.zeros(batch, np.bool_), none, np.zeros((batch, 4)), none.copy(), none.copy())


def advanced(faults: Faults, scene: Scene, mounts: Sequence[Mount], first: Bools) -> Faults:
    """The faults of this tick, given those of the tick before.

    Args:
        first: (B,) there is no frame yet, so that none can be repeated.
    """
    hangs = faults.frozen > 0
    frozen = np.maximum(faults.frozen - 1, 0).astype(np.int32)
    ghost, ghost_id = faults.ghost.copy(), faults.ghost_id.copy()
    left = np.maximum(faults.ghost_left - 1, 0).astype(np.int32)
    for b, mount in enumerate(mounts):
        sensor, tick = mount.sensor, int(scene.tick[b])
        if sensor.freeze_probability > 0.0 and not hangs[b] and not first[b]:
            if mount.random("freeze", tick).random() < sensor.freeze_probability:
                hangs[b], frozen[b] = True, sensor.freeze_ticks - 1
        if sensor.ghost_probability > 0.0 and left[b] == 0:
            draws = mount.random("ghost", tick).random(3)
            if draws[0] < sensor.ghost_probability:
                left[b], ghost_id[b] = sensor.ghost_ticks, GHOST_ID + tick
                ghost[b] = _place(scene, mount, b, float(draws[1]), float(draws[2]))
    return Faults(hangs, frozen, ghost, left, ghost_id)


def _place(scene: Scene, mount: Mount, b: int, outward: float, around: float) -> Floats:
    """(4,) a standing car, evenly over the area that is in range and beyond the ego itself."""
    x, y, yaw, _ = scene.ego.state[b]
    nearest = min(float(scene.ego.size[b, 0]), mount.sensor.range)
    distance = math.sqrt(nearest**2 + outward * (mount.sensor.range**2 - nearest**2))
    bearing = yaw + (around - 0.5) * mount.sensor.field_of_view
    return np.array([x + distance * math.cos(bearing), y + distance * math.sin(bearing), yaw, 0.0])


def with_ghosts(frame: Tracks, faults: Faults, scene: Scene, mounts: Sequence[Mount]) -> Tracks:
    """The frame with one more place for a ghost, filled where there is one in range and in view."""
    batch = len(mounts)
    shown = faults.ghost_left > 0
    for b in np.flatnonzero(shown).tolist():
        sensor = mounts[b].sensor
        shown[b] = visible(
            scene.ego.state[b], faults.ghost[b, None], np.array([GHOST_SIZE]), np.ones(1, np.bool_),
            sensor.range, sensor.field_of_view, 0.0,
        )[0]  # fmt: skip
    state = np.where(shown[:, None], faults.ghost, 0.0)
    size = np.where(shown[:, None], GHOST_SIZE, 0.0)
    kind = np.full((batch, 1), Kind.CAR, np.int32)
    ids = np.where(shown, faults.ghost_id, np.int32(0))
    return Tracks(
        state=np.concatenate([frame.state, state[:, None, None]], axis=1),
        size=np.concatenate([frame.size, size[:, None]], axis=1),
        kind=np.concatenate([frame.kind, kind], axis=1),
        id=np.concatenate([frame.id, ids[:, None]], axis=1),
        age=np.zeros((batch, frame.age.shape[1] + 1), np.int32),
        valid=np.concatenate([frame.valid, shown[:, None, None]], axis=1),
    )
