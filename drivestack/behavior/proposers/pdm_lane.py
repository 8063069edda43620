"""Candidates along several lanes: the route's line, the present lane, and those beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.crossings import shared_stretch, stop_line
from drivestack.behavior.forecast import OTHER
from drivestack.behavior.lane_forecast import WAYS, LaneModel, along_lanes, decays, lane_of
from drivestack.behavior.lane_line import lane_line
from drivestack.behavior.lane_links import Links, links_of, side_of_route
from drivestack.behavior.lane_tables import Lanes, lanes_of, route_lanes
from drivestack.behavior.seen import SEEN, first_conflict, from_line
from drivestack.behavior.speed import comfortable_speed
from drivestack.core.compiled import kernel
from drivestack.core.lines import project, rows_in_use, sample
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Candidates, Observation, Route
from drivestack.roads.lanes import local_coordinates, position

from .lane_chunk import Course, Manner, drive_along

LINES = 4
"""The route's line, the present lane, the lane to the left, the lane to the right."""

MANNERS = 8
"""Ways to choose the speed: three shares of the allowed speed behind whoever drives ahead, and all of
it at once; a stop
where the map says that the stretch with the first conflict begins, and one just before it; two ways
to brake."""


@dataclass(frozen=True, slots=True)
class PdmLane:
    """Candidate k drives along line k // 8 in manner k % 8; see `LINES` and `MANNERS`.

    Attributes:
        shares: of the allowed speed; our choice: PDM-Closed's fewer, the last with `brisk`.
        brakings: [m/s2]; below nuPlan's comfort bound of 4.05, and highway-env's clip of 6.
        gap, headway, comfort_decel, exponent: of IDM [m], [s], [m/s2]; PDM-Closed's.
        accel: [m/s2]; below nuPlan's comfort bound of 2.40. brisk: the same beyond comfort, to use a
        gap; as the envelope allows. stopping: braking to a stop [m/s2]; below nuPlan's 4.05: who
        brakes late decides late.
        max_decel: hardest braking behind a leader [m/s2]; highway-env's clip of 6.
        max_lateral: in bends [m/s2]; below nuPlan's comfort bound of 4.89. slowing, foresight: ahead of
        them [m/s2], [s]; as in `idm`.
        margin: kept free beside the ego [m]; as in `idm`.
        before: kept free before a conflict [m]; our choice: half a car's width.
        clear: kept free beside lanes that cross while waiting [m]; our choice. sight, fine: how far
        ahead and how finely these are looked for [m]; our choice.
        look_time, look_least: pursuit distance [s] and [m]; as in `idm`.
        change_look: pursuit distance during a lane change [s]; our choice: below 3 m/s2 sideways.
        aside_speed: of a lane change [m/s]; 4 m in 3 s, as the router plans. aside_slope: its
        bound at low speed; our choice: 1 : 4. aside_least: [m] beyond which it is a lane change.
        safe: braking [m/s2] that a change may impose on the new follower and on the ego;
        highway-env's MOBIL. safe_due: the same where the route needs the change; Kesting's and
        Treiber's (2007). driver_*: IDM of both; highway-env's.
        ahead, spacing, behind: of the lines along lanes [m].
        back, near: how far behind and beside a line others are looked at [m]; our choice.
        every: leaders are looked for every so many steps; PDM-Closed's 2.
        max_steer: highway-env's pi/3. steer_rate: [rad/s], see `safety.envelope`.
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
    driver_gap: float = 5.0
    driver_headway: float = 1.5
    driver_accel: float = 3.0
    driver_decel: float = 5.0
    ahead: float = 256.0
    spacing: float = 2.0
    behind: float = 10.0
    max_steer: float = math.pi / 3.0
    steer_rate: float = 1.0
    back: float = 60.0
    near: float = 4.0
    every: int = 2
    steps: int = 40
    dt: float = 0.1
    model: LaneModel = field(default_factory=LaneModel)

    def propose(self, observation: Observation, route: Route) -> Candidates:
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
                route.lanes,
                route.lane_valid,
                route.line,
                route.valid,
                route.speed_limit,
                route.spacing,
                ego.state,
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
def _manners(
    course: Course,
    shared: NDArray,
    seen: NDArray,
    kept: int,
    ego: NDArray,
    steer: float,
    size: NDArray,
    shares: NDArray,
    brakings: NDArray,
    every: int,
    safe: float,
    driver: Row,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """Fill the chunks (`MANNERS`, T, ·) of one line."""
    s, _ = project(course.line, 0, course.n - 1, course.spacing, ego[0], ego[1])
    half, corridor = 0.5 * size[0], 0.5 * size[1] + driver.margin
    conflict = first_conflict(seen, kept, s, half, corridor)
    line = stop_line(shared, s, driver.fine, s + half, conflict)
    for k in range(MANNERS):
        target, accel, stop, braking = 1.0, driver.accel, math.inf, 0.0
        valid[k] = True
        if k < 4:
            target = shares[k]
            accel = driver.brisk if k == 3 else accel
        elif k < 6:
            stop = line if k == 4 and line < conflict else conflict - driver.before
            valid[k] = conflict < math.inf and (k == 4 or conflict != line)
        else:
            braking = brakings[k - 6]
        if valid[k]:
            manner = Manner(target, accel, stop, braking, safe)
            valid[k] = drive_along(
                course, manner, ego, steer, size, seen, kept, every, driver, states[k], controls[k]
            )


@kernel
def _same(course: Course, s: float, line: NDArray, n: int, spacing: float, reach: float) -> bool:
    """Whether a line stays within half a metre of a course for the next `reach` metres."""
    for part in range(1, 5):
        x, y, _ = sample(course.line, course.n, course.spacing, s + 0.25 * part * reach)
        _, lateral = project(line, 0, n - 1, spacing, x, y)
        if abs(lateral) > 0.5:
            return False
    return True


@kernel
def _propose(
    rows: NDArray,
    map: Lanes,
    links: Links,
    sequence: NDArray,
    in_sequence: NDArray,
    line: NDArray,
    on_line: NDArray,
    limit: NDArray,
    spacing: NDArray,
    ego: NDArray,
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
    drivers: Table,
    obstacle: int,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
) -> None:
    """Every scenario on one map by itself, so that a row's bits do not depend on the batch."""
    driver = drivers[0]
    steps = states.shape[2]
    most = track.shape[1] * WAYS
    others, poses = np.zeros((most, OTHER)), np.zeros((most, steps + 1, 3))
    seen = np.zeros((most, steps // every + 1, SEEN))
    points = int(driver.ahead / driver.spacing)
    longest = max(points, line.shape[1])
    own, own_limit, allowed = np.zeros((longest, 3)), np.zeros(longest), np.zeros(longest)
    shared = np.zeros(int(driver.sight / driver.fine), np.bool_)
    raw = np.zeros((2 * points + 4, 3))
    for place in range(rows.shape[0]):
        b = int(rows[place])
        n = rows_in_use(on_line[b])
        if n < 2:
            continue
        wanted = route_lanes(map, sequence[b], in_sequence[b])
        kept = along_lanes(
            map, links, track[b], track_size[b], track_kind[b], track_valid[b], obstacle, 0.0,
            decay, driver.dt, models[0], others, poses,
        )  # fmt: skip
        lane = lane_of(map, wanted, ego[b], models[0])
        chosen = np.array([lane, lane, links.left[lane], links.right[lane]])
        if lane < 0:
            chosen[:] = -1
        x, y, v = ego[b, 0], ego[b, 1], ego[b, 3]
        horizon = steps * driver.dt
        reach = max(v, 0.0) * horizon + 0.5 * driver.accel * horizon * horizon
        safe = driver.safe
        if lane >= 0 and side_of_route(map.lanes, links, sequence[b], in_sequence[b], lane):
            safe = driver.safe_due
        stays = True  # the route's line stays in the present lane
        for number in range(LINES - 1, -1, -1):
            # the lanes beside first, then the present one, the route's line last
            if number > 0:
                if chosen[number] < 0:
                    continue
                apart, whole = driver.spacing, points
                m = lane_line(map, links, wanted, chosen[number], x, y, driver.behind, apart,
                              raw, own[:points], own_limit)  # fmt: skip
            else:
                apart, whole, m = spacing[b], line.shape[1], n
                own[:n], own_limit[:n] = line[b, :n], limit[b, :n]
            if m < 2:
                continue
            comfortable_speed(own, m, apart, own_limit, driver.max_lateral, driver.slowing, allowed)
            end = math.inf if m == whole else (m - 1) * apart
            aside = 0.0
            if number >= 2:  # where the middle of the present lane is, seen from the other
                here, _ = local_coordinates(map.lanes[lane], map.points, x, y)
                middle_x, middle_y = position(map.lanes[lane], map.points, here, 0.0)
                _, aside = project(own, 0, m - 1, apart, middle_x, middle_y)
            course = Course(own, m, apart, allowed, end, aside)
            s, _ = project(course.line, 0, course.n - 1, course.spacing, x, y)
            if number == 1:
                stays = _same(course, s, line[b], n, spacing[b], reach)
                if stays:
                    continue
            if number == 0 and not stays and (chosen[2] >= 0 or chosen[3] >= 0):
                continue
            first, last = s - driver.back, s + reach + driver.back
            from_line(course.line, course.n, course.spacing, first, last, driver.near, models[0].standing, every, others, poses, kept, seen)  # fmt: skip
            k = number * MANNERS
            shared_stretch(
                map, sequence[b], in_sequence[b], own, m, apart, s, driver.fine,
                0.5 * size[b, 1] + driver.clear, shared,
            )  # fmt: skip
            _manners(
                course,
                shared, seen, kept, ego[b], steer[b], size[b], shares, brakings, every, safe, driver,
                states[b, k : k + MANNERS], controls[b, k : k + MANNERS],
                valid[b, k : k + MANNERS],
            )  # fmt: skip
