"""The score of `pdm_lane` for what was driven, against what the others then did: no forecast."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.due import Due
from drivestack.behavior.forecast import describe
from drivestack.behavior.road import Body, Road, Routes, road_of, routes_of
from drivestack.behavior.stop_lines import STOP_LINE_ID
from drivestack.core.comfort import ComfortBounds
from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Observation, Route, Scores, Tracks
from drivestack.core.witness import Witnessed
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.links import Links, links_of

from .comfort import Filters, filters
from .contact import Traffic, lay_out, touching_now, traffic
from .driven_terms import BEFORE, ease, ends_well, swings, widened
from .lanes import PATH, path_of
from .pdm_lane import NAMES, PdmLane, aggregate, own_terms, standing_of
from .terms import COMFORT, TIME, TTC, TermRules, projections, shared_terms, travelled

NOWHERE = 1e9
"""Where somebody is who is not there [m]."""


WITHIN = ComfortBounds(-3.7, 2.25, 4.3, 7.0, 3.5, 0.85, 1.7)
"""nuPlan's bounds of comfort less a tenth, for whoever tracks a chunk overshoots. Our choice."""

STRICT = PdmLane(ttc_weight=5.0, comfort_weight=3.0, doubt=0.1, most_doubt=0.2, bounds=WITHIN)
"""`pdm_lane`'s terms, time to collision and comfort with PDM-Closed's weights against progress and
more, and small margins, as a driver keeps them who knows that the measures are strict."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Judges drives by the terms of a scorer.

    Attributes:
        rules: of these terms; others are where they are, but for a margin as a planner keeps it.
        prefers: 1: to pass on the left, -1: on the right, 0: either. leaving: part of the total
        that passing on the other side costs; our choice: more than what is a tie otherwise, less
        than what a term that fails is worth.
    """

    rules: PdmLane = field(default_factory=lambda: STRICT)
    prefers: float = 0.0
    leaving: float = 0.12

    def judge(self, observation: Observation, route: Route, seen: Witnessed) -> Scores:
        """Terms and totals (B, K) of drives from what was observed; invalid ones have 0.

        Stop lines that were observed as road users (`behavior.stop_lines`) stand there all along.
        """
        rules, seen = self.rules, _with_stop_lines(observation.tracks, seen)
        terms = np.zeros((*seen.valid.shape, len(NAMES)))
        total = np.zeros(seen.valid.shape)
        frames = seen.ego.shape[2]
        by = Rules(
            filters(frames),
            filters(BEFORE + frames),
            widened(rules.bounds),
            parameter_table(rules)[0],
            parameter_table(rules, TermRules)[0],
            projections(rules.ahead, seen.dt),
            self.leaving * self.prefers,
        )
        for number in np.unique(observation.map_index):
            map = observation.maps[number]
            _judge_rows(
                np.flatnonzero(observation.map_index == number),
                lanes_of(map),
                links_of(map),
                routes_of(route),
                observation.ego.steer,
                observation.ego.size,
                seen.ego,
                seen.accel,
                seen.valid,
                seen.state,
                seen.there,
                seen.size,
                seen.kind,
                float(seen.dt[0]),
                by,
                parameter_table(rules.model),
                parameter_table(rules.hurry),
                int(Kind.OBSTACLE),
                terms,
                total,
            )
        return Scores(terms=terms, names=NAMES, total=total)


def _with_stop_lines(tracks: Tracks, seen: Witnessed) -> Witnessed:
    """What was seen, and the stop lines that hold the ego as others of it."""
    (lines,) = np.nonzero((tracks.id >= STOP_LINE_ID).any(axis=0))
    if len(lines) == 0:
        return seen
    count, frames = seen.ego.shape[1:3]

    def for_each(array: NDArray) -> NDArray:
        return np.repeat(array[:, None], count, axis=1)

    still = np.repeat(tracks.state[:, lines, -1:], frames, axis=2)
    there = tracks.valid[:, lines, -1:] & (tracks.id[:, lines, None] >= STOP_LINE_ID)
    return replace(
        seen,
        state=np.concatenate([seen.state, for_each(still)], axis=2),
        there=np.concatenate([seen.there, for_each(np.repeat(there, frames, axis=2))], axis=2),
        size=np.concatenate([seen.size, for_each(tracks.size[:, lines])], axis=2),
        kind=np.concatenate([seen.kind, for_each(tracks.kind[:, lines])], axis=2),
    )


@kernel
def _poses(
    state: NDArray,
    there: NDArray,
    size: NDArray,
    kind: NDArray,
    obstacle: int,
    objects_left: float,
    dt: float,
    others: NDArray,
    poses: NDArray,
) -> int:
    """Rows of all others of one drive (N, F, 4), prolonged at constant velocity; how many."""
    kept, frames = 0, state.shape[1]
    for i in range(state.shape[0]):
        first = -1
        for f in range(frames):
            if there[i, f]:
                first = f
                break
        if first < 0:
            continue
        speed = state[i, first, 3]
        describe(others, kept, i, size[i], speed, kind[i], obstacle, objects_left)
        for f in range(frames):
            poses[kept, f, 0], poses[kept, f, 1], poses[kept, f, 2] = NOWHERE, NOWHERE, 0.0
            if there[i, f]:
                for c in range(3):
                    poses[kept, f, c] = state[i, f, c]
        last, yaw, v = frames - 1, state[i, frames - 1, 2], state[i, frames - 1, 3]
        for f in range(frames, poses.shape[1]):
            way = v * (f - last) * dt
            poses[kept, f, 0] = poses[kept, last, 0] + way * math.cos(yaw)
            poses[kept, f, 1] = poses[kept, last, 1] + way * math.sin(yaw)
            poses[kept, f, 2] = poses[kept, last, 2]
        kept += 1
    return kept


class Desk(NamedTuple):
    """Scratch for one drive of F frames: others around, paths, rows to be filtered."""

    around: Traffic
    path: NDArray
    off: NDArray
    whole: NDArray
    pushed: NDArray


class Rules(NamedTuple):
    """What is judged by: filters of F frames and of `BEFORE` more, bounds, parameters, and the part
    of the total that passing on the other side costs."""

    by: Filters
    longer: Filters
    bounds: Table
    own: Row
    shared: Row
    ahead: NDArray
    left: float


@kernel
def _desk(most: int, frames: int, further: int, projections: int) -> Desk:
    """Room for so many others and frames, and projections so many frames further."""
    return Desk(
        traffic(most, frames + further, projections),
        np.empty((frames, PATH)),
        np.empty(frames),
        np.zeros((BEFORE + frames, PATH)),
        np.zeros(BEFORE + frames),
    )


@kernel
def _judge_one(
    road: Road,
    standing: tuple[int, Due, bool],
    size: NDArray,
    ego: NDArray,
    accel: NDArray,
    turning: float,
    dt: float,
    kept: int,
    on: Desk,
    rules: Rules,
    out: NDArray,
) -> tuple[float, float]:
    """The terms of one drive; returns how far it goes [m], and how fast a contact is [m/s]."""
    lane, due, begun = standing
    path, around = on.path, on.around
    path_of(ego[0], ego[1:], path)
    lay_out(around, kept, dt, rules.shared)
    touching_now(path, size, around, kept)
    far = travelled(road.line, road.n, road.spacing, path)
    shared_terms(
        road.map, road.wanted, road.line, road.n, road.spacing, path, accel, size, dt,
        around, kept, rules.ahead, rules.by, rules.bounds[0],
        rules.shared, on.off, out,
    )  # fmt: skip
    out[TTC] *= ends_well(path[-1], size, around.others, around.poses, kept, path.shape[0] - 1, dt)
    out[COMFORT] = ease(path, accel, turning, dt, rules.longer, rules.bounds, on.whole, on.pushed)
    own_terms(road, Body(ego[0], 0.0, 0.0, size), lane, due, begun, path, rules.own, out)
    return far + rules.own.onward * path[-1, 3], path[int(round(out[TIME] / dt)), 3]


@kernel
def _judge_rows(
    rows: NDArray,
    map: Lanes,
    links: Links,
    routes: Routes,
    steer: NDArray,
    size: NDArray,
    ego: NDArray,
    accel: NDArray,
    valid: NDArray,
    state: NDArray,
    there: NDArray,
    other_size: NDArray,
    other_kind: NDArray,
    dt: float,
    by: Rules,
    models: Table,
    hurries: Table,
    obstacle: int,
    terms: NDArray,
    total: NDArray,
) -> None:
    """Every state on one map by itself, so that a row's bits do not depend on the batch."""
    count, frames = ego.shape[1], ego.shape[2]
    on = _desk(state.shape[2], frames, int(by.ahead[-1]), by.ahead.shape[0])
    gone, hit = np.zeros(count), np.zeros(count)
    for place in range(rows.shape[0]):
        b = int(rows[place])
        road = road_of(map, links, routes, b)
        if road.n < 2:
            continue
        body = Body(ego[b, 0, 0], 0.0, 0.0, size[b])
        standing = standing_of(road, body, models[0], hurries[0])
        slip = math.atan(0.5 * math.tan(steer[b]))
        turning = 2.0 * ego[b, 0, 0, 3] * math.sin(slip) / size[b, 0]
        for k in range(count):
            if valid[b, k]:
                kept = _poses(
                    state[b, k], there[b, k], other_size[b, k], other_kind[b, k], obstacle,
                    by.own.objects_left, dt, on.around.others, on.around.poses,
                )  # fmt: skip
                gone[k], hit[k] = _judge_one(
                    road, standing, size[b], ego[b, k], accel[b, k], turning, dt, kept, on, by,
                    terms[b, k],
                )  # fmt: skip
        aggregate(gone, hit, valid[b], (frames - 1) * dt, by.own, terms[b], total[b])
        for k in range(count):
            if by.left != 0.0 and valid[b, k]:
                path_of(ego[b, k, 0], ego[b, k, 1:], on.path)
                aside = swings(road.line, road.n, road.spacing, on.path)
                total[b, k] *= 1.0 - max(-by.left * aside, 0.0)
