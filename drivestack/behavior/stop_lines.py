"""Stop lines that hold the ego, as standing road users: planners then need no rule for lights.

PDM-Closed (arXiv:2306.07962) does the same: a red light is a standing obstacle for its IDM. Here
the scorers see it too, so that no chunk across the line wins. Nothing of it reaches safety layer
or log.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from drivestack.core.lights import HALTING, Colour
from drivestack.core.tables import Kind
from drivestack.core.types import Bools, Observation, Route, Tracks
from drivestack.roads.stop_lines import beyond, fronts

STOP_LINE_ID = 2_000_000
"""The id of a line is this plus its number; a scene numbers its bodies from 0, ghosts from a
million."""

THICKNESS = 0.2
"""Of the standing road user, behind the line [m]. Our choice: none is missed between two steps, as
the ego is much longer."""

ASIDE = 1.0
"""By how much it is narrower than its lane [m]. Our choice: nobody in the next lane touches it."""

NARROWEST = 0.5
"""Its least width [m]. Our choice."""

YIELDS = 3.0
"""Braking [m/s2] up to which a yellow light is stopped for; PDM-Closed's comfortable one."""

BRAKES, CARRIES_ON = 0.5, 4.05
"""Who brakes with the first [m/s2] already goes on up to the second, nuPlan's comfort bound: the
decision does not swing while it is carried out. Our choice."""

BEHIND = 5.0
"""A line is passed while it lies up to this behind the rear [m]; our choice: later it is behind."""


def with_stop_lines(seen: Observation, route: Route) -> Observation:
    """The observation with a standing road user at every line that holds the ego.

    Lines of other roads than the route's are no business of the ego.
    """
    lines = seen.stop_lines
    if not lines.valid.any():
        return seen
    holds = lines.valid & _on_route(seen, route)
    holds &= _asks_to_stop(seen) & ~_passed(seen)
    if not holds.any():
        return seen
    return replace(seen, tracks=_joined(seen, holds))


def _on_route(seen: Observation, route: Route) -> Bools:
    """(B, S) lines across a road that the route passes."""
    found = np.zeros(seen.stop_lines.valid.shape, np.bool_)
    for b, number in enumerate(seen.map_index):
        road = seen.maps[number].lanes["road"]
        own = road[route.lanes[b][route.lane_valid[b]]]
        found[b] = np.isin(road[seen.stop_lines.lane[b]], own)
    return found


def _asks_to_stop(seen: Observation) -> Bools:
    """(B, S) red, or yellow with the way left that comfortable braking takes."""
    lines, state = seen.stop_lines, seen.ego.state
    apart = fronts(state, seen.ego.size[:, 0])[:, None] - lines.pose[:, :, :2]
    way = np.hypot(apart[:, :, 0], apart[:, :, 1])
    braking = np.where(seen.ego.accel < -BRAKES, CARRIES_ON, YIELDS)
    in_time = state[:, 3:4] ** 2 <= 2.0 * braking[:, None] * way
    return np.isin(lines.colour, HALTING) | ((lines.colour == Colour.YELLOW) & in_time)


def _passed(seen: Observation) -> Bools:
    """(B, S) the ego's front is over the line, and its rear not far beyond it."""
    ego = seen.ego
    front = fronts(ego.state, ego.size[:, 0])[:, None]
    along, lateral = beyond(seen.stop_lines.pose, front)
    near = along <= ego.size[:, :1] + BEHIND
    return (along >= 0.0) & near & (np.abs(lateral) <= seen.stop_lines.width)


def _joined(seen: Observation, holds: Bools) -> Tracks:
    """The tracks and a row for each stop line, of which those that hold are valid."""
    tracks, lines = seen.tracks, seen.stop_lines
    (batch, count), history = holds.shape, tracks.state.shape[2]
    pose = lines.pose.copy()
    pose[:, :, 0] += 0.5 * THICKNESS * np.cos(lines.pose[:, :, 2])
    pose[:, :, 1] += 0.5 * THICKNESS * np.sin(lines.pose[:, :, 2])
    state = np.zeros((batch, count, history, 4))
    state[..., :3] = pose[:, :, None]
    size = np.stack([np.full(holds.shape, THICKNESS), lines.width - ASIDE], axis=-1)
    size[..., 1] = np.maximum(size[..., 1], NARROWEST)
    numbers = np.arange(count, dtype=np.int32)
    return Tracks(
        state=_after(tracks.state, state),
        size=_after(tracks.size, size),
        kind=_after(tracks.kind, np.full(holds.shape, Kind.UNKNOWN, np.int32)),
        id=_after(tracks.id, np.broadcast_to(STOP_LINE_ID + numbers, holds.shape)),
        age=_after(tracks.age, np.broadcast_to(seen.age[:, None], holds.shape)),
        valid=_after(tracks.valid, np.repeat(holds[:, :, None], history, axis=2)),
    )


def _after(first: NDArray, second: NDArray) -> NDArray:
    """Two arrays one after the other along the axis of road users."""
    return np.concatenate([first, second.astype(first.dtype, copy=False)], axis=1)
