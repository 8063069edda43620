"""Pieces of the what-if decision, asked one by one; and scenes to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drivestack.core.map import Map
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind
from drivestack.core.types import Floats
from drivestack.roads.build import straight
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of
from drivestack.safety.what_if.decide import (
    foresee_all,
    lane_under,
    lay_paths,
    look_ahead,
    room_for,
)
from drivestack.safety.what_if.parameters import Abilities, Beliefs
from drivestack.safety.what_if.tables import Ego, Room, seen_in
from tests.scenes import observation, road_map, two_lanes

ABLE = parameter_table(Abilities(least=2.5, most=6.0, beyond=1.0, brake=8.0, step=0.1, gain=2.5))[0]
OWN = parameter_table(Beliefs())[0]
SIZE = np.array([5.0, 2.0])


def room(users: int = 3) -> Room:
    return room_for(users, ABLE)


def laid(map: Map, me: Sequence[float], reach: float = 60.0) -> tuple[int, Room]:
    state, own = np.array(me, np.float64), room()
    lanes, links = lanes_of(map), links_of(map)
    lane = lane_under(lanes, links, state, SIZE, OWN, own)
    own.spans[:] = 99
    lay_paths(lanes, links, lane, state, SIZE, reach, own)
    return int(lane), own


def foreseen(
    ego: Sequence[float], *others: Sequence[float], age: int = 0, frame: int = 0,
    kind: Kind = Kind.CAR, rates: tuple[float, float] = (0.0, 0.0), map: Map | None = None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Facts and poses of the others' futures."""
    seen = observation([map or two_lanes()], [ego], [others])
    shape = seen.tracks.age.shape
    tracks = replace(seen.tracks, age=np.full(shape, age, np.int32),
                     kind=np.full(shape, kind, np.int32))  # fmt: skip
    seen = replace(seen, age=np.full(1, frame, np.int32), tracks=tracks)
    own, state = room(len(others)), seen.ego
    own.rates[:] = rates
    span, steps = look_ahead(state.state[0, 3], ABLE)
    given = Ego(state.state, state.accel, state.steer, state.size, np.zeros((1, 2)))
    rows = foresee_all(0, lanes_of(seen.maps[0]), links_of(seen.maps[0]), given, seen_in(seen),
                       span, steps, OWN, ABLE, own)  # fmt: skip
    assert not own.futures[:, steps + 1 :].any()
    assert own.futures.shape[1] > steps
    return own.facts[:rows], own.futures[:rows, : steps + 1]


def met(ego: Sequence[float], other: Sequence[float]) -> bool:
    """Whether the other's futures are thought of."""
    return len(foreseen(ego, other)[0]) > 0


ASLANT = road_map("aslant", {("a", "b"): [straight((0, 0), (-480, 360))]})
