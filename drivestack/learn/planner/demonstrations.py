"""What experts did: tokens and knots of many moments, which grow, join and go into files whole."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from drivestack.behavior.knots import CHANNELS, KNOTS
from drivestack.behavior.tokens import TOKENS, Singles, Tokens
from drivestack.core.arrays import check_fields
from drivestack.core.errors import InputError
from drivestack.core.rows import arrays_of
from drivestack.core.types import Ints
from drivestack.sim.files import written_whole


@dataclass(frozen=True, slots=True, eq=False)
class Demonstrations:
    """S moments.

    Attributes:
        tokens: what a planner was told. knots: (S, 10, 2) what the expert did then.
        weight: (S,) of the moment; equal within a scene, never by what was done.
        family: (S,) number of the scenario family in `names`. seed, tick: (S,).
        style: (S,) number of the expert's style. manoeuvre: (S,) number of what it did, -1: unsaid.
        names: of the families.
    """

    tokens: Tokens
    knots: Singles
    weight: Singles
    family: Ints
    seed: Ints
    tick: Ints
    style: Ints
    manoeuvre: Ints
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, _OWN)
        if len(self.tokens.ego) != len(self.knots):
            raise ValueError(f"{len(self.tokens.ego)} tokens for {len(self.knots)} knots")
        if len(self) and not 0 <= self.family.min() <= self.family.max() < len(self.names):
            raise ValueError("a family without a name")

    def __len__(self) -> int:
        return len(self.seed)

    def some(self, rows: NDArray) -> Self:
        """Those of some rows."""
        tokens = Tokens(*(getattr(self.tokens, name)[rows] for name in TOKENS))
        own = {name: getattr(self, name)[rows] for name in _OWN}
        return type(self)(tokens=tokens, names=self.names, **own)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """One after the other; families of one name are one."""
        names = tuple(dict.fromkeys(name for part in parts for name in part.names))
        if not parts:
            return cls.none()
        own: dict[str, Any] = {
            name: np.concatenate([getattr(part, name) for part in parts]) for name in _OWN
        }
        families = [[names.index(name) for name in part.names] for part in parts]
        own["family"] = np.concatenate(
            [
                np.array(numbers, np.int32)[part.family] if len(part) else part.family
                for numbers, part in zip(families, parts, strict=True)
            ]
        )
        told = (np.concatenate([getattr(p.tokens, name) for p in parts]) for name in TOKENS)
        return cls(tokens=Tokens(*told), names=names, **own)

    @classmethod
    def none(cls) -> Self:
        """No moments."""
        tokens = Tokens(*(_empty(axes, dtype) for axes, dtype in TOKENS.values()))
        return cls(tokens, *(_empty(axes, dtype) for axes, dtype in _OWN.values()))

    def digest(self) -> str:
        """A sha256 of all that is in it."""
        whole = hashlib.sha256("\0".join(self.names).encode())
        for array in arrays_of(self):
            whole.update(f"{array.dtype.str}{array.shape}".encode())
            whole.update(np.ascontiguousarray(array).tobytes())
        return whole.hexdigest()


_OWN: dict[str, tuple[str, DTypeLike]] = {
    "knots": (f"S {KNOTS} {CHANNELS}", np.float32),
    "weight": ("S", np.float32),
    "family": ("S", np.int32),
    "seed": ("S", np.int32),
    "tick": ("S", np.int32),
    "style": ("S", np.int32),
    "manoeuvre": ("S", np.int32),
}

_NAMES, _DIGEST = "names", "digest"


def _empty(axes: str, dtype: DTypeLike) -> Any:
    return np.zeros([0 if axis in ("S", "B") else int(axis) for axis in axes.split()], dtype)


def write(path: Path, found: Demonstrations) -> None:
    """Into a file that is whole or absent, with its digest."""
    arrays = {f"tokens.{name}": getattr(found.tokens, name) for name in TOKENS}
    arrays |= {name: getattr(found, name) for name in _OWN}
    arrays[_NAMES], arrays[_DIGEST] = np.array(found.names, np.str_), np.array(found.digest())
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read(path: Path) -> Demonstrations:
    """Of a file; raises InputError where it is none that `write` has written, or was changed."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            tokens = Tokens(*(found[f"tokens.{name}"] for name in TOKENS))
            names = tuple(str(name) for name in found[_NAMES])
            demonstrations = Demonstrations(
                tokens=tokens, names=names, **{name: found[name] for name in _OWN}
            )
            digest = str(found[_DIGEST])
    except (OSError, ValueError, TypeError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(f"{path}: no demonstrations of this version: {error!s:.100}") from None
    if demonstrations.digest() != digest:
        raise InputError(f"{path}: its contents are not those it was written with")
    return demonstrations


def read_all(paths: Sequence[Path]) -> Demonstrations:
    """Of files, and of all files in folders, in the order of their names; raises InputError."""
    files = [file for path in paths for file in _files_of(path)]
    found = Demonstrations.joined([read(file) for file in files])
    if len(found) == 0:
        raise InputError(f"{', '.join(map(str, paths))}: there are no demonstrations")
    return found


def _files_of(path: Path) -> list[Path]:
    if not path.exists():
        raise InputError(f"{path}: no such file or folder of demonstrations")
    return sorted(path.glob("*.npz")) if path.is_dir() else [path]
