"""What simple drivers get out of a scenario: from when one could know, and which answers avoid it.

A scenario's *hazard* is the actor of that name. It is noticed at the first tick at which the ego's
sensors see it and the first of its events that waits for something has begun. Until then and a
reaction later every driver keeps lane and speed; then each gives one answer, in a fork of the same
world. Lateral moves follow the ego's first lane, so that they work in bends.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Outcome
from drivestack.core.map import Map
from drivestack.core.start import Start
from drivestack.core.types import Bools, Floats, Ints, Scene
from drivestack.roads.lanes import heading_at, position
from drivestack.sim.ends import outcome_of
from drivestack.sim.goals import goals_of
from drivestack.world import build_world, sensing

LANE = 3.5
"""Width of a lane in our families [m]."""

STIFFNESS, DAMPING = 8.0, 5.2
"""Of the move across [1/s2, 1/s]: near to critically damped, limited by `Answer.across`."""

HAZARD = "hazard"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to what is noticed.

    Attributes:
        name: of it. reaction: [s] before it begins. brake: [m/s2]. aside: to the left [m].
        across: largest lateral acceleration [m/s2].
    """

    name: str
    reaction: float = 0.0
    brake: float = 0.0
    aside: float = 0.0
    across: float = 4.0


KEEP = Answer("keep")

HUMAN = (
    Answer("brake", 0.75, brake=6.0),
    Answer("left", 0.75, aside=LANE),
    Answer("right", 0.75, aside=-LANE),
)
"""An attentive driver: 0.75 s (R157's reaction), 6 m/s2; 4 m/s2 across (our choice: half of what
dry asphalt gives)."""

QUICK = (
    Answer("brake", 0.2, brake=8.0),
    Answer("left", 0.2, aside=LANE, across=6.0),
    Answer("right", 0.2, aside=-LANE, across=6.0),
)
"""A good machine: 0.2 s, 8 m/s2; 6 m/s2 across (our choice: near the limit of dry asphalt)."""

ANSWERS = (KEEP, *HUMAN, *QUICK)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Outcomes of B scenarios.

    Attributes:
        noticed: (B,) tick, -1: never. failed: (B, A) whether each of `ANSWERS` ends by contact or
        off the road. distance: (B,) from the ego's centre to the hazard's [m] when it is noticed.
        speed: (B,) at that tick [m/s].
    """

    noticed: Ints
    failed: Bools
    distance: Floats
    speed: Floats

    def avoided(self, answers: Sequence[Answer]) -> Bools:
        """(B,) whether one of these answers avoids every contact."""
        columns = [ANSWERS.index(answer) for answer in answers]
        return ~self.failed[:, columns].all(axis=1)


def found(starts: Sequence[Start]) -> Found:
    """Notice and answers of scenarios of equal rates."""
    noticed, distance, speed = _noticed(starts)
    failed = _answered(starts, noticed)
    return Found(noticed, failed, distance, speed)


def _noticed(starts: Sequence[Start]) -> tuple[Ints, Floats, Floats]:
    """When each hazard is noticed by an ego that keeps lane and speed."""
    world, lines = build_world("engine"), _Lines(starts)
    world.reset(list(starts))
    mounts = [sensing.Mount.of(start) for start in starts]
    memory = sensing.fresh(len(starts), max(s.sensing.latency for s in starts))
    hazards = [_hazard(start) for start in starts]
    noticed = np.full(len(starts), -1, np.int32)
    distance, speed = np.zeros(len(starts)), np.zeros(len(starts))
    for tick in range(max(start.ticks for start in starts)):
        scene = world.observe()
        seen, memory = sensing.sense(scene, mounts, memory)
        for b in np.flatnonzero(noticed < 0):
            body, cue = hazards[b]
            visible = seen.tracks.valid[b, :, -1] & (seen.tracks.id[b] == body)
            if visible.any() and (cue is None or scene.cue_fired[b, cue]):
                noticed[b] = tick
                true = scene.agents.state[b, scene.agents.id[b] == body, 0][0]
                distance[b] = math.dist(true[:2], scene.ego.state[b, :2])
                speed[b] = scene.ego.state[b, 3]
        if (noticed >= 0).all():
            break
        idle = np.zeros(len(starts))
        world.step(lines.controls(scene, idle, idle, np.full(len(starts), 4.0)))
    return noticed, distance, speed


def _answered(starts: Sequence[Start], noticed: Ints) -> Bools:
    """(B, A) whether it ends by contact or off the road; all answers in forks of one world."""
    world, count = build_world("engine"), len(ANSWERS)
    world.reset(list(starts))
    world = world.fork(count)
    lines = _Lines([start for start in starts for _ in ANSWERS])
    table = np.array([[a.reaction, a.brake, a.aside, a.across] for a in ANSWERS])
    reaction, brake, aside, across = np.tile(table, (len(starts), 1)).T
    dt = 1.0 / starts[0].rates.physics
    late = np.where(noticed < 0, 1e9, noticed).repeat(count) * dt + reaction
    ticks = np.array([start.ticks for start in starts]).repeat(count)
    failed, over = np.zeros(len(late), np.bool_), np.zeros(len(late), np.bool_)
    scene = world.observe()
    maps = [scene.maps[number] for number in scene.map_index]
    goal = goals_of([start for start in starts for _ in ANSWERS], maps, 0)
    for tick in range(int(ticks.max()) + 1):
        scene = world.observe()
        for row in np.flatnonzero(~over):
            outcome = outcome_of(scene, goal, int(ticks[row]), int(row))
            if outcome is not None:
                world.release(int(row))
                over[row] = True
                failed[row] = outcome in (Outcome.CONTACT, Outcome.OFF_ROAD)
        if over.all():
            break
        now = tick * dt >= late - 1e-9
        answer = np.where(now, [brake, aside], 0.0)
        world.step(lines.controls(scene, *answer, across))
    return failed.reshape(len(starts), count)


def _hazard(start: Start) -> tuple[int, int | None]:
    """The id of the hazard's body, and its first event that waits, as rows of the start."""
    actors = json.loads(start.resolved)["actors"]
    order = sorted(range(len(actors)), key=lambda n: actors[n]["kind"] in ("parked", "obstacle"))
    place = next(n for n, actor in enumerate(actors) if actor["name"] == HAZARD)
    body = 1 + order.index(place)
    for number, event in enumerate(actors[place].get("events", ())):
        if event["when"] is not None:
            return body, start.script.names.index(event["name"] or f"{HAZARD}.{number}")
    return body, None


class _Lines:
    """The centre lines of the egos' first lanes and those after them, one vertex a metre."""

    def __init__(self, starts: Sequence[Start]) -> None:
        lines = [_line(start.map, int(start.bodies["lane"][0])) for start in starts]
        size = max(map(len, lines))
        self._table = np.stack(
            [np.pad(line, ((0, size - len(line)), (0, 0)), "edge") for line in lines]
        )
        self._at = np.zeros(len(lines), np.intp)
        self._rows = np.arange(len(lines))

    def controls(self, scene: Scene, brake: Floats, aside: Floats, across: Floats) -> Floats:
        """(B, 2) controls that follow the lines, `aside` to the left of them, braking to a stop."""
        x, y, yaw, v = scene.ego.state.T
        near = self._at[:, None] + np.arange(8)
        near = np.minimum(near, self._table.shape[1] - 1)
        points = self._table[self._rows[:, None], near]
        gaps = np.hypot(points[..., 0] - x[:, None], points[..., 1] - y[:, None])
        self._at = near[self._rows, gaps.argmin(axis=1)]
        px, py, heading, bend = self._table[self._rows, self._at].T
        offset = -(x - px) * np.sin(heading) + (y - py) * np.cos(heading)
        drift = v * np.sin(yaw - heading)
        wanted = STIFFNESS * (aside - offset) - DAMPING * drift
        turn = np.clip(wanted, -across, across) / np.maximum(v, 1.0) ** 2 + bend
        half = scene.ego.size[:, 0] / 2.0  # the bicycle's axles, as in the engine
        steer = np.arctan(2.0 * np.tan(np.arcsin(np.clip(turn * half, -0.6, 0.6))))
        accel = -np.minimum(brake, v * scene.dt**-1)
        return np.stack([accel, steer], axis=1)


_KEPT: dict[tuple[int, int], tuple[Map, Floats]] = {}


def _line(road_map: Map, lane: int) -> Floats:
    """(P, 4) x, y, heading, curvature along a lane and the lanes of its number after it."""
    key = (id(road_map), lane)
    if key not in _KEPT:
        _KEPT[key] = road_map, _sampled(road_map, lane)
    return _KEPT[key][1]


def _sampled(road_map: Map, lane: int) -> Floats:
    names = [road_map.lane_name(index) for index in range(len(road_map.lanes))]
    rows: list[tuple[float, float, float]] = []
    passed: set[int] = set()
    while lane not in passed:
        passed.add(lane)
        record = road_map.lanes[lane]
        for s in np.arange(0.0, float(record["length"])):
            x, y = position(record, road_map.points, s, 0.0)
            rows.append((float(x), float(y), float(heading_at(record, road_map.points, s))))
        _, end, number = names[lane]
        lane = next((i for i, n in enumerate(names) if n[0] == end and n[2] == number), lane)
    table = np.array(rows)
    heading = np.unwrap(table[:, 2])
    length = np.hypot(*np.diff(table[:, :2], axis=0).T)
    bend = np.append(np.diff(heading) / length, 0.0)
    return np.column_stack([table[:, :2], heading, bend])
