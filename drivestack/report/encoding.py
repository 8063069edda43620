"""Arrays as text in a page: a small header and whole numbers, gzipped, in base64.

Positions of others are 1 cm steps relative to the ego at that tick (16 bits span 327 m), the ego's
are absolute in 32 bits; angles 1e-4 rad, speeds 1 cm/s. Numbers are stored as differences along
the last axis where that makes them small, and byte by byte: all low bytes first.
"""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

CENTIMETRE = 0.01
ANGLE = 1e-4
"""Steps of positions [m] and angles [rad]."""

REACH = 32_767
"""Largest number of 16 bits: what lies farther away is clipped, and flagged."""


_LEVEL = 6
"""Of gzip: 9 takes twice as long for one percent."""


@dataclass(slots=True, eq=False)
class Block:
    """One block of a page in the making."""

    facts: dict[str, Any]
    _layout: dict[str, Any] = field(default_factory=dict)
    _data: list[bytes] = field(default_factory=list)
    _at: int = 0

    def add(
        self, name: str, values: NDArray, dtype: str, step: float = 1.0, order: int = 0
    ) -> None:
        """Append an array.

        Args:
            values: finite. dtype: i1, u1, i2, i4 or f4. step: the unit of whole numbers.
            order: of the differences along the last axis that are stored.
        """
        wanted = np.dtype(f"<{dtype}")
        if wanted.kind == "f":
            whole = values.astype(wanted)
        else:
            whole = np.round(values / step).astype(np.int64).astype(wanted)  # differences wrap
        for _ in range(order):
            whole = np.diff(whole, axis=-1, prepend=wanted.type(0))
        planes = whole.reshape(-1).view(np.uint8).reshape(-1, wanted.itemsize).T
        data = planes.tobytes()
        self._layout[name] = {
            "type": dtype,
            "shape": list(values.shape),
            "at": self._at,
            "step": step,
            "order": order,
        }
        self._data.append(data)
        self._at += len(data)

    def text(self) -> str:
        """The block as base64."""
        header = json.dumps({**self.facts, "arrays": self._layout}, allow_nan=False).encode()
        raw = len(header).to_bytes(4, "little") + header + b"".join(self._data)
        return base64.b64encode(gzip.compress(raw, _LEVEL, mtime=0)).decode()


def clipped(values: NDArray, step: float) -> tuple[NDArray, NDArray[np.bool_]]:
    """Values within reach of 16 bits, and which had to be clipped."""
    most = REACH * step
    return np.clip(values, -most, most), np.abs(values) > most
