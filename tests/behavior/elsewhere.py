"""The same world elsewhere: moved and turned, or mirrored."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from drivestack.core.map import Map
from drivestack.core.types import Floats, Observation
from drivestack.roads.build import circular, straight
from drivestack.roads.mirror import mirrored as mirrored_map
from tests.scenes import observation, road_map

FLIP = np.array([1.0, -1.0, -1.0, 1.0])


def mirror_of(seen: Observation) -> Observation:
    ego, tracks = seen.ego, seen.tracks
    return replace(
        seen,
        maps=tuple(mirrored_map(map) for map in seen.maps),
        ego=replace(ego, state=ego.state * FLIP + 0.0, steer=-ego.steer + 0.0),
        tracks=replace(tracks, state=tracks.state * FLIP + 0.0),
    )


def moved(poses: Floats) -> Floats:
    c, s = math.cos(2.0), math.sin(2.0)
    out = poses.copy()
    out[..., 0] = c * poses[..., 0] - s * poses[..., 1] + 50.0
    out[..., 1] = s * poses[..., 0] + c * poses[..., 1] - 30.0
    out[..., 2] = poses[..., 2] + 2.0
    return out


def road_at(place: Floats) -> Map:
    """A straight and a left bend, somewhere."""
    corners = moved(np.array([[0.0, 0, 0], [80, 0, 0], [80, 40, 0]])) if place.any() else (
        np.array([[0.0, 0, 0], [80, 0, 0], [80, 40, 0]]))  # fmt: skip
    (a, b, middle), turn = corners[:, :2].tolist(), float(corners[0, 2])
    return road_map(
        "somewhere",
        {
            ("a", "b"): [straight(tuple(a), tuple(b))],
            ("b", "c"): [circular(tuple(middle), 40.0, turn - math.pi / 2, turn)],
        },
    )


def bend_here_and_there() -> tuple[Observation, Observation]:
    """An ego behind a car before a bend, and the same somewhere else."""
    ego, others = np.array([60.0, 0.3, 0.1, 9.0]), np.array([[75.0, 0.0, 0.0, 4.0]])
    here = observation([road_at(np.zeros(1))], [ego.tolist()], [others])
    there = observation([road_at(np.ones(1))], [moved(ego).tolist()], [moved(others)])
    return here, there
