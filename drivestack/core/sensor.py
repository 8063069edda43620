"""What a scenario's sensors can do: the parameters that `world.sensing` carries out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

GHOST_ID = 1_000_000
"""A ghost's id is this plus the tick of its birth; a scene numbers its bodies from 0."""


@dataclass(frozen=True, slots=True)
class Radar:
    """The radar at the front bumper, which serves nothing but emergency braking.

    Every car has one: unlike with the other sensors the default has limits, those of common long
    range radars (far 250 m in 9 degrees to each side, near 70 m in 45; ours hears less far). It
    hears beneath and between bodies, so they hide nothing from it.

    Attributes:
        range: of the far beam [m]; 0: there is no radar. opening: of that beam [rad].
        near_range, near_opening: of the near beam.
        range_noise: standard deviation of a distance [m]. speed_noise: of both speeds [m/s].
        miss_probability: that a body is not heard, each body and tick by itself.
    """

    range: float = 150.0
    opening: float = math.radians(20.0)
    near_range: float = 40.0
    near_opening: float = math.radians(90.0)
    range_noise: float = 0.0
    speed_noise: float = 0.0
    miss_probability: float = 0.0

    def __post_init__(self) -> None:
        for name, most in _RADAR_LIMITS:
            value = getattr(self, name)
            if not 0.0 <= value <= most:
                raise ValueError(f"Radar.{name}: expected 0 to {most:g}, got {value}")


_RADAR_LIMITS = (
    ("range", 1e4),
    ("opening", math.pi),
    ("near_range", 1e4),
    ("near_opening", math.pi),
    ("range_noise", 1e3),
    ("speed_noise", 1e3),
    ("miss_probability", 1.0),
)

COMMON_RADAR = Radar()
"""What cars have unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor at the centre of the ego's footprint; the default is perfect.

    Every default is "no such effect"; the other numbers are the scenario's and have no source but
    its author's. What other cars do is seen through it; the ego's own state is odometry: exact
    and present.

    Attributes:
        range: to the nearest point of a body [m].
        field_of_view: opening angle about the ego's heading [rad]; 2 pi is all around.
        visible_share: the part of a body's angular extent that must be in the field of view with
            nothing before it, 0 to 1; 0: bodies hide nothing.
        position_noise: standard deviation of x and of y [m], white, drawn for each body and tick.
        speed_noise: of the speed [m/s], likewise.
        latency: a frame arrives this many ticks after it was measured.
        miss_probability: that a body is missing from a frame, each body and tick by itself.
        ghost_probability: that a ghost begins at a tick without one; one at a time.
        ghost_ticks: how long a ghost lasts, standing where it began [ticks].
        freeze_probability: that the sensor hangs at a tick.
        freeze_ticks: how long it hangs: the last frame is repeated, its age grows [ticks].
        radar: beside it, with faults of its own.
    """

    range: float = math.inf
    field_of_view: float = math.tau
    visible_share: float = 0.0
    position_noise: float = 0.0
    speed_noise: float = 0.0
    latency: int = 0
    miss_probability: float = 0.0
    ghost_probability: float = 0.0
    ghost_ticks: int = 1
    freeze_probability: float = 0.0
    freeze_ticks: int = 1
    radar: Radar = COMMON_RADAR

    def __post_init__(self) -> None:
        for name, low, high in _LIMITS:
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"Sensor.{name}: expected {low:g} to {high:g}, got {value}")
        if self.ghost_probability > 0.0 and math.isinf(self.range):
            raise ValueError("Sensor.ghost_probability: needs a finite range to put ghosts into")

    @property
    def is_perfect(self) -> bool:
        """Whether it shows everything as it is, at once; whatever the radar does."""
        return self is PERFECT or replace(self, radar=COMMON_RADAR) == PERFECT


_LIMITS = (
    ("range", 0.0, math.inf),
    ("field_of_view", 0.0, math.tau),
    ("visible_share", 0.0, 1.0),
    ("position_noise", 0.0, 1e3),
    ("speed_noise", 0.0, 1e3),
    ("latency", 0, 1000),
    ("miss_probability", 0.0, 1.0),
    ("ghost_probability", 0.0, 1.0),
    ("ghost_ticks", 1, 100_000),
    ("freeze_probability", 0.0, 1.0),
    ("freeze_ticks", 1, 100_000),
)

PERFECT = Sensor()
"""Sees everything, exactly and at once."""
