"""Candidates along several lanes: the route's line, the present lane, and those beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.crossings import shared_stretch
from drivestack.behavior.due import Due, Hurry, due_change
from drivestack.behavior.forecast import OTHER
from drivestack.behavior.lane_forecast import ROWS, LaneModel, along_lanes, decays, lane_of
from drivestack.behavior.road import Body, Road, Routes, road_of, routes_of
from drivestack.behavior.seen import SEEN, Room, from_line
from drivestack.core.compiled import kernel
from drivestack.core.lines import project
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Candidates, Goal, Observation, Route
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.links import Links, links_of

from .lane_courses import LINES, Desk, course_of, desk, is_route
from .lane_manners import MANNERS, manners


@dataclass(frozen=True, slots=True)
class PdmLane:
    """Candidate k drives along line k // 8 in manner k % 8; see `LINES` and `MANNERS`.

    Attributes:
        shares: of the allowed speed; our choice: PDM-Closed's fewer, the last with `brisk`.
        brakings: [m/s2]; below nuPlan's comfort bound of 4.05, and highway-env's clip of 6.
        gap, headway, comfort_decel, exponent: of IDM [m], [s], [m/s2]; PDM-Closed's.
        accel: [m/s2]; below nuPlan's comfort bound of 2.40. brisk: the same beyond comfort, to use
        a gap; as the envelope allows. stopping: braking to a stop [m/s2]; below nuPlan's 4.05: who
        brakes late decides late.
        yielding: braking to fall in behind those in a lane beside [m/s2]; below nuPlan's 4.05.
        max_decel: hardest braking behind a leader [m/s2]; highway-env's clip of 6.
        max_lateral: in bends [m/s2]; below nuPlan's comfort bound of 4.89. slowing, foresight:
        ahead of them [m/s2], [s]; as in `idm`.
        margin: kept free beside the ego [m]; as in `idm`.
        before: kept free before a conflict [m]; our choice: half a car's width.
        clear: kept free beside lanes that cross while waiting [m]; our choice. sight, fine: how far
        ahead and how finely these are looked for [m]; our choice.
        look_time, look_least: pursuit distance [s] and [m]; as in `idm`.
        change_look: pursuit distance during a lane change [s]; our choice: below 3 m/s2 sideways.
        aside_speed: of a lane change [m/s]; 4 m in 3 s, as the router plans. aside_slope: its
        bound at low speed; our choice: 1 : 4. aside_least: [m] beyond which it is a lane change.
        safe: braking [m/s2] that a change may impose on the new follower and on the ego;
        highway-env's MOBIL. driver_*: IDM of others; highway-env's.
        *_due: the same, and the distances kept, where a change that the route needs is as urgent as
        can be. Braking: Kesting's and Treiber's (2007). The gap: our choice; the headway: what
        human drivers accept at the end of a ramp, 0.5 s and more.
        ahead, spacing, behind: of the lines along lanes [m].
        back, near: how far behind and beside a line others are looked at [m]; our choice.
        alike: the route's line stands for the present lane's within so many metres: our choice.
        every: leaders are looked for every so many steps; PDM-Closed's 2.
        max_steer: highway-env's pi/3. steer_rate: [rad/s], see `safety.envelope`.
        jerk, swerve: bounds of how fast acceleration along and across changes [m/s3], from what is
        in force now on; PDM-Closed knows none. abrupt: braking [m/s2] that is not bound by them.
        steps, dt: T and its step [s]; PDM-Closed's.
    """

    shares: tuple[float, ...] = (1.0, 0.7, 0.4, 1.0)
    brakings: tuple[float, float] = (3.0, 6.0)
    gap: float = 1.0
    headway: float = 1.5
    accel: float = 2.3
    brisk: float = 4.0
    stopping: float = 3.5
    comfort_decel: float = 3.0
    exponent: float = 10.0
    yielding: float = 2.0
    max_decel: float = 6.0
    max_lateral: float = 4.5
    slowing: float = 1.5
    foresight: float = 1.0
    margin: float = 0.3
    before: float = 1.0
    clear: float = 0.5
    sight: float = 40.0
    fine: float = 0.5
    look_time: float = 0.6
    look_least: float = 4.0
    change_look: float = 1.0
    aside_speed: float = 4.0 / 3.0
    aside_slope: float = 0.25
    aside_least: float = 1.0
    safe: float = 2.0
    safe_due: float = 4.0
    gap_due: float = 2.0
    headway_due: float = 0.5
    driver_gap: float = 5.0
    driver_headway: float = 1.5
    driver_accel: float = 3.0
    driver_decel: float = 5.0
    ahead: float = 256.0
    spacing: float = 2.0
    behind: float = 10.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    jerk: float = math.inf
    swerve: float = math.inf
    abrupt: float = math.inf
    back: float = 60.0
    near: float = 4.0
    alike: float = 0.5
    every: int = 2
    steps: int = 40
    dt: float = 0.1
    model: LaneModel = field(default_factory=LaneModel)
    hurry: Hurry = field(default_factory=Hurry)

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """K = `LINES` x `MANNERS` chunks; invalid ones where there is no such lane or conflict."""
        batch, count = len(observation.tick), LINES * MANNERS
        states = np.zeros((batch, count, self.steps, 4))
        controls = np.zeros((batch, count, self.steps, 2))
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
                np.array(self.shares),
                np.array(self.brakings),
                self.every,
                decays(self.steps + 1, self.dt, self.model.settling),
                parameter_table(self.model),
                parameter_table(self.hurry),
                parameter_table(self),
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
            dt=np.full(batch, self.dt),
        )


@kernel
def _fill(
    road: Road,
    body: Body,
    kept: int,
    others: NDArray,
    poses: NDArray,
    seen: NDArray,
    shared: NDArray,
    on: Desk,
    points: int,
    shares: NDArray,
    brakings: NDArray,
    every: int,
    model: Row,
    hurry: Row,
    driver: Row,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """The chunks (K, T, ·) of one scenario: lanes beside first, the present one, the route last."""
    here, lanes = lane_of(road.map, road.wanted, body.state, model), np.full(LINES, -1)
    if here >= 0:
        lanes[1], lanes[2], lanes[3] = here, road.links.left[here], road.links.right[here]
    due = due_change(road, here, body, hurry)
    room, changes = _room(due, driver), due.side != 0
    horizon = states.shape[1] * driver.dt
    reach = max(body.state[3], 0.0) * horizon + 0.5 * driver.accel * horizon * horizon
    stays = True  # the route's line stays in the present lane
    for number in range(LINES - 1, -1, -1):
        if number > 0 and lanes[number] < 0:
            continue
        course = course_of(road, number, lanes[number], here, body, points, driver, on)
        if course.n < 2:
            continue
        s, _ = project(course.line, 0, course.n - 1, course.spacing, body.state[0], body.state[1])
        if number == 1:
            stays = is_route(course, road, s, reach, driver.alike)
            if stays:
                continue
        if number == 0 and not stays and changes and (lanes[2] >= 0 or lanes[3] >= 0):
            continue  # a line that changes lane looks at nobody: the lanes beside do
        from_line(
            course.line, course.n, course.spacing, s - driver.back, s + reach + driver.back,
            driver.near, model.standing, every, others, poses, kept, seen,
        )  # fmt: skip
        shared_stretch(
            road.map, road.sequence, road.valid, course.line, course.n, course.spacing, s,
            driver.fine, 0.5 * body.size[1] + driver.clear, shared,
        )  # fmt: skip
        a, b = number * MANNERS, (number + 1) * MANNERS
        manners(
            course, shared, seen, kept, body, shares, brakings, every, room, driver,
            states[a:b], controls[a:b], valid[a:b],
        )  # fmt: skip


@kernel
def _room(due: Due, driver: Row) -> Room:
    """What a gap has to leave: less, the more urgent the change is."""
    u = due.urgency
    return Room(
        driver.safe + u * (driver.safe_due - driver.safe),
        driver.gap + u * (min(driver.gap_due, driver.gap) - driver.gap),
        driver.headway + u * (driver.headway_due - driver.headway),
        driver.driver_gap + u * (driver.gap_due - driver.driver_gap),
        driver.driver_headway + u * (driver.headway_due - driver.driver_headway),
    )


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
    shares: NDArray,
    brakings: NDArray,
    every: int,
    decay: NDArray,
    models: Table,
    hurries: Table,
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
    shared = np.zeros(int(driver.sight / driver.fine), np.bool_)
    points = int(driver.ahead / driver.spacing)
    on = desk(routes.line.shape[1], points)
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
            shared, on, points, shares, brakings, every, model, hurries[0], driver,
            states[b], controls[b], valid[b],
        )  # fmt: skip
