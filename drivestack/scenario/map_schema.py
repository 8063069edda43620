"""Schema of `map:` by kind: lanes written inline, OpenDRIVE, highway-env, CommonRoad."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from drivestack.core.start import Traffic

from .model import (
    LaneRef,
    Length,
    Metres,
    Model,
    Number,
    Point,
    Radians,
    Speed,
    Truth,
    Whole,
    Word,
    fault,
)

SHORTEST = 1e-3
"""Least length of a lane and of each of its pieces [m], so that directions are defined."""

LaneWidth = Annotated[Length, Field(le=100)]


class _Lane(Model):
    """What lanes of every kind have."""

    from_node: Word = Field(alias="from")
    to_node: Word = Field(alias="to")
    width: LaneWidth = 4.0
    speed_limit: Speed | None = 20.0
    """m/s; null: no limit. 20 is highway-env's default for a lane."""
    forbidden: Truth = False
    """Lane changes into it are refused."""
    priority: Whole = 0

    @model_validator(mode="after")
    def _leads_somewhere(self) -> _Lane:
        if self.from_node == self.to_node:
            raise fault(f"cyclic lane: it leads from node '{self.from_node}' to itself", "to")
        return self


class _BetweenPoints(_Lane):
    """A lane along the straight between two points."""

    start: Point
    end: Point

    @model_validator(mode="after")
    def _has_length(self) -> _BetweenPoints:
        _require_length(math.dist(self.start, self.end), "end")
        return self


class StraightLane(_BetweenPoints):
    """A straight lane."""

    kind: Literal["straight"]


class SineLane(_BetweenPoints):
    """A lane that swings about a straight one: ``amplitude * sin(pulsation * s + phase)``."""

    kind: Literal["sine"]
    amplitude: Metres
    pulsation: Number
    """rad/m."""
    phase: Radians = 0.0


class CircularLane(_Lane):
    """An arc, from one angle on its circle to another; counter-clockwise if the angle grows."""

    kind: Literal["circular"]
    center: Point
    radius: Length
    start_phase: Radians
    end_phase: Radians

    @model_validator(mode="after")
    def _has_length(self) -> CircularLane:
        angle = abs(self.end_phase - self.start_phase)
        _require_length(self.radius * angle, "end_phase")
        if angle > math.pi:  # coordinates wrap half a circle away from the start, as highway-env's
            sentence = f"an arc may turn by pi at most, not {angle:g} rad; split it in two"
            raise fault(sentence, "end_phase")
        return self


class PolylineLane(_Lane):
    """A lane through points."""

    kind: Literal["polyline"]
    points: Annotated[tuple[Point, ...], Field(min_length=2, max_length=10_000)]
    widths: tuple[LaneWidth, ...] | None = None
    """One full width [m] a point, in place of `width`."""

    @model_validator(mode="after")
    def _is_a_line(self) -> PolylineLane:
        for index in range(1, len(self.points)):
            _require_length(math.dist(self.points[index - 1], self.points[index]), "points", index)
        if self.widths is not None and len(self.widths) != len(self.points):
            sentence = f"expected {len(self.points)} widths, one a point, got {len(self.widths)}"
            raise fault(sentence, "widths")
        return self


def _require_length(length: float, *steps: str | int) -> None:
    if length < SHORTEST:
        raise fault(f"the lane has no length: {length:g} m are less than {SHORTEST:g} m", *steps)


Lane = Annotated[StraightLane | SineLane | CircularLane | PolylineLane, Field(discriminator="kind")]


class LanesMap(Model):
    """Lanes written into the scenario; ISO frame, lanes of one road from left to right."""

    kind: Literal["lanes"]
    connected: Truth = True
    """Neighbours are also looked for on the roads before and after."""
    lanes: Annotated[tuple[Lane, ...], Field(min_length=1, max_length=2_000)]

    def names(self) -> dict[LaneRef, Lane]:
        """The lanes by (from, to, number)."""
        names: dict[LaneRef, Lane] = {}
        counts: dict[tuple[str, str], int] = {}
        for lane in self.lanes:
            road = (lane.from_node, lane.to_node)
            number = counts.get(road, 0)
            counts[road] = number + 1
            names[*road, number] = lane
        return names


class RoadPiece(Model):
    """A part of a road: straight, or an arc."""

    length: Length
    """Along the reference line [m]."""
    radius: Annotated[Number, Field(ge=-1e5, le=1e5)] | None = None
    """Of the reference line, positive to the left [m]; 0 or None: straight."""

    @model_validator(mode="after")
    def _can_be_driven(self) -> RoadPiece:
        if self.radius and self.length > math.pi * abs(self.radius):
            raise fault("an arc may turn by pi at most; split it in two", "length")
        return self


class RoadMap(Model):
    """One road made of pieces: lanes in its direction, and perhaps oncoming ones.

    The reference line is the left edge of the own lanes. Piece i leads from node ``i`` to the next;
    own lanes are ``["0", "1", k]``, k = 0 the leftmost, oncoming ones ``["1-", "0-", k]``.
    """

    kind: Literal["road"]
    pieces: Annotated[tuple[RoadPiece, ...], Field(min_length=1, max_length=200)]
    lanes: Annotated[Whole, Field(ge=1, le=10)] = 1
    oncoming: Annotated[Whole, Field(le=10)] = 0
    width: LaneWidth = 3.5
    speed_limit: Speed | None = 20.0
    start: Point = (0.0, 0.0)
    heading: Radians = 0.0

    @model_validator(mode="after")
    def _bends_are_wider_than_the_road(self) -> RoadMap:
        for index, piece in enumerate(self.pieces):
            half = self.width * max(self.lanes, self.oncoming)
            if piece.radius and abs(piece.radius) <= half:
                sentence = f"must be more than {half:g} m, the lanes on the inside"
                raise fault(sentence, "pieces", index, "radius")
        return self

    def lanes_map(self) -> LanesMap:
        """The same as lanes written inline."""
        lanes: list[dict[str, Any]] = []
        x, y, heading = *self.start, self.heading
        for number, piece in enumerate(self.pieces):
            for k in range(self.lanes):
                ends = {"from": f"{number}", "to": f"{number + 1}"}
                lanes.append(ends | self._lane(piece, x, y, heading, -(k + 0.5), False))
            for k in range(self.oncoming):
                ends = {"from": f"{number + 1}-", "to": f"{number}-"}
                lanes.append(ends | self._lane(piece, x, y, heading, k + 0.5, True))
            x, y, heading = _end_of(piece, x, y, heading)
        return LanesMap.model_validate({"kind": "lanes", "lanes": lanes})

    def _lane(
        self, piece: RoadPiece, x: float, y: float, heading: float, place: float, back: bool
    ) -> dict[str, Any]:
        """One lane, its centre `place` widths to the left of the reference line."""
        left = place * self.width
        rest = {"width": self.width, "speed_limit": self.speed_limit}
        if not piece.radius:
            x, y = x - left * math.sin(heading), y + left * math.cos(heading)
            ahead = (x + piece.length * math.cos(heading), y + piece.length * math.sin(heading))
            start, end = ((x, y), ahead) if not back else (ahead, (x, y))
            return {"kind": "straight", "start": start, "end": end, **rest}
        turn = math.copysign(1.0, piece.radius)
        center = x - piece.radius * math.sin(heading), y + piece.radius * math.cos(heading)
        first = heading - turn * math.pi / 2
        last = first + piece.length / piece.radius
        first, last = (last, first) if back else (first, last)
        radius = abs(piece.radius) - turn * left
        return {"kind": "circular", "center": center, "radius": radius, "start_phase": first,
                "end_phase": last, **rest}  # fmt: skip


def _end_of(piece: RoadPiece, x: float, y: float, heading: float) -> tuple[float, float, float]:
    """Where the reference line of a piece ends, and its direction there."""
    if not piece.radius:
        return (
            x + piece.length * math.cos(heading), y + piece.length * math.sin(heading), heading
        )  # fmt: skip
    after = heading + piece.length / piece.radius
    dx = math.sin(after) - math.sin(heading)
    dy = math.cos(heading) - math.cos(after)
    return x + piece.radius * dx, y + piece.radius * dy, after


class HighwayEnvMap(Model):
    """A scene of highway-env with its own map and traffic."""

    kind: Literal["highway_env"]
    env: Word
    """The environment id, such as ``highway-v0``."""
    config: dict[str, Any] = Field(default_factory=dict)
    """Overrides of the scene's configuration."""


class CommonRoadMap(Model):
    """A CommonRoad file: its lanelets, its traffic replayed, its planning problem as start."""

    kind: Literal["commonroad"]
    file: Word
    """Relative to this file's folder, or to the folder of shared data."""
    smoothing: Truth = False
    """Tracks filtered without delay, as raw ones accelerate as no car can; for learning."""
    traffic: Traffic = Traffic.REPLAYED
    """reactive: once the ego has left its recording, vehicles keep their recorded paths but brake
    for whoever is ahead on them."""
    departure: Length = 1.0
    """How far from its recording the ego has left it [m]; our choice: less than half a car's width.
    An ego that was not recorded has left it from the start."""

    @model_validator(mode="after")
    def _departs_from_what_reacts(self) -> CommonRoadMap:
        if self.traffic is not Traffic.REACTIVE and "departure" in self.model_fields_set:
            raise fault("only reactive traffic is handed over", "departure")
        return self


class OpenDriveMap(Model):
    """The roads of an OpenDRIVE file; ego and actors are placed on its lanes.

    Lanes are named by nodes ``road.section.side.start`` and ``.end`` and a number, 0 the leftmost.
    """

    kind: Literal["opendrive"]
    file: Word
    """Relative to this file's folder, or to the folder of shared data."""


class OpenScenarioMap(Model):
    """An OpenSCENARIO file: its roads, entities and storyboard; the ego is driven by the stack."""

    kind: Literal["openscenario"]
    file: Word
    """A scenario, or a variation of one; relative to this file's folder or the shared data's."""
    parameters: dict[Word, bool | Number | Word] = Field(default_factory=dict)
    """Values in place of the file's defaults."""
    sets: dict[Word, Whole] = Field(default_factory=dict)
    """In a variation file, by the number of a distribution of value sets: which of its sets."""
    ego: Word | None = None
    """The entity under test; None: the one that is named so, else the first."""


Map = Annotated[
    LanesMap | RoadMap | OpenDriveMap | OpenScenarioMap | HighwayEnvMap | CommonRoadMap,
    Field(discriminator="kind"),
]
