"""One candidate: IDM along the route behind whoever drives ahead, MOBIL for the lane."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.lane_line import lane_line
from drivestack.behavior.leader import COLUMNS, along_line
from drivestack.behavior.mobil import Others, Planned, Stretches, lane_to_follow
from drivestack.behavior.route_lanes import route_lanes
from drivestack.behavior.speed import comfortable_speed
from drivestack.core.compiled import kernel
from drivestack.core.lines import project, rows_in_use
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Aim, Candidates, Goal, Observation, Route
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.links import Links, links_of

from .idm_chunk import Course, chunk_along


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
        elsewhere, and of the goal the route's lanes are binding; our choice: 20 s at 25 m/s.
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
        away = np.hypot(*(goal.position - ego.state[:, :2]).T)
        binding = goal.valid & (route.aim == Aim.GOAL) & (away < self.early)
        for number in np.unique(observation.map_index):
            map = observation.maps[number]
            _propose(
                np.flatnonzero(observation.map_index == number),
                lanes_of(map),
                links_of(map),
                map.links,
                Way(route.line, route.valid, route.speed_limit, route.spacing),
                Planned(route.lanes, route.lane_valid, route.change, False),
                binding,
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
    """A batch's reference lines: line (B, P, 3), valid (B, P), limit (B, P), spacing (B,)."""

    line: NDArray
    valid: NDArray
    limit: NDArray
    spacing: NDArray


@kernel
def _laid_out(
    map: Lanes,
    links: Links,
    planned: Planned,
    way: Way,
    b: int,
    lane: int,
    ego: NDArray,
    driver: Row,
    raw: NDArray,
    line: NDArray,
    limit: NDArray,
) -> tuple[int, float, bool]:
    """Write the line to follow, a lane's or (lane -1) the route's, and the limits along it.

    Args:
        way: of the batch, row b is meant. raw: scratch. line: (P, 3), limit: (P,), written.

    Returns:
        How many rows hold, their spacing [m], and whether the line ends for good.
    """
    points = int(driver.ahead / driver.spacing)
    if lane >= 0:
        wanted = route_lanes(map, planned.lanes, planned.valid)
        m = lane_line(
            map, links, wanted, lane, ego[0], ego[1], driver.behind, driver.spacing, raw,
            line[:points], limit,
        )  # fmt: skip
        if m >= 2:
            return m, driver.spacing, m < points
    n = rows_in_use(way.valid[b])
    line[:n], limit[:n] = way.line[b, :n], way.limit[b, :n]
    return n, way.spacing[b], n < way.line.shape[1]


@kernel
def _propose(
    rows: NDArray,
    map: Lanes,
    links: Links,
    joints: Table,
    way: Way,
    plans: Planned,
    binding: NDArray,
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
    line, limit, allowed = np.zeros((longest, 3)), np.zeros(longest), np.zeros(longest)
    raw = np.zeros((2 * points + 4, 3))
    along = np.zeros((tracks.state.shape[1], COLUMNS))
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
        planned = Planned(plans.lanes[b], plans.valid[b], plans.change[b], binding[b])
        _, lateral = project(way.line[b], 0, n - 1, way.spacing[b], ego[b, 0], ego[b, 1])
        lane, left, beside = lane_to_follow(
            map, links, joints, corridor, planned, ego[b], size[b, 0] / 2, lateral, others,
            second[b], driver,
        )  # fmt: skip
        n, apart, ends = _laid_out(
            map, links, planned, way, b, lane, ego[b], driver, raw, line, limit
        )
        comfortable_speed(line, n, apart, limit, driver.max_lateral, driver.slowing, allowed)
        s, _ = project(line, 0, n - 1, apart, ego[b, 0], ego[b, 1])
        end = min(s + left, (n - 1) * apart) if ends else s + left
        kept = along_line(
            line, n, apart, others.state, others.size, others.valid, driver.reach, along
        )
        course = Course(line, n, apart, allowed, end, beside)
        chunk_along(
            course, ego[b], steer[b], size[b], along, kept, driver, states[b, 0], controls[b, 0]
        )
        valid[b, 0] = True
