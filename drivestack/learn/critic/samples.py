"""Moments with plans and what became of them: arrays that grow, join and go into files whole."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.errors import InputError
from drivestack.core.types import Bools, Ints
from drivestack.safety.critic_features import MOST, OTHER, OWN, Features
from drivestack.sim.files import written_whole


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """S plans.

    Attributes:
        own: (S, OWN). others: (S, MOST, OTHER). there: (S, MOST): see `Features`.
        contact, answered: (S,) what became of it, see `Outcome`. after: (S,) when [s].
        variation: (S,) `Variation`. group: (S,) one number for each family and stack.
        seed: (S,) of the scenario. tick: (S,).
    """

    own: NDArray[np.float32]
    others: NDArray[np.float32]
    there: Bools
    contact: Bools
    answered: Bools
    after: NDArray[np.float32]
    variation: Ints
    group: Ints
    seed: Ints
    tick: Ints

    def __post_init__(self) -> None:
        check_fields(self, _SAMPLES)

    def __len__(self) -> int:
        return len(self.seed)

    @property
    def features(self) -> Features:
        """As the network takes them."""
        return Features(self.own, self.others, self.there, np.zeros(self.there.shape, np.int32))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """One after the other; at least one."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    def some(self, rows: NDArray) -> Samples:
        """Those of some rows."""
        return Samples(*(getattr(self, field.name)[rows] for field in fields(self)))

    def digest(self) -> str:
        """A sha256 of all that is in it."""
        whole = hashlib.sha256()
        for field in fields(self):
            array = getattr(self, field.name)
            whole.update(f"{field.name}{array.dtype.str}{array.shape}".encode())
            whole.update(np.ascontiguousarray(array).tobytes())
        return whole.hexdigest()


_SAMPLES = {
    "own": (f"S {OWN}", np.float32),
    "others": (f"S {MOST} {OTHER}", np.float32),
    "there": (f"S {MOST}", np.bool_),
    "contact": ("S", np.bool_),
    "answered": ("S", np.bool_),
    "after": ("S", np.float32),
    "variation": ("S", np.int32),
    "group": ("S", np.int32),
    "seed": ("S", np.int32),
    "tick": ("S", np.int32),
}


def none() -> Samples:
    """No samples."""

    def empty(axes: str, dtype: DTypeLike) -> Any:
        return np.zeros([0 if axis == "S" else int(axis) for axis in axes.split()], dtype)

    return Samples(*(empty(axes, dtype) for axes, dtype in _SAMPLES.values()))


def write(path: Path, samples: Samples) -> None:
    """Into a file that is whole or absent."""
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **{f.name: getattr(samples, f.name) for f in fields(samples)})


def read(path: Path) -> Samples:
    """Of a file; raises InputError where it is none that `write` has written."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            return Samples(**{name: found[name] for name in _SAMPLES})
    except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: no samples of this version: {error!s:.100}") from None
