"""Obstacles of all versions: recorded tracks, and bodies that stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import nearest
from drivestack.core.tables import Kind

from ..xml_reader import Element
from ..xml_values import check_children
from .shapes import box_of
from .values import Clock, exact, identity, middle, position

KINDS = {
    "car": Kind.CAR, "taxi": Kind.CAR, "priorityVehicle": Kind.CAR, "truck": Kind.TRUCK,
    "bus": Kind.BUS, "train": Kind.UNKNOWN, "motorcycle": Kind.MOTORCYCLE,
    "bicycle": Kind.BICYCLE, "pedestrian": Kind.PEDESTRIAN, "parkedVehicle": Kind.PARKED,
    "constructionZone": Kind.OBSTACLE, "roadBoundary": Kind.OBSTACLE, "building": Kind.OBSTACLE,
    "pillar": Kind.OBSTACLE, "median_strip": Kind.OBSTACLE, "unknown": Kind.UNKNOWN,
}  # fmt: skip
"""CommonRoad's obstacle types."""

_READ = ("role", "type", "shape", "initialState", "trajectory")

IGNORED = ("initialSignalState", "signalSeries")
"""Turn signals and horns."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One obstacle.

    Attributes:
        id: its number. kind: what it is. length, width: [m]. moves: a recorded track, else it
        stands at its only state. steps: (R,) growing recording steps. states: (R, 4) x, y [m],
        heading [rad], speed [m/s].
    """

    id: int
    kind: Kind
    length: float
    width: float
    moves: bool
    steps: NDArray[np.int64]
    states: NDArray[np.float64]


def read_tracks(root: Element, clock: Clock) -> tuple[Track, ...]:
    """All obstacles of a document, in its order.

    Raises:
        InputError: a broken obstacle or an id used twice. UnsupportedError: a shape, role or
            prediction that cannot be replayed.
    """
    tracks: dict[int, Track] = {}
    for element in root.children:
        if element.tag not in ("obstacle", "dynamicObstacle", "staticObstacle"):
            continue
        track = _track(element, clock)
        if track.id in tracks:
            raise element.problem("id used twice")
        tracks[track.id] = track
    return tuple(tracks.values())


def _track(element: Element, clock: Clock) -> Track:
    for child in element.all("occupancySet"):
        raise child.unsupported("where a body may be is a set, not a track that can be replayed")
    check_children(element, _READ, IGNORED)
    kind = element.need("type")
    if kind.text not in KINDS:
        raise kind.problem(f"unknown type '{kind.text[:40]}'; {nearest(kind.text, KINDS)}")
    moves = _is_dynamic(element)
    states: dict[int, tuple[float, float, float, float]] = {}
    for state in _states(element):
        step = clock.step(exact(state.need("time"))) if moves else 0
        if states and step <= max(states):
            if step == 0 and len(states) == 1:  # some files repeat the initial state
                continue
            raise state.problem("times should grow")
        states[step] = _state(state, moves)
    if not states:
        raise element.problem("missing element 'initialState' or 'trajectory'")
    box = box_of(element.need("shape"))
    return Track(
        id=identity(element),
        kind=KINDS[kind.text],
        length=box.length,
        width=box.width,
        moves=moves,
        steps=np.array(list(states), np.int64),
        states=box.moved(np.array(list(states.values()), np.float64)),
    )


def _is_dynamic(element: Element) -> bool:
    if element.tag != "obstacle":
        return element.tag == "dynamicObstacle"
    role = element.need("role")
    if role.text not in ("static", "dynamic"):
        raise role.problem(f"role should be static or dynamic, got '{role.text[:40]}'")
    return role.text == "dynamic"


def _states(element: Element) -> list[Element]:
    initial = element.find("initialState")
    trajectory = element.find("trajectory")
    states = [] if initial is None else [initial]
    return states if trajectory is None else [*states, *trajectory.all("state")]


def _state(element: Element, moves: bool) -> tuple[float, float, float, float]:
    """x, y [m], heading [rad], speed [m/s]; static obstacles need no velocity."""
    x, y = position(element)
    heading = middle(element.need("orientation"))
    speed = middle(element.need("velocity")) if moves else 0.0
    return x, y, heading, speed
