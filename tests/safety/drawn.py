"""Drawn scenes for whatever must hold of every check, anywhere on the plane and in the mirror."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from drivestack.core.lights import Colour
from drivestack.core.map import Map
from drivestack.core.tables import Kind
from drivestack.core.types import (
    UNLIMITED,
    Closures,
    Echoes,
    EgoState,
    Floats,
    Observation,
    Plan,
    PlanSource,
    Sight,
    StopLines,
    Tracks,
)
from drivestack.roads.build import LaneSpec, circular, straight
from tests.scenes import road_map

DT = 0.05


@dataclass(frozen=True)
class Place:
    """Where a scene lies: reflected at the x axis first if `mirror` is -1, then turned, shifted."""

    turn: float = 0.0
    x: float = 0.0
    y: float = 0.0
    mirror: float = 1.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        c, s, y = math.cos(self.turn), math.sin(self.turn), self.mirror * y
        return self.x + c * x - s * y, self.y + s * x + c * y

    def states(self, given: Floats) -> Floats:
        """(..., 3 or 4) x, y, yaw and what stays as it is."""
        found, y = given.copy(), self.mirror * given[..., 1]
        c, s = math.cos(self.turn), math.sin(self.turn)
        found[..., 0] = self.x + c * given[..., 0] - s * y
        found[..., 1] = self.y + s * given[..., 0] + c * y
        found[..., 2] = self.turn + self.mirror * given[..., 2]
        return found

    def lane(self, start: tuple[float, float], end: tuple[float, float], rank: int = 0) -> LaneSpec:
        return straight(self.at(*start), self.at(*end), priority=rank)

    def arc(
        self, centre: tuple[float, float], radius: float, first: float, last: float
    ) -> LaneSpec:
        """Counter-clockwise before it is placed."""
        first, last = (self.turn + self.mirror * phase for phase in (first, last))
        return circular(self.at(*centre), radius, first, last, clockwise=self.mirror > 0.0)

    def beside(self, left: LaneSpec, right: LaneSpec) -> list[LaneSpec]:
        """Two lanes of a road; a mirror makes the left one the right one."""
        return [left, right] if self.mirror > 0.0 else [right, left]


@cache
def two_ways(place: Place) -> Map:
    """Two lanes along x, at y = 4 and 0, and an oncoming one at y = 8."""
    lanes = place.beside(place.lane((0, 4), (320, 4)), place.lane((0, 0), (320, 0)))
    return road_map("two-ways", {("a", "b"): lanes, ("b", "a"): [place.lane((320, 8), (0, 8))]})


@cache
def crossing(place: Place) -> Map:
    """A road along x, crossed by one that has priority and by one that has not."""
    return road_map("crossing", {
        ("a", "b"): [place.lane((0, 0), (320, 0), 1)],
        ("c", "d"): [place.lane((150, 80), (150, -80), 3)],
        ("e", "f"): [place.lane((200, -80), (200, 80), 0)],
    })  # fmt: skip


@cache
def curve(place: Place) -> Map:
    """Two lanes that bend to the left after 150 m, and fork there."""
    inner = place.beside(
        place.arc((150, 44), 40.0, -np.pi / 2, 0.0), place.arc((150, 44), 44.0, -np.pi / 2, 0.0)
    )
    after = place.beside(place.lane((190, 44), (190, 120)), place.lane((194, 44), (194, 120)))
    lanes = place.beside(place.lane((0, 4), (150, 4)), place.lane((0, 0), (150, 0)))
    return road_map("curve", {
        ("a", "b"): lanes,
        ("b", "c"): inner,
        ("b", "d"): place.beside(place.lane((150, 4), (320, 4)), place.lane((150, 0), (320, 0))),
        ("c", "e"): after,
    })  # fmt: skip


MAPS: tuple[Callable[[Place], Map], ...] = (two_ways, crossing, curve)


@dataclass(frozen=True)
class Scene:
    """Two ticks of one scenario, a plan and a control, at the origin."""

    map: Callable[[Place], Map]
    seen: tuple[Observation, Observation]
    plan: Plan
    control: Floats

    def at(self, place: Place) -> tuple[tuple[Observation, Observation], Plan, Floats]:
        """The same scene at another place."""
        road, m = self.map(place), place.mirror
        plan = replace(self.plan, states=place.states(self.plan.states),
                       controls=self.plan.controls * [1.0, m])  # fmt: skip
        one, two = (_placed(seen, place, road) for seen in self.seen)
        return (one, two), plan, self.control * [1.0, m]


def _placed(seen: Observation, place: Place, road: Map) -> Observation:
    ego, echoes, m = seen.ego, seen.echoes, place.mirror
    return replace(
        seen,
        maps=(road,),
        ego=replace(ego, state=place.states(ego.state), steer=ego.steer * m),
        tracks=replace(seen.tracks, state=place.states(seen.tracks.state)),
        stop_lines=replace(seen.stop_lines, pose=place.states(seen.stop_lines.pose)),
        echoes=replace(echoes, lateral=echoes.lateral * m, drift=echoes.drift * m),
    )


def drawn(number: int, alone: bool = False) -> Scene:
    """The scene of a number; alone: without anybody and anything else."""
    draw = np.random.default_rng([20_28, number])
    make = MAPS[number % len(MAPS)]
    speed = 0.0 if number % 9 == 8 else draw.uniform(0.5, 28.0)
    y = draw.choice([0.0, 4.0]) if make is not crossing else 0.0
    ego = np.array([draw.uniform(60.0, 140.0), y + draw.uniform(-1.7, 1.7),
                    draw.normal(0.0, 0.12), speed])  # fmt: skip
    if make is crossing and draw.integers(2):
        ego[0] = 143.0 - speed * speed / 11.0  # as far off as braking takes, no gentle one
    count = 0 if alone else int(draw.integers(1, 7))
    others = np.array([_other(draw, ego) for _ in range(count)]).reshape(-1, 4)
    time = 0.1 * np.arange(1, 31)
    states = np.zeros((1, 30, 4))
    states[0, :, 0], states[0, :, 3] = ego[0] + speed * time, speed
    states[0, :, 1] = ego[1] + draw.normal(0.0, 1.5) * np.minimum(time / 2.0, 1.0)
    now = _seen(draw, make(Place()), ego, others, alone)
    return Scene(
        map=make,
        seen=(now, _later(now)),
        plan=Plan(states, np.zeros((1, 30, 2)), np.zeros(1, np.int32),
                  np.full(1, PlanSource.CANDIDATE, np.int32), now.tick.copy(), np.full(1, 0.1)),
        control=np.array([[draw.uniform(-9.0, 5.0), draw.normal(0.0, 0.15)]]),
    )  # fmt: skip


def _other(draw: np.random.Generator, ego: Floats) -> Floats:
    """Ahead in a lane, coming towards the ego, across its way, or anywhere."""
    away, speed = draw.uniform(6.0, 60.0), draw.uniform(0.0, 22.0) * draw.integers(0, 2)
    kind, y = draw.integers(4), draw.choice([0.0, 4.0]) + draw.normal(0.0, 0.3)
    if kind == 0:
        y = draw.choice([y, ego[1] + draw.uniform(-1.0, 1.0)])
        return np.array([ego[0] + away, y, draw.normal(0.0, 0.05), speed])
    if kind == 1:
        return np.array([ego[0] + 2.0 * away, y + 4.0, np.pi + draw.normal(0.0, 0.03), speed])
    if kind == 2:
        side = draw.choice([-1.0, 1.0])
        if draw.integers(2):  # where both roads cross when the ego is there
            away, speed = 12.0 * (150.0 - ego[0]) / max(ego[3], 5.0), 12.0
        return np.array([150.0, side * away, -side * np.pi / 2 + draw.normal(0.0, 0.05), speed])
    return np.array([ego[0] + draw.uniform(-30.0, 40.0), ego[1] + draw.uniform(-9.0, 9.0),
                     draw.uniform(-3.1, 3.1), 0.2 * speed])  # fmt: skip


def _seen(
    draw: np.random.Generator, road: Map, ego: Floats, others: Floats, alone: bool
) -> Observation:
    count, echoes, lines = len(others), 0 if alone else 3, 0 if alone else 2
    number = np.arange(count, dtype=np.int32)[None]
    kind = draw.choice([Kind.CAR, Kind.CAR, Kind.PEDESTRIAN, Kind.PARKED, Kind.TRUCK], (1, count))
    size = np.stack([draw.uniform(0.6, 7.0, (1, count)), draw.uniform(0.6, 2.4, (1, count))], -1)
    pose = np.stack([ego[0] + draw.uniform(5.0, 60.0, (1, lines)),
                     ego[1] + draw.normal(0.0, 1.5, (1, lines)),
                     draw.normal(0.0, 0.3, (1, lines))], -1)  # fmt: skip
    along, closing = draw.uniform(-2.0, 40.0, (1, echoes)), draw.uniform(-5.0, 30.0, (1, echoes))
    return Observation(
        tick=np.full(1, 100, np.int32),
        dt=np.full(1, DT),
        maps=(road,),
        map_index=np.zeros(1, np.int32),
        ego=EgoState(ego[None], draw.uniform(-4.0, 2.0, 1), draw.normal(0.0, 0.08, 1),
                     np.array([[draw.uniform(3.5, 6.0), draw.uniform(1.6, 2.2)]])),
        tracks=Tracks(others[None, :, None], size, kind.astype(np.int32), number,
                      np.zeros((1, count), np.int32), np.ones((1, count, 1), np.bool_)),
        age=draw.integers(0, 3, 1).astype(np.int32),
        closures=Closures.none(1),
        stop_lines=StopLines(np.zeros((1, lines), np.int32), pose, np.full((1, lines), 4.0),
                             draw.choice(list(Colour), (1, lines)).astype(np.int32),
                             np.ones((1, lines), np.bool_)),
        echoes=Echoes(along, draw.normal(0.0, 1.0, (1, echoes)), closing,
                      draw.normal(0.0, 1.0, (1, echoes)), np.ones((1, echoes), np.bool_)),
        sight=Sight(np.full(1, UNLIMITED if alone else draw.choice([UNLIMITED, 30.0, 60.0])),
                    np.array([not alone and bool(draw.integers(2))])),
    )  # fmt: skip


def _later(seen: Observation) -> Observation:
    """A tick later: everybody has driven straight on."""

    def on(state: Floats) -> Floats:
        x, y, yaw, v = np.moveaxis(state, -1, 0)
        return np.stack([x + v * DT * np.cos(yaw), y + v * DT * np.sin(yaw), yaw, v],
                        -1)  # fmt: skip

    return replace(
        seen,
        tick=seen.tick + np.int32(1),
        ego=replace(seen.ego, state=on(seen.ego.state)),
        tracks=replace(seen.tracks, state=on(seen.tracks.state)),
    )
