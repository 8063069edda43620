"""What a lane of the map is on its OpenDRIVE road."""

from __future__ import annotations

from dataclasses import dataclass

from .joins import LaneKey


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an OpenDRIVE lane that is one lane of the map.

    Attributes:
        key: the OpenDRIVE lane. low, high: s on its road [m]. along: it runs towards higher s.
        lane: index in the map.
    """

    key: LaneKey
    low: float
    high: float
    along: bool
    lane: int
