"""The ego and every other road user, tick by tick, as columns that the measures work on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.episode import Episode
from drivestack.core.frames import to_frame
from drivestack.core.tables import Kind
from drivestack.core.types import Bools, Floats

SAME_WAY = math.radians(26.0)
"""Headings this far apart [rad] still go the same way; reference data.md, section 4."""

_STANDING = (Kind.OBSTACLE, Kind.PARKED)
"""What nobody drives."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Rows of one other road user at one tick, by tick and id.

    Attributes:
        tick: (R,). pose: (R, 3) the other's x, y [m] and yaw [rad] in the ego's frame.
        ego_speed, speed: (R,) along the own headings [m/s].
        ego_size: (2,) length and width [m]. size: (R, 2).
        driven: (R,) False for what cannot move by itself.
    """

    tick: NDArray[np.int32]
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
        beside = np.abs(self.pose[:, 1]) < 0.5 * (self.ego_size[1] + self.size[:, 1])
        same_way = np.abs(self.pose[:, 2]) <= SAME_WAY
        return (self.pose[:, 0] > 0.0) & beside & same_way


_PAIRS = {
    "tick": ("R", np.int32),
    "pose": ("R 3", np.float64),
    "ego_speed": ("R", np.float64),
    "speed": ("R", np.float64),
    "ego_size": ("2", np.float64),
    "size": ("R 2", np.float64),
    "driven": ("R", np.bool_),
}


def pairs_of(episode: Episode) -> Pairs:
    """All pairs of an episode; rows of agents at ticks without an ego row are left out."""
    agents = episode.agents[np.isin(episode.agents["tick"], episode.ego["tick"])]
    ego = episode.ego[np.searchsorted(episode.ego["tick"], agents["tick"])]
    pose = to_frame(_pose(agents), _pose(ego))
    return Pairs(
        tick=np.ascontiguousarray(agents["tick"]),
        pose=pose,
        ego_speed=np.ascontiguousarray(ego["v"]),
        speed=np.ascontiguousarray(agents["v"]),
        ego_size=episode.size,
        size=np.stack([agents["length"], agents["width"]], axis=-1),
        driven=~np.isin(agents["kind"], _STANDING),
    )


def _pose(rows: NDArray) -> Floats:
    return np.stack([rows["x"], rows["y"], rows["yaw"]], axis=-1)


def least(name: str, values: Floats) -> dict[str, float]:
    """``{name: smallest finite value}``, or nothing where there is none."""
    finite = values[np.isfinite(values)]
    return {name: float(finite.min())} if len(finite) else {}


def greatest(name: str, values: Floats) -> dict[str, float]:
    """``{name: largest finite value}``, or nothing where there is none."""
    finite = values[np.isfinite(values)]
    return {name: float(finite.max())} if len(finite) else {}
