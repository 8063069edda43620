"""What kernels are told of one scenario: the road as map and route have it, and the ego's body."""

from __future__ import annotations

from typing import NamedTuple

from numpy.typing import NDArray

from .lane_links import Links
from .lane_tables import Lanes


class Road(NamedTuple):
    """A map's tables and one route on it.

    wanted: (L,) lanes of the roads it passes. sequence, valid: (L',) its lanes.
    line: (P, 3), of which n rows hold, `spacing` [m] apart. limit: (P,) [m/s].
    """

    map: Lanes
    links: Links
    wanted: NDArray
    sequence: NDArray
    valid: NDArray
    line: NDArray
    n: int
    spacing: float
    limit: NDArray


class Body(NamedTuple):
    """The ego: state (4,), steering angle [rad], length and width (2,) [m]."""

    state: NDArray
    steer: float
    size: NDArray
