"""The schema of traffic lights."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .model import LaneRef, Metres, Model, Name, Number, Seconds

Shown = Literal["red", "red_yellow", "yellow", "green", "inactive"]
"""inactive: dark, it asks nothing of anybody."""


class StopLine(Model):
    """A line across a lane that may not be crossed at red and red_yellow."""

    lane: LaneRef
    s: Metres | None = None
    """Along the lane [m]; None: its end."""


class TrafficLight(Model):
    """A light with a fixed cycle: stacks are told what it shows, cars of kind idm heed it.

    Scripted actors, replayed ones and an ego of kind meta do not.
    """

    name: Name
    phases: Annotated[tuple[tuple[Shown, Seconds], ...], Field(min_length=1, max_length=100)]
    """What is shown and for how long, over and over, such as ``[[green, 20], [yellow, 3]]``."""
    offset: Annotated[Number, Field(ge=-86_400, le=86_400)] = 0.0
    """When the first of the phases begins [s]; the cycle goes on before it, too."""
    lines: Annotated[tuple[StopLine, ...], Field(min_length=1, max_length=100)]
