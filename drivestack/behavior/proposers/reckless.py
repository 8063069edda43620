"""One candidate, heedless of everybody: fast into whichever lane has the most room, or as it is.

It brakes for nobody and looks at nobody beside or behind it: a planner to be survived, for trials
of the safety layer. Never anything to build on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.lane_line import lane_line
from drivestack.behavior.rollout import moved, steered
from drivestack.core.compiled import kernel
from drivestack.core.lines import project, sample
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Candidates, Goal, Observation, Route
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.lanes import local_coordinates, width_at
from drivestack.roads.links import Links, links_of
from drivestack.roads.nearest import nearest_lane


@dataclass(frozen=True, slots=True)
class Reckless:
    """All our choice: more than anybody should dare.

    Attributes:
        wanted: speed [m/s], or the lane's limit where that is more; highway-env's fastest.
        accel: [m/s2]. sooner: a lane beside must have
        so much more room ahead [m]. reach: how far ahead it looks [m].
        ahead, behind, spacing: of the line along a lane [m].
        look_time, look_least: pursuit distance [s] and [m]. max_steer: [rad]. steer_rate: [rad/s].
        steps, dt: T and its step [s].
    """

    wanted: float = 30.0
    accel: float = 3.0
    sooner: float = 5.0
    reach: float = 100.0
    ahead: float = 256.0
    behind: float = 10.0
    spacing: float = 2.0
    look_time: float = 0.6
    look_least: float = 4.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    steps: int = 40
    dt: float = 0.1

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """One chunk a scenario, K = 1, valid where a lane leads on."""
        batch = len(observation.tick)
        states = np.zeros((batch, 1, self.steps, 4))
        controls = np.zeros((batch, 1, self.steps, 2))
        valid = np.zeros((batch, 1), np.bool_)
        ego, tracks = observation.ego, observation.tracks
        for b in range(batch):
            map = observation.maps[observation.map_index[b]]
            x, y, yaw, _ = ego.state[b].tolist()
            lane, _ = nearest_lane(map, x, y, yaw)
            valid[b, 0] = _weave(
                lanes_of(map), links_of(map), lane, ego.state[b], ego.steer[b], ego.size[b],
                tracks.state[b, :, -1], tracks.valid[b, :, -1], parameter_table(self),
                states[b, 0], controls[b, 0],
            )  # fmt: skip
        source, dt = np.zeros((batch, 1), np.int32), np.full(batch, self.dt)
        return Candidates(states=states, controls=controls, source=source, valid=valid, dt=dt)


@dataclass(frozen=True, slots=True)
class Heedless(Reckless):
    """Keeps to its lane at the speed limit: what happens if nobody does anything."""

    wanted: float = 0.0
    sooner: float = math.inf


@kernel
def _room(map: Lanes, lane: int, ego: NDArray, others: NDArray, valid: NDArray, own: Row) -> float:
    """Distance [m] to who is ahead on a lane."""
    row = map.lanes[lane]
    here, _ = local_coordinates(row, map.points, ego[0], ego[1])
    least = own.reach
    for n in range(others.shape[0]):
        s, lateral = local_coordinates(row, map.points, others[n, 0], others[n, 1])
        if valid[n] and s > here and abs(lateral) < 0.5 * width_at(row, map.points, s):
            least = min(least, s - here)
    return least


@kernel
def _weave(
    map: Lanes, links: Links, lane: int, ego: NDArray, steer: float, size: NDArray,
    others: NDArray, valid: NDArray, drivers: Table, states: NDArray, controls: NDArray,
) -> bool:  # fmt: skip
    """Roll the chunk out along the lane with the most room."""
    own = drivers[0]
    points = int(own.ahead / own.spacing)
    raw, line, limit = np.zeros((2 * points + 4, 3)), np.zeros((points, 3)), np.zeros(points)
    chosen, most = lane, _room(map, lane, ego, others, valid, own)
    for other in (links.left[lane], links.right[lane]):
        if other >= 0:
            room = _room(map, other, ego, others, valid, own)
            if room > most + own.sooner:
                chosen, most = other, room
    wanted = np.zeros(map.lanes.shape[0], np.bool_)
    n = lane_line(map, links, wanted, chosen, ego[0], ego[1], own.behind, own.spacing, raw, line,
                  limit)  # fmt: skip
    if n < 2:
        return False
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    s, _ = project(line, 0, n - 1, own.spacing, x, y)
    for t in range(states.shape[0]):
        row = min(max(int(s / own.spacing), 0), n - 1)
        accel = (max(own.wanted, limit[row]) - v) / own.dt
        accel = min(max(accel, -own.accel), own.accel)
        look = max(own.look_time * v, own.look_least)
        aim_x, aim_y, _ = sample(line, n, own.spacing, s + look)
        steer = steered(own, x, y, yaw, steer, size[0], aim_x, aim_y)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, size[0], own.dt)
        s += v * own.dt
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, steer
    return True
