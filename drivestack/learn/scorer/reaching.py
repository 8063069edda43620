"""How far drives go, of what the ego could do: progress that no veto and no other drive is in.

What the judge calls progress is masked by its vetoes and measured by the best candidate; who
learns that learns the vetoes a second time, and something of candidates that it is not told of.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.road import Routes, road_of, routes_of
from drivestack.behavior.scorers.lanes import PATH, path_of
from drivestack.behavior.scorers.terms import travelled
from drivestack.core.compiled import kernel
from drivestack.core.types import Floats, Observation, Route
from drivestack.core.witness import Witnessed
from drivestack.roads.lane_tables import Lanes, lanes_of
from drivestack.roads.links import Links, links_of

BRISK = 2.0
"""Acceleration [m/s2] that nobody keeps up for longer; nuPlan's bound of comfort is 2.4."""


def reached(observation: Observation, route: Route, seen: Witnessed) -> Floats:
    """(B, K) progress along the route by that of whoever accelerates by `BRISK` all along, in
    [0, 1]; drives that are not valid have 0."""
    found = np.zeros(seen.valid.shape)
    for number in np.unique(observation.map_index):
        map = observation.maps[number]
        _reach_rows(
            np.flatnonzero(observation.map_index == number),
            lanes_of(map),
            links_of(map),
            routes_of(route),
            seen.ego,
            seen.valid,
            float(seen.dt[0]),
            found,
        )
    return found


@kernel
def _reach_rows(
    rows: NDArray,
    map: Lanes,
    links: Links,
    routes: Routes,
    ego: NDArray,
    valid: NDArray,
    dt: float,
    found: NDArray,
) -> None:
    """Every state by itself."""
    frames = ego.shape[2]
    path, time = np.empty((frames, PATH)), (frames - 1) * dt
    for place in range(rows.shape[0]):
        b = int(rows[place])
        road = road_of(map, links, routes, b)
        for k in range(ego.shape[1]):
            if valid[b, k]:
                path_of(ego[b, k, 0], ego[b, k, 1:], path)
                gone = travelled(road.line, road.n, road.spacing, path)
                most = ego[b, k, 0, 3] * time + 0.5 * BRISK * time * time
                found[b, k] = min(gone / most, 1.0)
