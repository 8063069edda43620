"""What came of candidates: moments, what was told of them, and outcomes; in files whole."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from drivestack.behavior.described import OUTCOMES, WIDTH
from drivestack.behavior.tokens import TOKENS, Singles, Tokens
from drivestack.core.arrays import check_fields
from drivestack.core.errors import InputError
from drivestack.core.rows import arrays_of
from drivestack.core.types import Bools, Ints
from drivestack.sim.files import written_whole


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """S moments with M candidates each.

    Attributes:
        tokens: what a scorer was told of the scene. chunks: (S, M, `WIDTH`) of the candidates.
        outcome: (S, M, 6) what came of them, in [0, 1]: no contact at fault (0.5 after one with an
        object); within the road; time to collision kept, and how the drive could go on; progress by
        what the ego could do (`reaching`); comfort; rules: direction, limits, clear junctions.
        source: (S, M) `Origin`. total: (S, M) what the judge makes of it, for regrets.
        tried: (S, M). group: (S,) of the scenario family and driver. seed, tick: (S,).
    """

    tokens: Tokens
    chunks: Singles
    outcome: Singles
    total: Singles
    source: Ints
    tried: Bools
    group: Ints
    seed: Ints
    tick: Ints

    def __post_init__(self) -> None:
        check_fields(self, _OWN)
        if len(self.tokens.ego) != len(self.seed):
            raise ValueError(f"{len(self.tokens.ego)} tokens for {len(self.seed)} moments")

    def __len__(self) -> int:
        return len(self.seed)

    def some(self, rows: NDArray) -> Self:
        """Those of some rows."""
        tokens = Tokens(*(getattr(self.tokens, name)[rows] for name in TOKENS))
        return type(self)(tokens=tokens, **{name: getattr(self, name)[rows] for name in _OWN})

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """One after the other; at least one."""
        told = (np.concatenate([getattr(p.tokens, name) for p in parts]) for name in TOKENS)
        own = {name: np.concatenate([getattr(p, name) for p in parts]) for name in _OWN}
        return cls(tokens=Tokens(*told), **own)

    def digest(self) -> str:
        """A sha256 of all that is in it."""
        whole = hashlib.sha256()
        for array in arrays_of(self):
            whole.update(f"{array.dtype.str}{array.shape}".encode())
            whole.update(np.ascontiguousarray(array).tobytes())
        return whole.hexdigest()


MOST = 25
"""M: the plan that is kept, 16 that were learned, and 8 of the rules. Our choice."""

_OWN: dict[str, tuple[str, DTypeLike]] = {
    "chunks": (f"S {MOST} {WIDTH}", np.float32),
    "outcome": (f"S {MOST} {len(OUTCOMES)}", np.float32),
    "total": (f"S {MOST}", np.float32),
    "source": (f"S {MOST}", np.int32),
    "tried": (f"S {MOST}", np.bool_),
    "group": ("S", np.int32),
    "seed": ("S", np.int32),
    "tick": ("S", np.int32),
}

_DIGEST = "digest"


def none() -> Trials:
    """No moments."""

    def empty(axes: str, dtype: DTypeLike) -> Any:
        shape = [0 if axis in ("S", "B") else int(axis) for axis in axes.split()]
        return np.zeros(shape, dtype)

    tokens = Tokens(*(empty(axes, dtype) for axes, dtype in TOKENS.values()))
    return Trials(tokens, *(empty(axes, dtype) for axes, dtype in _OWN.values()))


def write(path: Path, found: Trials) -> None:
    """Into a file that is whole or absent, with its digest."""
    arrays = {f"tokens.{name}": getattr(found.tokens, name) for name in TOKENS}
    arrays |= {name: getattr(found, name) for name in _OWN}
    arrays[_DIGEST] = np.array(found.digest())
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read(path: Path) -> Trials:
    """Of a file; raises InputError where it is none that `write` has written, or was changed."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            tokens = Tokens(*(found[f"tokens.{name}"] for name in TOKENS))
            trials = Trials(tokens=tokens, **{name: found[name] for name in _OWN})
            digest = str(found[_DIGEST])
    except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(f"{path}: no trials of this version: {error!s:.100}") from None
    if trials.digest() != digest:
        raise InputError(f"{path}: its contents are not those it was written with")
    return trials
