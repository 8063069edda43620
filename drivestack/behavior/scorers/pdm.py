"""PDM-Closed's score of proposals: three multipliers times three weighted terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.brake import BRAKE
from drivestack.behavior.forecast import all_straight_on
from drivestack.behavior.route_lanes import route_lanes
from drivestack.core.compiled import kernel
from drivestack.core.lines import rows_in_use
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind, Row, Table
from drivestack.core.types import Candidates, Observation, Route, Scores
from drivestack.roads.lane_tables import Lanes, lanes_of

from .comfort import Filters, filters
from .contact import lay_out, touching_now, traffic
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

_DUE, _NOT_DUE = 2.0, -1.0
"""Totals of the emergency brake: above and below all others."""


@dataclass(frozen=True, slots=True)
class Pdm(TermRules):
    """total = NC DAC DDC (5 EP + 5 TTC + 2 C) / 12; see `scores.md` 8 and arXiv:2306.07962.

    Attributes:
        progress_weight, ttc_weight, comfort_weight: PDM-Closed's.
        brake_within, brake_up_to: the emergency brake is due where the best proposal has an
        at-fault contact within [s] and the ego's speed is at most [m/s]; PDM-Closed's.
        The others: see `TermRules`.
    """

    progress_weight: float = 5.0
    ttc_weight: float = 5.0
    comfort_weight: float = 2.0
    brake_within: float = 2.0
    brake_up_to: float = 5.0

    def score(self, observation: Observation, route: Route, candidates: Candidates) -> Scores:
        """Seven terms, the last for information; totals of invalid candidates are 0.

        Totals lie in [0, 1]; the emergency brake has `_DUE` where it is due, else `_NOT_DUE`.
        """
        terms = np.zeros((*candidates.valid.shape, len(SHARED)))
        total = np.zeros(candidates.valid.shape)
        ego, tracks = observation.ego, observation.tracks
        for number in np.unique(observation.map_index):
            _score_rows(
                np.flatnonzero(observation.map_index == number),
                lanes_of(observation.maps[number]),
                route.lanes,
                route.lane_valid,
                route.line,
                route.valid,
                route.spacing,
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
                candidates.source == BRAKE,
                candidates.dt,
                projections(self.ahead, candidates.dt),
                filters(candidates.states.shape[2] + 1),
                parameter_table(self.bounds),
                parameter_table(self),
                parameter_table(self, TermRules),
                int(Kind.OBSTACLE),
                terms,
                total,
            )
        return Scores(terms=terms, names=SHARED, total=total)


@kernel
def aggregate(gone: NDArray, valid: NDArray, rules: Row, terms: NDArray, total: NDArray) -> None:
    """Normalise progress by the best masked one, and put the terms together.

    Args:
        gone: (K,) progress [m]. valid: (K,). terms: (K, M), progress is written.
        total: (K,), written.
    """
    compare_progress(gone, valid, rules.least_progress, terms)
    weights = rules.progress_weight + rules.ttc_weight + rules.comfort_weight
    for k in range(gone.shape[0]):
        if not valid[k]:
            continue
        multiplier = terms[k, NC] * terms[k, DAC] * terms[k, DDC]
        weighted = rules.progress_weight * terms[k, EP]
        weighted += rules.ttc_weight * terms[k, TTC]
        weighted += rules.comfort_weight * terms[k, COMFORT]
        total[k] = multiplier * weighted / weights


@kernel
def decide_brake(
    valid: NDArray,
    brake: NDArray,
    speed: float,
    rules: Row,
    terms: NDArray,
    total: NDArray,
    due: float,
    not_due: float,
) -> None:
    """Give the emergency brake its total: it is due where the best proposal hits somebody soon.

    Args:
        valid, brake: (K,). speed: of the ego [m/s]. terms: (K, M). total: (K,), written.
    """
    best = -1
    for k in range(valid.shape[0]):
        if valid[k] and not brake[k] and (best < 0 or total[k] > total[best]):
            best = k
    needed = best >= 0 and terms[best, NC] < 1.0 and speed <= rules.brake_up_to
    needed = needed and terms[best, TIME] <= rules.brake_within
    for k in range(valid.shape[0]):
        if valid[k] and brake[k]:
            total[k] = due if needed else not_due


@kernel
def _score_rows(
    rows: NDArray,
    map: Lanes,
    sequence: NDArray,
    in_sequence: NDArray,
    line: NDArray,
    on_line: NDArray,
    spacing: NDArray,
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
    brake: NDArray,
    dt: NDArray,
    ahead: NDArray,
    by: Filters,
    bounds: Table,
    rules: Table,
    shared: Table,
    obstacle: int,
    terms: NDArray,
    total: NDArray,
) -> None:
    """Every scenario on one map by itself, so that a row's bits do not depend on the batch."""
    count, steps = states.shape[1], states.shape[2]
    reach = steps + 1 + ahead[-1]
    around = traffic(track.shape[1], reach, ahead.shape[0])
    path, accel, off = np.empty((steps + 1, PATH)), np.empty(steps + 1), np.empty(steps + 1)
    gone = np.zeros(count)
    for place in range(rows.shape[0]):
        b = int(rows[place])
        on_route = route_lanes(map, sequence[b], in_sequence[b])
        kept = all_straight_on(
            track[b], track_size[b], track_kind[b], track_valid[b], obstacle,
            rules[0].objects_left, dt[b], around.others, around.poses,
        )  # fmt: skip
        lay_out(around, kept, dt[b], shared[0])
        n = rows_in_use(on_line[b])
        for k in range(count):
            if not valid[b, k]:
                continue
            path_of(ego[b], states[b, k], path)
            accel[0], accel[1:] = ego_accel[b], controls[b, k, :, 0]
            touching_now(path, size[b], around, kept)
            gone[k] = travelled(line[b], n, spacing[b], path)
            shared_terms(
                map, on_route, line[b], n, spacing[b], path, accel, size[b], dt[b], around,
                kept, ahead, by, bounds[0], shared[0], off, terms[b, k],
            )  # fmt: skip
        aggregate(gone, valid[b] & ~brake[b], rules[0], terms[b], total[b])
        decide_brake(valid[b], brake[b], ego[b, 3], rules[0], terms[b], total[b], _DUE, _NOT_DUE)
