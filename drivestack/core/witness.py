"""What came of chunks that were tried out: the record between forked worlds and who judges them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import check_fields
from .types import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Witnessed:
    """K drives of each of B states, and what the N others did meanwhile; the present comes first.

    Attributes:
        ego: (B, K, F, 4) driven states. accel: (B, K, F) applied [m/s2]. valid: (B, K).
        state: (B, K, N, F, 4) of others. there: (B, K, N, F). size: (B, K, N, 2) [m].
        kind: (B, K, N) `Kind`. dt: (B,) between states [s].
    """

    ego: Floats
    accel: Floats
    valid: Bools
    state: Floats
    there: Bools
    size: Floats
    kind: Ints
    dt: Floats

    def __post_init__(self) -> None:
        check_fields(self, _WITNESSED)


_WITNESSED = {
    "ego": ("B K F 4", np.float64),
    "accel": ("B K F", np.float64),
    "valid": ("B K", np.bool_),
    "state": ("B K N F 4", np.float64),
    "there": ("B K N F", np.bool_),
    "size": ("B K N 2", np.float64),
    "kind": ("B K N", np.int32),
    "dt": ("B", np.float64),
}
