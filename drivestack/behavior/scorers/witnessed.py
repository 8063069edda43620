"""The score of `pdm_lane` for what was driven, against what the others then did: no forecast."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.forecast import OTHER, describe
from drivestack.behavior.road import Body, Routes, road_of, routes_of
from drivestack.behavior.stop_lines import STOP_LINE_ID
from drivestack.core.comfort import ComfortBounds
from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Table
from drivestack.core.types import Observation, Route, Scores, Tracks
from drivestack.core.witness import Witnessed
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.links import Links, links_of

from .comfort import Filters, filters
from .contact import touching_now
from .driven_terms import BEFORE, ease, ends_well, swings, widened
from .lanes import PATH, path_of
from .pdm_lane import NAMES, PdmLane, aggregate, own_terms, standing_of
from .terms import COMFORT, TIME, TTC, TermRules, projections, shared_terms, travelled

NOWHERE = 1e9
"""Where somebody is who is not there [m]."""


WITHIN = ComfortBounds(-3.7, 2.25, 4.3, 7.0, 3.5, 0.85, 1.7)
"""nuPlan's bounds of comfort less a tenth, for whoever tracks a chunk overshoots. Our choice."""

STRICT = PdmLane(
    ttc_weight=5.0, comfort_weight=3.0, doubt=0.1, most_doubt=0.2, slack=-0.05, bounds=WITHIN
)
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
        ahead = projections(rules.ahead, seen.dt)
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
                ahead,
                filters(frames),
                filters(BEFORE + frames),
                parameter_table(rules.model),
                parameter_table(rules.hurry),
                widened(rules.bounds),
                parameter_table(rules),
                parameter_table(rules, TermRules),
                int(Kind.OBSTACLE),
                self.leaving * self.prefers,
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
    ahead: NDArray,
    by: Filters,
    longer: Filters,
    models: Table,
    hurries: Table,
    bounds: Table,
    rules: Table,
    shared: Table,
    obstacle: int,
    left: float,
    terms: NDArray,
    total: NDArray,
) -> None:
    """Every state on one map by itself, so that a row's bits do not depend on the batch."""
    count, frames, most = ego.shape[1], ego.shape[2], state.shape[2]
    others = np.zeros((most, OTHER))
    poses = np.zeros((most, frames + int(ahead[-1]), 3))
    ignored, past = np.zeros(most, np.bool_), np.zeros(most, np.bool_)
    path, off = np.empty((frames, PATH)), np.empty(frames)
    whole, pushed = np.zeros((BEFORE + frames, PATH)), np.zeros(BEFORE + frames)
    gone, hit = np.zeros(count), np.zeros(count)
    for place in range(rows.shape[0]):
        b = int(rows[place])
        road = road_of(map, links, routes, b)
        if road.n < 2:
            continue
        lane, due, begun = standing_of(
            road, Body(ego[b, 0, 0], 0.0, 0.0, size[b]), models[0], hurries[0]
        )
        slip = math.atan(0.5 * math.tan(steer[b]))
        turning = 2.0 * ego[b, 0, 0, 3] * math.sin(slip) / size[b, 0]
        for k in range(count):
            if valid[b, k]:
                kept = _poses(
                    state[b, k], there[b, k], other_size[b, k], other_kind[b, k], obstacle,
                    rules[0].objects_left, dt, others, poses,
                )  # fmt: skip
                body = Body(ego[b, k, 0], 0.0, 0.0, size[b])
                path_of(ego[b, k, 0], ego[b, k, 1:], path)
                touching_now(path, size[b], others, poses, kept, ignored)
                far = travelled(road.line, road.n, road.spacing, path)
                gone[k] = far + rules[0].onward * path[-1, 3]
                shared_terms(
                    map, road.wanted, road.line, road.n, road.spacing, path, accel[b, k], size[b],
                    dt, others, poses, kept, ignored,
                    past, ahead, by, bounds[0], shared[0], off, terms[b, k],
                )  # fmt: skip
                terms[b, k, TTC] *= ends_well(
                    path[-1], size[b], others, poses, kept, frames - 1, dt
                )
                terms[b, k, COMFORT] = ease(
                    path, accel[b, k], turning, dt, longer, bounds, whole, pushed
                )
                own_terms(road, body, lane, due, begun, path, rules[0], terms[b, k])
                hit[k] = path[int(round(terms[b, k, TIME] / dt)), 3]
        aggregate(gone, hit, valid[b], (frames - 1) * dt, rules[0], terms[b], total[b])
        for k in range(count):
            if left != 0.0 and valid[b, k]:
                path_of(ego[b, k, 0], ego[b, k, 1:], path)
                aside = swings(road.line, road.n, road.spacing, path)
                total[b, k] *= 1.0 - max(-left * aside, 0.0)
