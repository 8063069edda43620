"""Where knots lead, differentiable (torch): along the route, and to its left.

The route is taken to be straight: what is compared are two chunks on one route, and its curvature
is in neither. Across, the speed is that of the chunk that was driven. So places are all but linear
in knots, and a loss on them draws a mean to nowhere but the mean: no mode is given up for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.knots import DT, EVERY, KNOTS, STEPS, Drawing
from drivestack.behavior.torch_setup import Tensor, torch


def _steps_of_knots() -> Tensor:
    """(10, 40): from knots to steps; what is in force now, their beginning, is left out."""
    at = np.arange(1, STEPS + 1) / EVERY
    rows = [np.interp(at, np.arange(KNOTS + 1), [0.0, *unit]) for unit in np.eye(KNOTS)]
    return torch.tensor(np.array(rows), dtype=torch.float32)


_INTERPOLATED = _steps_of_knots()
_SLOW = Drawing().slow


def along(knots: Tensor, speed: Tensor) -> tuple[Tensor, Tensor]:
    """Way gone and speed (B, 40) of knots (B, 10, 2) from speeds (B,)."""
    accel = knots[..., 0] @ _INTERPOLATED
    fast = (speed[:, None] + DT * accel.cumsum(-1)).clamp_min(0.0)
    return DT * fast.cumsum(-1), fast


def aside(knots: Tensor, fast: Tensor) -> Tensor:
    """Way to the left of the route (B, 40), driven at speeds (B, 40)."""
    reckoned = fast / fast.clamp_min(_SLOW)
    across = (knots[..., 1] @ _INTERPOLATED) * reckoned.square()
    return DT * DT * across.cumsum(-1).cumsum(-1)


def apart(knots: Tensor, driven: Tensor, speed: Tensor) -> Tensor:
    """Mean squared distance [m2] between two chunks (B,), the second of which was driven."""
    gone, _ = along(knots, speed)
    true, fast = along(driven, speed)
    off = aside(knots - driven, fast)
    return ((gone - true).square() + off.square()).mean(-1)


def places(
    knots: NDArray[np.float32], speed: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Where chunks (B, 10, 2) end: along and aside of the route (B,) [m], and how fast [m/s]."""
    told = torch.tensor(knots)
    gone, fast = along(told, torch.tensor(speed))
    left = aside(told, fast)
    return gone[:, -1].numpy(), left[:, -1].numpy(), fast[:, -1].numpy()
