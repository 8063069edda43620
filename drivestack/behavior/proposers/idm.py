"""One candidate: IDM along the route behind whoever drives ahead, MOBIL for the lane."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.lane_line import lane_line
from drivestack.behavior.lane_links import Links, links_of
from drivestack.behavior.lane_tables import Lanes, lanes_of, route_lanes
from drivestack.behavior.leader import COLUMNS, along_line, leader
from drivestack.behavior.mobil import (
    Near,
    Others,
    Stretches,
    chosen_stretch,
    has_to_leave,
    neighbours,
    own_stretch,
)
from drivestack.behavior.rollout import behind_leader, carried_on, moved, steered
from drivestack.behavior.speed import comfortable_speed
from drivestack.core.compiled import kernel
from drivestack.core.lines import project, rows_in_use, sample
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Candidates, Goal, Observation, Route
from drivestack.roads.lanes import local_coordinates
from drivestack.vehicle.idm import free_acceleration


@dataclass(frozen=True, slots=True)
class Idm:
    """The rule driver; the chunk is rolled out by the kinematic bicycle.

    Attributes:
        gap, headway, accel, comfort_decel: standstill gap [m], [s], [m/s2]; PDM-Closed's, the gap
        is Treiber's 2 m (2000). max_decel: hardest braking behind a leader [m/s2]; highway-env's
        clip of 6. exponent: of the free road; Treiber's 4.
        max_lateral: in curves [m/s2], below nuPlan's comfort bound of 4.89. slowing: ahead of them
        [m/s2]. foresight: how far ahead the allowed speed is looked at [s].
        margin: kept free beside the ego [m]. drift: how long a neighbour's slow lateral motion is
        believed [s]. reach: who is looked at, lateral to the route [m].
        look_time, look_least: pursuit distance [s] and [m].
        least_gain, imposed, least_speed: of MOBIL [m/s2], [m/s2], [m/s]; highway-env's.
        decided: seconds between its decisions; highway-env's.
        begun: a change is completed once the ego is so far aside [m]; our choice: half a car's
        width is still in the lane. sideways: speed [m/s] that shows a change; our choice: lane
        keeping stays below. early: how far [m] ahead of its end a lane is left that leads
        elsewhere; our choice: 20 s at 25 m/s.
        aside_speed: of a lane change [m/s]; 4 m in 3 s, as the router plans. aside_slope: its bound
        at low speed; our choice: 1 : 4. on_line: who is so near the route's line follows it [m].
        ahead, behind, spacing: of the line along a lane [m].
        max_steer: highway-env's pi/3. steer_rate: [rad/s], see `safety.envelope`.
        steps, dt: T and its step [s].
    """

    gap: float = 2.0
    headway: float = 1.5
    accel: float = 1.5
    comfort_decel: float = 3.0
    max_decel: float = 6.0
    exponent: float = 4.0
    max_lateral: float = 3.0
    slowing: float = 1.5
    foresight: float = 1.0
    margin: float = 0.3
    drift: float = 1.5
    reach: float = 60.0
    look_time: float = 0.6
    look_least: float = 4.0
    least_gain: float = 0.2
    imposed: float = 2.0
    least_speed: float = 1.0
    decided: float = 1.0
    begun: float = 0.5
    sideways: float = 0.05
    early: float = 500.0
    aside_speed: float = 4.0 / 3.0
    aside_slope: float = 0.25
    on_line: float = 1.0
    ahead: float = 256.0
    behind: float = 10.0
    spacing: float = 2.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    steps: int = 40
    dt: float = 0.1

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """One chunk a scenario, K = 1; invalid where there is no route."""
        batch = len(observation.tick)
        states = np.zeros((batch, 1, self.steps, 4))
        controls = np.zeros((batch, 1, self.steps, 2))
        valid = np.zeros((batch, 1), np.bool_)
        tracks, ego = observation.tracks, observation.ego
        period = np.maximum(np.rint(self.decided / observation.dt), 1.0).astype(np.int32)
        second = observation.tick % period == 0
        corridor = Stretches(*(getattr(route.corridor, f.name) for f in fields(route.corridor)))
        for number in np.unique(observation.map_index):
            map = observation.maps[number]
            _propose(
                np.flatnonzero(observation.map_index == number),
                lanes_of(map),
                links_of(map),
                map.links,
                Way(route.line, route.valid, route.speed_limit, route.lanes, route.lane_valid),
                route.spacing,
                corridor,
                ego.state,
                ego.steer,
                ego.size,
                Others(tracks.state[:, :, -1], tracks.size, tracks.valid[:, :, -1]),
                second,
                parameter_table(self),
                states,
                controls,
                valid,
            )
        return Candidates(
            states=states,
            controls=controls,
            source=np.zeros((batch, 1), np.int32),
            valid=valid,
            dt=np.full(batch, self.dt),
        )


class Way(NamedTuple):
    """A batch's routes: line (B, P, 3), valid (B, P), limit (B, P), lanes and their mask (B, L)."""

    line: NDArray
    valid: NDArray
    limit: NDArray
    lanes: NDArray
    lane_valid: NDArray


class Course(NamedTuple):
    """A line to follow: (P, 3) with its n rows, the speed allowed at each, its end [m].

    `beside` is who drives ahead on the lane that is being left.
    """

    line: NDArray
    n: int
    spacing: float
    allowed: NDArray
    end: float
    beside: Near


@kernel
def _acceleration(
    driver: Row, speed: float, target: float, soon: float, gap: float, front_speed: float
) -> float:
    """IDM along a line [m/s2]: comfortable for the road, up to the limit for a leader.

    IDM alone would lag behind a target that falls, so it may not exceed what leads to the speed
    `soon` allowed `foresight` seconds ahead.
    """
    free = free_acceleration(speed, target, driver.exponent, driver.accel)
    accel = max(min(free, (soon - speed) / driver.foresight), -driver.comfort_decel)
    return behind_leader(driver, accel, speed, gap, front_speed)


@kernel
def _aimed_aside(lateral: float, look: float, speed: float, driver: Row) -> float:
    """The distance [m] from the line to aim at, `look` metres ahead, at a bounded lateral speed."""
    if abs(lateral) <= driver.on_line:
        return 0.0
    most = min(driver.aside_speed * look / max(speed, 1.0), driver.aside_slope * look)
    return math.copysign(max(abs(lateral) - most, 0.0), lateral)


@kernel
def _chunk(
    course: Course,
    ego: NDArray,
    steer: float,
    size: NDArray,
    others: NDArray,
    kept: int,
    driver: Row,
    states: NDArray,
    controls: NDArray,
) -> None:
    """Roll one chunk out: IDM for the speed, pure pursuit for the steering, explicit Euler."""
    x, y, yaw, v = ego[0], ego[1], ego[2], max(ego[3], 0.0)
    line, n, spacing, dt = course.line, course.n, course.spacing, driver.dt
    half = size[0] / 2
    s, _ = project(line, 0, n - 1, spacing, x, y)
    first = s
    for t in range(states.shape[0]):
        gap, front = leader(others, kept, s, t * dt, half, size[1] / 2, driver.margin, driver.drift)
        if course.end - s - half < gap:
            gap, front = course.end - s - half, 0.0
        row = min(max(int(s / spacing), 0), n - 1)
        soon = min(max(int((s + v * driver.foresight) / spacing), 0), n - 1)
        accel = _acceleration(driver, v, course.allowed[row], course.allowed[soon], gap, front)
        left = course.beside.front_gap + course.beside.front_speed * t * dt - (s - first)
        accel = min(accel, behind_leader(driver, accel, v, left, course.beside.front_speed))
        accel = max(accel, -v / dt)
        look = max(driver.look_time * v, driver.look_least)
        at_x, at_y, along = sample(line, n, spacing, s)
        lateral = (y - at_y) * math.cos(along) - (x - at_x) * math.sin(along)
        aim_x, aim_y, along = sample(line, n, spacing, s + look)
        aside = _aimed_aside(lateral, look, v, driver)
        aim_x, aim_y = aim_x - aside * math.sin(along), aim_y + aside * math.cos(along)
        steer = steered(driver, x, y, yaw, steer, size[0], aim_x, aim_y)
        x, y, yaw, v = moved(x, y, yaw, v, accel, steer, size[0], dt)
        s = carried_on(line, n, spacing, s, v * dt, x, y)
        states[t, 0], states[t, 1], states[t, 2], states[t, 3] = x, y, yaw, v
        controls[t, 0], controls[t, 1] = accel, steer


@kernel
def _choose(
    map: Lanes,
    links: Links,
    joints: Table,
    corridor: Stretches,
    ego: NDArray,
    half_length: float,
    lateral: float,
    others: Others,
    second: bool,
    driver: Row,
) -> tuple[int, float, Near]:
    """Which lane's line to follow (-1: the route's), where on its lane it ends, whom it passes.

    Args:
        lateral: of the ego from the route's line [m]. second: it is time for a decision.
    """
    nobody = Near(math.inf, 0.0, math.inf, 0.0)
    own = own_stretch(map, corridor, ego)
    if own < 0:
        return -1, math.inf, nobody
    lane = corridor.lane[own]
    row = map.lanes[lane]
    s, _ = local_coordinates(row, map.points, ego[0], ego[1])
    limit = row.speed_limit if row.limited else ego[3]
    free = free_acceleration(ego[3], limit, driver.exponent, driver.accel)
    beside = np.array([links.left[lane], links.right[lane]])
    chosen = chosen_stretch(map, joints, corridor, own, beside, ego, half_length, free, others,
                            second, driver)  # fmt: skip
    near_line = abs(lateral) <= driver.on_line
    if chosen != own:
        aside = neighbours(map, joints, lane, s, half_length, others)
        leaving = not corridor.through[own] and corridor.lane[chosen] == corridor.leave_for[own]
        return (-1 if leaving and near_line else corridor.lane[chosen]), math.inf, aside
    if corridor.through[own]:
        return (-1 if near_line else lane), math.inf, nobody
    end = corridor.leave_by[own] if has_to_leave(corridor, own, s, driver) else math.inf
    return lane, end - s, nobody


@kernel
def _propose(
    rows: NDArray,
    map: Lanes,
    links: Links,
    joints: Table,
    way: Way,
    spacing: NDArray,
    corridors: Stretches,
    ego: NDArray,
    steer: NDArray,
    size: NDArray,
    tracks: Others,
    second: NDArray,
    drivers: Table,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """Every scenario on one map by itself, so that a row's bits do not depend on the batch."""
    driver = drivers[0]
    points = int(driver.ahead / driver.spacing)
    longest = max(points, way.line.shape[1])
    own, limit, allowed = np.zeros((longest, 3)), np.zeros(longest), np.zeros(longest)
    raw = np.zeros((2 * points + 4, 3))
    kept_others = np.zeros((tracks.state.shape[1], COLUMNS))
    for place in range(rows.shape[0]):
        b = int(rows[place])
        n = rows_in_use(way.valid[b])
        if n < 2:
            continue
        others = Others(tracks.state[b], tracks.size[b], tracks.valid[b])
        corridor = Stretches(
            corridors.lane[b], corridors.valid[b], corridors.start[b], corridors.leave_by[b],
            corridors.leave_for[b], corridors.through[b],
        )  # fmt: skip
        x, y = ego[b, 0], ego[b, 1]
        _, lateral = project(way.line[b], 0, n - 1, spacing[b], x, y)
        lane, left, beside = _choose(
            map, links, joints, corridor, ego[b], size[b, 0] / 2, lateral, others, second[b], driver
        )
        apart, whole = spacing[b], way.line.shape[1]
        own[:n], limit[:n] = way.line[b, :n], way.limit[b, :n]
        if lane >= 0:
            wanted = route_lanes(map, way.lanes[b], way.lane_valid[b])
            m = lane_line(map, links, wanted, lane, x, y, driver.behind, driver.spacing, raw, own[:points],
                          limit)  # fmt: skip
            if m >= 2:
                apart, whole, n = driver.spacing, points, m
            else:
                own[:n], limit[:n] = way.line[b, :n], way.limit[b, :n]
        comfortable_speed(own, n, apart, limit, driver.max_lateral, driver.slowing, allowed)
        s, _ = project(own, 0, n - 1, apart, x, y)
        end = s + left
        if n < whole:  # a line that is shorter than its window ends for good
            end = min(end, (n - 1) * apart)
        kept = along_line(own, n, apart, others.state, others.size, others.valid, driver.reach,
                          kept_others)  # fmt: skip
        course = Course(own, n, apart, allowed, end, beside)
        _chunk(course, ego[b], steer[b], size[b], kept_others, kept, driver, states[b, 0],
               controls[b, 0])  # fmt: skip
        valid[b, 0] = True
