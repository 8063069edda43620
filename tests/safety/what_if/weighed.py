"""The decision of the what-if check, written down a second time: plainly, for one scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats, Observation, Plan, PlanSource
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.lanes import local_coordinates, width_at
from drivestack.roads.links import links_of
from drivestack.safety.what_if.check import WhatIf
from drivestack.safety.what_if.contact import touches_first
from drivestack.safety.what_if.decide import (
    NOBODY,
    foresee_all,
    lane_under,
    lay_paths,
    look_ahead,
    reach_of,
    room_aside,
    room_for,
)
from drivestack.safety.what_if.options import OPTIONS, TRIED, Path, Speeds, roll
from drivestack.safety.what_if.tables import Ego, seen_in


@dataclass
class Weighed:
    """Expected costs [collisions], the option and its first control, who it is about; and how
    likely the likeliest future is that costs something."""

    wait: float = 0.0
    act: float = 0.0
    chosen: int = NOBODY
    first: tuple[float, float] = (0.0, 0.0)
    about: int = NOBODY
    likeliest: float = 0.0


class Scene:
    """One ego among others, none of whom was seen before, and its plan."""

    def __init__(self, seen: Observation, control: Floats, plan: Plan, check: WhatIf) -> None:
        parts = check.beliefs, check.abilities, check.judgement
        own, self.able, self.judge = (parameter_table(part)[0] for part in parts)
        ego, self.lanes, links = seen.ego, lanes_of(seen.maps[0]), links_of(seen.maps[0])
        self.me, self.size, self.control = ego.state[0], ego.size[0], control
        self.steer, self.over = float(ego.steer[0]), check.abilities.over
        room = room_for(seen.tracks.valid.shape[1], self.able)
        given = Ego(ego.state, ego.accel, ego.steer, ego.size, control[None])
        span, self.steps = look_ahead(self.me[3], self.able)
        rows = foresee_all(0, self.lanes, links, given, seen_in(seen), span, self.steps, own,
                           self.able, room)  # fmt: skip
        self.facts = room.facts[:rows].copy()
        self.futures = room.futures[:rows, : self.steps + 1].copy()
        self.lane = lane_under(self.lanes, links, self.me, self.size, own, room)
        reach = reach_of(self.me[3], span, self.able)
        lay_paths(self.lanes, links, self.lane, self.me, self.size, reach, room)
        self.paths = [room.paths[p, : room.spans[p]].copy() for p in range(4)]
        self.plan, self.spacing, self.late = plan.states[0], float(plan.dt[0]), 0
        if plan.source[0] == PlanSource.FALLBACK:
            x, y, yaw, _ = self.me
            ahead = reach * np.array([0.0, 1.0])
            rows = [x + ahead * math.cos(yaw), y + ahead * math.sin(yaw), yaw + 0.0 * ahead]
            self.paths[Path.PLAN] = np.column_stack([*rows, ahead, ahead])
        else:
            old = (seen.tick[0] - plan.tick[0]) * seen.dt[0]
            self.late = max(math.floor(old / self.spacing + 0.5), 0)
            places = self.plan[min(self.late, len(self.plan) - 1) :, :3]
            self.paths[Path.PLAN] = np.column_stack([places, 0.0 * places[:, :2]])[:64]
        self.aside = room_aside(self.lanes, self.lane, self.me, self.size[1], self.able)

    def driven(self, path: int, side: int, speeds: int, late: int) -> tuple[Floats, Floats]:
        """Poses of an option after so many steps of the plan, and its first control."""
        poses, first = np.zeros((self.steps + 1, 4)), np.zeros(2)
        one, other = self.paths[Path.PLAN], self.paths[path]
        roll(self.me, self.size[0], self.steer, self.control, late, self.plan, self.late,
             self.spacing, one, len(one), other, len(other), side * self.aside, speeds, self.able,
             poses, first)  # fmt: skip
        return poses, first

    def leaves(self, poses: Floats) -> int:
        """The step at which the body is over the lane's edge; its end is none."""
        row = self.lanes.lanes[self.lane]
        for k, (x, y, _, _) in enumerate(poses if self.lane >= 0 else []):
            s, lateral = local_coordinates(row, self.lanes.points, x, y)
            if s > row["length"]:
                break
            edge = 0.5 * width_at(row, self.lanes.points, s)
            if abs(lateral) + 0.5 * self.size[1] > edge + self.over:
                return k
        return len(poses)

    def costs(self, poses: Floats, spare: float = 0.0) -> Floats:
        """(R,) what each future costs."""
        leaves = self.leaves(poses)
        found = [
            touches_first(poses, self.size, future, fact[2], fact[3], spare, leaves, self.able,
                          self.judge)
            for fact, future in zip(self.facts, self.futures, strict=True)
        ]  # fmt: skip
        return np.array(found)

    def options(self, order: Floats) -> Iterator[tuple[int, tuple[int, int, int]]]:
        """Those that there are."""
        for number in order:
            path, side, speeds = OPTIONS[number].tolist()
            if len(self.paths[path]) and (side == 0 or self.aside >= 0.05):
                yield int(number), (path, side, speeds)


def weighed(seen: Observation, control: Floats, plan: Plan, acting: bool, check: WhatIf) -> Weighed:
    """What comes of it; `acting`: it acted at the last tick."""
    scene, judge = Scene(seen, control, plan, check), check.judgement
    found = Weighed()
    if len(scene.facts) == 0:
        return found
    share, users = scene.facts[:, 1], scene.facts[:, 0]
    idle = scene.costs(scene.driven(Path.PLAN, 0, Speeds.PLANNED, 0)[0])
    found.wait = found.act = float(share @ idle)
    if idle.any():
        found.about = int(seen.tracks.id[0, int(users[np.argmax(share * idle)])])
        found.likeliest = float(share[idle > 0.0].max())
    clear = math.prod(1.0 - min(share[(users == u) & (idle > 0.0)].sum(), 1.0) for u in set(users))
    if found.wait <= judge.worth:
        return found
    blame = share * np.where(idle > 0.0, 1.0, judge.harm)
    late = round((judge.release if acting else judge.late) / check.abilities.step)
    for _, option in scene.options(TRIED):
        poses, _ = scene.driven(*option, late)
        found.wait = min(found.wait, blame @ scene.costs(poses, judge.spare if acting else 0.0))
        if found.wait <= judge.worth:
            found.act = found.wait
            return found
    best = math.inf
    for number, option in scene.options(np.arange(len(OPTIONS))):
        poses, first = scene.driven(*option, 0)
        cost = float(blame @ scene.costs(poses))
        if cost < best - 1e-9 and best > 0.0:
            best, found.chosen, found.first = cost, number, (float(first[0]), float(first[1]))
    found.act = best + judge.price * max(clear, judge.unforeseen * (1.0 - min(found.wait, 1.0)))
    return found
