"""Frames and angles: SE(2) transforms, wrapping, and the one change from map frame to ISO 8855.

ISO 8855: x forward, y left, yaw counter-clockwise. highway-env maps have y to the right of travel;
their y, heading and steering are negated exactly once, when records are made. Negation is exact
in floating point, so nothing is lost.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .compiled import inlined_kernel


@inlined_kernel
def wrap_to_pi(angle: float) -> float:
    """Wrap an angle [rad] to [-pi, pi), bit for bit ``((angle + pi) % (2 pi)) - pi`` of Python.

    The two branches are the cases in which Python's modulo is exact without a division.
    """
    shifted = angle + math.pi
    if 0.0 <= shifted < 2.0 * math.pi:
        return shifted - math.pi
    if 2.0 * math.pi <= shifted < 4.0 * math.pi:
        return (shifted - 2.0 * math.pi) - math.pi
    return (shifted % (2.0 * math.pi)) - math.pi


def wrapped(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Angles [rad] wrapped to [-pi, pi), any shape."""
    return np.mod(angles + np.pi, 2.0 * np.pi) - np.pi


def to_frame(pose: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Poses (..., 3) [m, m, rad] seen from the pose `origin` (..., 3)."""
    dx = pose[..., 0] - origin[..., 0]
    dy = pose[..., 1] - origin[..., 1]
    c, s = np.cos(origin[..., 2]), np.sin(origin[..., 2])
    yaw = wrapped(pose[..., 2] - origin[..., 2])
    return np.stack([c * dx + s * dy, c * dy - s * dx, yaw], axis=-1)


def from_frame(pose: NDArray[np.float64], origin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Poses (..., 3) given in the frame of the pose `origin` (..., 3), back in the outer frame."""
    c, s = np.cos(origin[..., 2]), np.sin(origin[..., 2])
    x = origin[..., 0] + c * pose[..., 0] - s * pose[..., 1]
    y = origin[..., 1] + s * pose[..., 0] + c * pose[..., 1]
    return np.stack([x, y, wrapped(pose[..., 2] + origin[..., 2])], axis=-1)
