"""The ego and every other road user, tick by tick, as columns that the measures work on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.frames import to_frame
from drivestack.core.tables import Kind
from drivestack.core.types import Bools, Floats
from drivestack.metrics.drive import Drive

SAME_WAY = math.radians(26.0)
"""Headings this far apart [rad] still go the same way; reference data.md, section 4."""

_STANDING = (Kind.OBSTACLE, Kind.PARKED)
"""What nobody drives."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Rows of one other road user at one tick, by tick and id.

    Attributes:
        row, other: (R,) where it stands in the `Drive`: which tick, which road user.
        pose: (R, 3) the other's x, y [m] and yaw [rad] in the ego's frame.
        ego_speed, speed: (R,) along the own headings [m/s].
        ego_size: (2,) length and width [m]. size: (R, 2).
        driven: (R,) False for what cannot move by itself.
    """

    row: NDArray[np.intp]
    other: NDArray[np.intp]
    pose: Floats
    ego_speed: Floats
    speed: Floats
    ego_size: Floats
    size: Floats
    driven: Bools

    def __post_init__(self) -> None:
        check_fields(self, _PAIRS)

    def velocity(self) -> Floats:
        """Velocity of the other relative to the ego (R, 2), in the ego's frame [m/s]."""
        x = self.speed * np.cos(self.pose[:, 2]) - self.ego_speed
        return np.stack([x, self.speed * np.sin(self.pose[:, 2])], axis=-1)

    def gap(self) -> Floats:
        """From the ego's front to the other's rearmost point (R,), along the ego's heading [m]."""
        yaw = self.pose[:, 2]
        reach = np.abs(np.cos(yaw)) * self.size[:, 0] + np.abs(np.sin(yaw)) * self.size[:, 1]
        return self.pose[:, 0] - 0.5 * (self.ego_size[0] + reach)

    def leading(self) -> Bools:
        """Who drives or stands ahead in the ego's way (R,).

        Ahead, lateral distance of the centres below the mean width, headings within `SAME_WAY`
        (reference data.md, section 4: "same lane"). Lanes are not looked at, so that it also holds
        on roads without any, and far ahead in a bend it does not.
        """
        return (self.pose[:, 0] > 0.0) & self._in_the_way()

    def gap_behind(self) -> Floats:
        """From the ego's rear to the other's foremost point (R,), along the ego's heading [m]."""
        return self.gap() - 2.0 * self.pose[:, 0]

    def following(self) -> Bools:
        """Who drives or stands behind in the ego's way (R,); as `leading`, the other side."""
        return (self.pose[:, 0] < 0.0) & self._in_the_way()

    def _in_the_way(self) -> Bools:
        beside = np.abs(self.pose[:, 1]) < 0.5 * (self.ego_size[1] + self.size[:, 1])
        return beside & (np.abs(self.pose[:, 2]) <= SAME_WAY)


_PAIRS = {
    "row": ("R", np.intp),
    "other": ("R", np.intp),
    "pose": ("R 3", np.float64),
    "ego_speed": ("R", np.float64),
    "speed": ("R", np.float64),
    "ego_size": ("2", np.float64),
    "size": ("R 2", np.float64),
    "driven": ("R", np.bool_),
}


def pairs_of(drive: Drive) -> Pairs:
    """All pairs of a drive, by tick and id."""
    row, other = np.nonzero(drive.valid)
    ego, others = drive.ego[row], drive.others[row, other]
    return Pairs(
        row=row,
        other=other,
        pose=to_frame(others[:, :3], ego[:, :3]),
        ego_speed=ego[:, 3].copy(),
        speed=others[:, 3].copy(),
        ego_size=drive.size,
        size=drive.boxes[row, other],
        driven=~np.isin(drive.kind[other], _STANDING),
    )
