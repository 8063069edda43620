"""Our score of proposals along several lanes, against a forecast along lanes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.crossings import blocks
from drivestack.behavior.due import Due, Hurry, due_change
from drivestack.behavior.lane_forecast import ROWS, LaneModel, along_lanes, decays, lane_of
from drivestack.behavior.road import Body, Road, Routes, road_of, routes_of
from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Candidates, Observation, Route, Scores
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.links import Links, links_of

from .comfort import Filters, filters
from .contact import lay_out, touching_now, traffic
from .lane_terms import follow_on, keeps_clear, keeps_to_limit, keeps_to_line, towards
from .lanes import PATH, path_of
from .terms import (
    COMFORT,
    DAC,
    DDC,
    EP,
    NC,
    SHARED,
    TIME,
    TTC,
    TermRules,
    compare_progress,
    projections,
    shared_terms,
    travelled,
)

NAMES = (*SHARED, "speed_limit", "on_line", "towards_route", "keeps_clear")
"""`at_fault_time` [s] counts only where every chunk has an at-fault contact."""

SPEED, LINE, TOWARDS, CLEAR = 7, 8, 9, 10
"""Columns of the terms that `terms` does not know."""


@dataclass(frozen=True, slots=True)
class PdmLane(TermRules):
    """total = NC DAC DDC (weighted mean of the other terms); where that is 0, the latest contact.

    Attributes:
        progress_weight: PDM-Closed's. ttc_weight, comfort_weight: our choice, see the README.
        speed_weight: PLUTO's. line_weight, due_weight: of the terms of the route's line and of lane
        changes that the route needs; our choice, see the README.
        onward: progress includes so many seconds at the last speed: our choice, who gets free of a
        slow car gains by it only later.
        overspeed: [m/s] at which the speed term is 0; nuPlan's.
        far: distance from the route's line [m] at which the line term is 0; two lanes.
        slow, blocking_left: a chunk that ends below so many m/s where lanes from elsewhere cross,
        and did not begin there, keeps this part of its total; our choice: 3 s for a body's length.
        late, fast: bound of the total where a contact cannot be helped: the slower the ego is then
        (than `fast` [m/s]), and the later, the better; our choice.
        The others: see `TermRules`; where they differ from it, our choice, see the README.
    """

    progress_weight: float = 5.0
    ttc_weight: float = 2.5
    comfort_weight: float = 1.0
    speed_weight: float = 2.0
    line_weight: float = 1.0
    due_weight: float = 6.0
    onward: float = 2.0
    overspeed: float = 2.23
    far: float = 8.0
    slow: float = 3.0
    blocking_left: float = 0.5
    late: float = 0.01
    fast: float = 10.0
    fault_standing: float = 1.0
    fault_in_lane: float = 1.0
    doubt: float = 0.2
    most_doubt: float = 0.5
    along: float = 2.0
    model: LaneModel = field(default_factory=LaneModel)
    hurry: Hurry = field(default_factory=Hurry)

    def score(self, observation: Observation, route: Route, candidates: Candidates) -> Scores:
        """Eleven terms; totals lie in [0, 1], those of invalid candidates are 0."""
        terms = np.zeros((*candidates.valid.shape, len(NAMES)))
        total = np.zeros(candidates.valid.shape)
        ego, tracks = observation.ego, observation.tracks
        ahead = projections(self.ahead, candidates.dt)
        steps = candidates.states.shape[2] + 1
        dt = float(candidates.dt[0]) if len(candidates.dt) else 1.0
        for number in np.unique(observation.map_index):
            map = observation.maps[number]
            _score_rows(
                np.flatnonzero(observation.map_index == number),
                lanes_of(map),
                links_of(map),
                routes_of(route),
                ego.state,
                ego.accel,
                ego.size,
                tracks.state[:, :, -1],
                tracks.size,
                tracks.kind,
                tracks.valid[:, :, -1],
                candidates.states,
                candidates.controls,
                candidates.valid,
                dt,
                ahead,
                filters(steps),
                decays(steps + int(ahead[-1]), dt, self.model.settling),
                parameter_table(self.model),
                parameter_table(self.hurry),
                parameter_table(self.bounds),
                parameter_table(self),
                parameter_table(self, TermRules),
                int(Kind.OBSTACLE),
                terms,
                total,
            )
        return Scores(terms=terms, names=NAMES, total=total)


@kernel
def aggregate(
    gone: NDArray,
    hit: NDArray,
    valid: NDArray,
    horizon: float,
    rules: Row,
    terms: NDArray,
    total: NDArray,
) -> None:
    """Normalise progress by the best masked one, and put the terms together."""
    compare_progress(gone, valid, rules.least_progress, terms)
    weights = rules.progress_weight + rules.ttc_weight + rules.comfort_weight
    weights += rules.speed_weight + rules.line_weight + rules.due_weight
    for k in range(gone.shape[0]):
        if not valid[k]:
            continue
        multiplier = terms[k, NC] * terms[k, DAC] * terms[k, DDC]
        weighted = rules.progress_weight * terms[k, EP]
        weighted += rules.ttc_weight * terms[k, TTC]
        weighted += rules.comfort_weight * terms[k, COMFORT]
        weighted += rules.speed_weight * terms[k, SPEED]
        weighted += rules.line_weight * terms[k, LINE]
        weighted += rules.due_weight * terms[k, TOWARDS]
        total[k] = multiplier * terms[k, CLEAR] * weighted / weights
        if multiplier == 0.0:
            mildness = 1.0 - min(hit[k] / rules.fast, 1.0)
            better = 0.9 * mildness + 0.1 * terms[k, TIME] / horizon
            total[k] = rules.late * better * terms[k, DAC]


@kernel
def standing_of(road: Road, body: Body, model: Row, hurry: Row) -> tuple[int, Due, bool]:
    """The ego's lane (-1: none), the lane changes that the route needs, whether on a junction."""
    lane = lane_of(road.map, road.wanted, body.state, model)
    due = due_change(road, lane, body, hurry)
    if due.missed:
        follow_on(road, lane)
    aside = 0.5 * body.size[1]
    begun = blocks(road.map, road.sequence, road.valid, body.state, body.size[0], aside)
    return lane, due, begun


@kernel
def own_terms(
    road: Road,
    body: Body,
    lane: int,
    due: Due,
    begun: bool,
    path: NDArray,
    rules: Row,
    out: NDArray,
) -> None:
    """The terms of `lane_terms`."""
    out[SPEED] = keeps_to_limit(road, lane, path, rules.overspeed)
    out[LINE] = keeps_to_line(road, path, rules.far) if due.here == 0.0 else 1.0
    out[TOWARDS] = towards(road, lane, due, path) if lane >= 0 else 0.5
    out[CLEAR] = keeps_clear(road, body, begun, path, rules)


@kernel
def _score_rows(
    rows: NDArray,
    map: Lanes,
    links: Links,
    routes: Routes,
    ego: NDArray,
    ego_accel: NDArray,
    size: NDArray,
    track: NDArray,
    track_size: NDArray,
    track_kind: NDArray,
    track_valid: NDArray,
    states: NDArray,
    controls: NDArray,
    valid: NDArray,
    dt: float,
    ahead: NDArray,
    by: Filters,
    decay: NDArray,
    models: Table,
    hurries: Table,
    bounds: Table,
    rules: Table,
    shared: Table,
    obstacle: int,
    terms: NDArray,
    total: NDArray,
) -> None:
    """Every scenario on one map by itself, so that a row's bits do not depend on the batch."""
    count, steps, most = states.shape[1], states.shape[2], track.shape[1] * ROWS
    around = traffic(most, decay.shape[0], ahead.shape[0])
    path, accel, off = np.empty((steps + 1, PATH)), np.empty(steps + 1), np.empty(steps + 1)
    gone, hit = np.zeros(count), np.zeros(count)
    for place in range(rows.shape[0]):
        b = int(rows[place])
        road = road_of(map, links, routes, b)
        if road.n < 2:
            continue
        body = Body(ego[b], 0.0, 0.0, size[b])
        lane, due, begun = standing_of(road, body, models[0], hurries[0])
        kept = along_lanes(
            map, links, track[b], track_size[b], track_kind[b], track_valid[b], obstacle,
            rules[0].objects_left, decay, dt, models[0], around.others, around.poses,
        )  # fmt: skip
        lay_out(around, kept, dt, shared[0])
        for k in range(count):
            if valid[b, k]:
                path_of(ego[b], states[b, k], path)
                accel[0], accel[1:] = ego_accel[b], controls[b, k, :, 0]
                touching_now(path, size[b], around, kept)
                far = travelled(road.line, road.n, road.spacing, path)
                gone[k] = far + rules[0].onward * path[-1, 3]
                shared_terms(
                    map, road.wanted, road.line, road.n, road.spacing, path, accel, size[b], dt,
                    around, kept, ahead, by, bounds[0], shared[0], off, terms[b, k],
                )  # fmt: skip
                own_terms(road, body, lane, due, begun, path, rules[0], terms[b, k])
                hit[k] = path[int(round(terms[b, k, TIME] / dt)), 3]
        aggregate(gone, hit, valid[b], steps * dt, rules[0], terms[b], total[b])
