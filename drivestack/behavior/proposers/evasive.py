"""Candidates beside the present lane's line, taken quickly: to pass, to dodge, to make room."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.forecast import OTHER
from drivestack.behavior.lane_forecast import ROWS, along_lanes, decays, lane_of
from drivestack.behavior.road import Body, Road, Routes, road_of, routes_of
from drivestack.behavior.seen import AWAY, SEEN, Room, from_line
from drivestack.core.compiled import kernel
from drivestack.core.lines import project
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Candidates, Goal, Observation, Route
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.links import Links, links_of

from .lane_chunk import Course, Manner, drive_along
from .lane_courses import Desk, course_of, desk
from .pdm_lane import PdmLane


@dataclass(frozen=True, slots=True)
class Evasive:
    """Candidate k keeps `offsets[k // M]` beside the line of the present lane in manner k % M.

    Attributes:
        offsets: to the left of the line [m]; our choice: within a lane of 4 m, on its edge, and in
        the next one.
        shares: of the allowed speed. brakings: [m/s2]; the M manners are both, one after the other.
        Our choice: on at speed, at half of it, and pdm_lane's brakings.
        lane: what lines and speeds are made by; it moves aside faster than pdm_lane does:
        aside_speed, aside_slope, change_look: 3 m/s and 1 : 2.5, looking 0.6 s ahead; our choice,
        4 m in 1.5 s, as a driver who dodges (ISO 3888-2 asks for 3.5 m within 13.5 m).
    """

    offsets: tuple[float, ...] = (4.0, 3.0, 2.0, 1.0, -1.0, -2.0, -3.0, -4.0)
    shares: tuple[float, ...] = (1.0, 0.5)
    brakings: tuple[float, ...] = (3.0, 6.0)
    lane: PdmLane = field(
        default_factory=lambda: PdmLane(aside_speed=3.0, aside_slope=0.4, change_look=0.6)
    )

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """K = offsets x manners chunks; invalid where the ego is on no lane."""
        lane, batch = self.lane, len(observation.tick)
        count = len(self.offsets) * (len(self.shares) + len(self.brakings))
        states = np.zeros((batch, count, lane.steps, 4))
        controls = np.zeros((batch, count, lane.steps, 2))
        valid = np.zeros((batch, count), np.bool_)
        tracks, ego = observation.tracks, observation.ego
        for number in np.unique(observation.map_index):
            map = observation.maps[number]
            _propose(
                np.flatnonzero(observation.map_index == number),
                lanes_of(map),
                links_of(map),
                routes_of(route),
                ego.state,
                ego.accel,
                ego.steer,
                ego.size,
                tracks.state[:, :, -1],
                tracks.size,
                tracks.kind,
                tracks.valid[:, :, -1],
                np.array(self.offsets),
                np.array(self.shares),
                np.array(self.brakings),
                lane.every,
                decays(lane.steps + 1, lane.dt, lane.model.settling),
                parameter_table(lane.model),
                parameter_table(lane),
                int(Kind.OBSTACLE),
                states,
                controls,
                valid,
            )
        return Candidates(
            states=states,
            controls=controls,
            source=np.zeros((batch, count), np.int32),
            valid=valid,
            dt=np.full(batch, lane.dt),
        )


@kernel
def _aside(course: Course, offset: float, line: NDArray) -> Course:
    """A course moved to the left by so many metres, on points of its own."""
    for i in range(course.n):
        yaw = course.line[i, 2]
        line[i, 0] = course.line[i, 0] - offset * math.sin(yaw)
        line[i, 1] = course.line[i, 1] + offset * math.cos(yaw)
        line[i, 2] = yaw
    return Course(
        line, course.n, course.spacing, course.allowed, course.until, course.end, course.aside
    )


@kernel
def _seen_aside(seen: NDArray, kept: int, offset: float, out: NDArray) -> None:
    """What is seen from a line, as seen from the one that is `offset` metres to its left."""
    for m in range(kept):
        for j in range(seen.shape[1]):
            out[m, j] = seen[m, j]
            if seen[m, j, 1] != AWAY:
                out[m, j, 1] -= offset


@kernel
def _fill(
    road: Road,
    body: Body,
    kept: int,
    others: NDArray,
    poses: NDArray,
    seen: NDArray,
    beside: NDArray,
    line: NDArray,
    on: Desk,
    points: int,
    offsets: NDArray,
    shares: NDArray,
    brakings: NDArray,
    every: int,
    model: Row,
    driver: Row,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """The chunks (K, T, ·) of one scenario."""
    here = lane_of(road.map, road.wanted, body.state, model)
    course = course_of(road, 1 if here >= 0 else 0, here, here, body, points, driver, on)
    if course.n < 2:
        return
    n, spacing = course.n, course.spacing
    s, _ = project(course.line, 0, n - 1, spacing, body.state[0], body.state[1])
    horizon = states.shape[1] * driver.dt
    reach = max(body.state[3], 0.0) * horizon + 0.5 * driver.accel * horizon * horizon
    from_line(
        course.line, n, spacing, s - driver.back, s + reach + driver.back,
        driver.near + np.max(np.abs(offsets)), model.standing, every, others, poses, kept, seen,
    )  # fmt: skip
    room = Room(
        driver.safe, driver.gap, driver.headway, driver.driver_gap, driver.driver_headway
    )  # fmt: skip
    k = 0
    for offset in offsets:
        moved = _aside(course, offset, line)
        _seen_aside(seen, kept, offset, beside)
        for manner in range(shares.shape[0] + brakings.shape[0]):
            share, braking = 1.0, 0.0
            if manner < shares.shape[0]:
                share = float(shares[manner])
            else:
                braking = float(brakings[manner - shares.shape[0]])
            how = Manner(share, driver.accel, math.inf, braking, room, False)
            valid[k] = drive_along(
                moved, how, body, beside, kept, every, driver, states[k], controls[k]
            )
            k += 1


@kernel
def _propose(
    rows: NDArray,
    map: Lanes,
    links: Links,
    routes: Routes,
    ego: NDArray,
    accel: NDArray,
    steer: NDArray,
    size: NDArray,
    track: NDArray,
    track_size: NDArray,
    track_kind: NDArray,
    track_valid: NDArray,
    offsets: NDArray,
    shares: NDArray,
    brakings: NDArray,
    every: int,
    decay: NDArray,
    models: Table,
    drivers: Table,
    obstacle: int,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """Every scenario on one map by itself, so that a row's bits do not depend on the batch."""
    driver, model, steps = drivers[0], models[0], states.shape[2]
    most = track.shape[1] * ROWS
    others, poses = np.zeros((most, OTHER)), np.zeros((most, steps + 1, 3))
    seen = np.zeros((most, steps // every + 1, SEEN))
    beside = np.zeros(seen.shape)
    points = int(driver.ahead / driver.spacing)
    on = desk(routes.line.shape[1], points)
    line = np.zeros(on.line.shape)
    for place in range(rows.shape[0]):
        b = int(rows[place])
        road = road_of(map, links, routes, b)
        if road.n < 2:
            continue
        kept = along_lanes(
            map, links, track[b], track_size[b], track_kind[b], track_valid[b], obstacle, 0.0,
            decay, driver.dt, model, others, poses,
        )  # fmt: skip
        _fill(
            road, Body(ego[b], accel[b], steer[b], size[b]), kept, others, poses, seen,
            beside, line, on, points, offsets, shares, brakings, every, model, driver,
            states[b], controls[b], valid[b],
        )  # fmt: skip
