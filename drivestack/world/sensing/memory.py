"""What sensing remembers between ticks: one batched record, whose rows can be reset and copied.

`core.rows.take_rows` takes and forks rows, `put_rows` puts them back; `reset_rows` empties some.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.rows import put_rows
from drivestack.core.types import Bools, Floats, Ints, Tracks

from .faults import Faults, no_faults


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """The frames of the last D ticks of B scenarios, W bodies in each, and faults.

    The frame of tick t stands at ``t % D``.

    Attributes:
        state: (B, D, W, 4). size: (B, D, W, 2) [m]. kind, id: (B, D, W). valid: (B, D, W).
        measured: (B, D) the tick that a frame was measured at.
        first: (B,) tick of the first frame; -1: none yet.
        faults: freezes and ghosts that still last.
    """

    state: Floats
    size: Floats
    kind: Ints
    id: Ints
    valid: Bools
    measured: Ints
    first: Ints
    faults: Faults

    def __post_init__(self) -> None:
        check_fields(self, _MEMORY)

    @property
    def depth(self) -> int:
        """D."""
        return self.measured.shape[1]


_MEMORY = {
    "state": ("B D W 4", np.float64),
    "size": ("B D W 2", np.float64),
    "kind": ("B D W", np.int32),
    "id": ("B D W", np.int32),
    "valid": ("B D W", np.bool_),
    "measured": ("B D", np.int32),
    "first": ("B", np.int32),
}


def fresh(batch: int, latency: int) -> Memory:
    """A memory that has seen nothing.

    Args:
        batch: B. latency: the largest of any sensor that will use it [ticks].
    """
    depth = latency + 1
    none = np.zeros(batch, np.int32)
    return Memory(
        state=np.zeros((batch, depth, 0, 4)),
        size=np.zeros((batch, depth, 0, 2)),
        kind=np.zeros((batch, depth, 0), np.int32),
        id=np.zeros((batch, depth, 0), np.int32),
        valid=np.zeros((batch, depth, 0), np.bool_),
        measured=np.zeros((batch, depth), np.int32),
        first=none - 1,
        faults=no_faults(batch),
    )


def reset_rows(memory: Memory, rows: NDArray[np.intp]) -> Memory:
    """Give rows (slots that were refilled) to new scenarios: nothing is left of the old ones."""
    first, valid = memory.first.copy(), memory.valid.copy()
    first[rows], valid[rows] = -1, False
    faults = put_rows(memory.faults, rows, no_faults(len(rows)))
    return replace(memory, first=first, valid=valid, faults=faults)


def stored(memory: Memory, tick: Ints, frame: Tracks, faults: Faults) -> Memory:
    """The memory with this tick's frame; where the sensor hangs, with the last one again.

    Args:
        tick: (B,). frame: what is measured now. faults: of this tick.
    """
    width = frame.id.shape[1]
    grown = max(width, memory.id.shape[2])
    rows = np.arange(len(tick))
    now, last = tick % memory.depth, (tick - 1) % memory.depth
    hangs = faults.hangs

    def put(old: NDArray, new: NDArray) -> NDArray:
        out = np.zeros((*old.shape[:2], grown, *old.shape[3:]), old.dtype)
        out[:, :, : old.shape[2]] = old
        fresh_frame = np.zeros_like(out[:, 0])
        fresh_frame[:, :width] = new
        fresh_frame[hangs] = out[rows, last][hangs]
        out[rows, now] = fresh_frame
        return out

    measured = memory.measured.copy()
    measured[rows, now] = np.where(hangs, memory.measured[rows, last], tick)
    return Memory(
        state=put(memory.state, frame.state[:, :, 0]),
        size=put(memory.size, frame.size),
        kind=put(memory.kind, frame.kind),
        id=put(memory.id, frame.id),
        valid=put(memory.valid, frame.valid[:, :, 0]),
        measured=measured,
        first=np.where(memory.first < 0, tick, memory.first),
        faults=faults,
    )


def recalled(memory: Memory, tick: Ints, latency: Ints) -> tuple[Tracks, Ints]:
    """The frames that arrive now, or the first one as long as none can; (B,) their age [ticks].

    Args:
        tick: (B,) now. latency: (B,) at most D - 1 ticks.
    """
    rows = np.arange(len(tick))
    at = np.maximum(tick - latency, memory.first) % memory.depth
    valid = memory.valid[rows, at]
    age = (tick - memory.measured[rows, at]).astype(np.int32)
    return Tracks(
        state=memory.state[rows, at][:, :, None],
        size=memory.size[rows, at],
        kind=memory.kind[rows, at],
        id=memory.id[rows, at],
        age=np.where(valid, age[:, None], np.int32(0)),
        valid=valid[:, :, None],
    ), age
