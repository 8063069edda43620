"""Schema of `sensing:`: what the ego's sensors can do; an absent key is "no such effect"."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field, Strict, model_validator

from drivestack.core.sensor import COMMON_RADAR, Radar, Sensor

from .model import Length, Model, fault

Share = Annotated[float, Strict(), Field(ge=0, le=1)]
Deviation = Annotated[float, Strict(), Field(ge=0, le=100)]
Opening = Annotated[float, Strict(), Field(gt=0, le=math.tau)]
Reach = Annotated[float, Strict(), Field(ge=0, le=1e4)]
Latency = Annotated[int, Strict(), Field(ge=0, le=1000)]
Ticks = Annotated[int, Strict(), Field(ge=1, le=100_000)]


class RadarSensing(Model):
    """The keys of `core.sensor.Radar`, where they are explained."""

    range: Reach = COMMON_RADAR.range
    """Of the far beam [m]; 0: there is no radar."""
    opening: Opening = COMMON_RADAR.opening
    """Of the far beam [rad]."""
    near_range: Reach = COMMON_RADAR.near_range
    near_opening: Opening = COMMON_RADAR.near_opening
    range_noise: Deviation = 0.0
    """Standard deviation of a distance [m]."""
    speed_noise: Deviation = 0.0
    """Standard deviation of closing speed and drift [m/s]."""
    miss_probability: Share = 0.0
    """For each body and tick."""

    def radar(self) -> Radar:
        """The parameters as the world takes them."""
        return Radar(**self.model_dump())


class Sensing(Model):
    """The keys of `core.sensor.Sensor`, where they are explained; ticks are physics ticks."""

    range: Length | None = None
    """To the nearest point of a body [m]; None: unlimited."""
    field_of_view: Opening | None = None
    """Opening angle about the heading [rad]; None: all around."""
    visible_share: Share = 0.0
    """The part of a body that must not be hidden; 0: bodies hide nothing."""
    position_noise: Deviation = 0.0
    """Standard deviation of x and of y [m]."""
    speed_noise: Deviation = 0.0
    """Standard deviation [m/s]."""
    latency: Latency = 0
    """Ticks from measuring to arriving."""
    miss_probability: Share = 0.0
    """For each body and tick."""
    ghost_probability: Share = 0.0
    """That a ghost begins, for each tick without one; needs `range`."""
    ghost_ticks: Ticks = 1
    freeze_probability: Share = 0.0
    """That frames begin to freeze, for each tick."""
    freeze_ticks: Ticks = 1
    radar: RadarSensing = Field(default_factory=RadarSensing)
    """Serves nothing but emergency braking."""

    @model_validator(mode="after")
    def _fits_together(self) -> Sensing:
        if self.ghost_probability > 0.0 and self.range is None:
            raise fault("needs range: ghosts are put within it", "ghost_probability")
        for kind in ("ghost", "freeze"):
            given = self.model_fields_set
            if f"{kind}_ticks" in given and f"{kind}_probability" not in given:
                raise fault(f"needs {kind}_probability", f"{kind}_ticks")
        return self

    def sensor(self) -> Sensor:
        """The parameters as the world takes them."""
        return Sensor(
            range=math.inf if self.range is None else self.range,
            field_of_view=math.tau if self.field_of_view is None else self.field_of_view,
            visible_share=self.visible_share,
            position_noise=self.position_noise,
            speed_noise=self.speed_noise,
            latency=self.latency,
            miss_probability=self.miss_probability,
            ghost_probability=self.ghost_probability,
            ghost_ticks=self.ghost_ticks,
            freeze_probability=self.freeze_probability,
            freeze_ticks=self.freeze_ticks,
            radar=self.radar.radar(),
        )
