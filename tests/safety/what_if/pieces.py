"""Pieces of the what-if decision, asked one by one; and scenes to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drivestack.core.map import Map
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Kind
from drivestack.core.types import Floats, Observation, Plan, PlanSource, Verdict
from drivestack.roads.build import straight
from drivestack.roads.lane_tables import lanes_of
from drivestack.roads.links import links_of
from drivestack.safety.what_if.check import Recall, WhatIf
from drivestack.safety.what_if.decide import (
    foresee_all,
    lane_under,
    lay_paths,
    look_ahead,
    room_for,
)
from drivestack.safety.what_if.parameters import Abilities, Beliefs
from drivestack.safety.what_if.tables import Ego, Room, seen_in
from tests.safety.checked import say
from tests.safety.what_if.driving import straight_plan
from tests.scenes import bend, observation, road_map, two_lanes

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


def decided(
    seen: Observation, control: tuple[float, float] = (0.0, 0.0), plan: Plan | None = None,
    memory: Recall | None = None, check: WhatIf | None = None,
) -> tuple[Verdict, Recall]:  # fmt: skip
    return say(check or WhatIf(0.05), seen, control, plan or straight_plan(seen), memory)


AHEAD = observation([two_lanes()], [(100, 0, 0, 20)], [[(120, 0, 0, 0)]])


def walled(gap: float, v: float = 20.0, tick: int = 100) -> Observation:
    """Somebody across all lanes ahead, so that only braking helps."""
    seen = observation([two_lanes()], [(100, 0, 0, v)], [[(105 + gap, 0, 0, 0)]], tick=tick)
    size = np.full((1, 1, 2), [5.0, 60.0])
    return replace(seen, tracks=replace(seen.tracks, size=size))


ASLANT = road_map("aslant", {("a", "b"): [straight((0, 0), (-480, 360))]})
SCENES = {
    "stands ahead": (two_lanes(), (100, 0, 0, 20), [(122, 0, 0, 0)]),
    "stands too near": (two_lanes(), (100, 0.4, 0.02, 20), [(115, 0.5, 0, 0), (118, 4, 0, 3)]),
    "may brake": (two_lanes(), (100, 0, 0, 20), [(108.5, 0, 0, 19), (80, 0, 0, 24)]),
    "drifts in": (two_lanes(), (100, 0, 0, 20), [(106, 3.3, -0.07, 15), (140, 0, 0, 20)]),
    "cuts in beside": (two_lanes(), (100, 0, 0, 20), [(98, 3.2, -0.1, 18)]),
    "crosses": (two_lanes(), (100, 0, 0, 15), [(118, -3.5, 1.5, 2)]),
    "one behind another": (
        two_lanes(),
        (100, 0.2, 0, 20),
        [(113, 0.3, 0, 2), (120, 0, 0, 2.5), (110, 4, 0, 20)],
    ),
    "somebody beside": (two_lanes(), (100, 0, 0, 20), [(120, 0, 0, 0), (101, 4, 0, 19)]),
    "drifts ahead": (two_lanes(), (100, 0, 0, 20), [(113, 0.3, 0.2, 2.5)]),
    "comes towards": (two_lanes(), (100, 0, 0, 15), [(160, 0.5, 3.1, 12), (100, 4, 0, 15)]),
    "in a bend": (bend(), (70, 0, 0, 12), [(92, 2.0, 0.4, 3)]),
    "at the end": (two_lanes(), (585, 0, 0, 14), [(604, 0.5, 0, 2), (560, 0, 0, 25)]),
    "off lanes": (two_lanes(), (100, 50, 0.4, 10), [(112, 55, 0.4, 0)]),
    "nobody near": (two_lanes(), (100, 0, 0, 20), [(500, 0, 0, 20)]),
}

OLD, NEW, NONE = "old", "new", "none"
"""The plan: of a tick before, with its own spacing; of now; there is none, and the check acts."""


def scene(name: str, plan_is: str) -> tuple[Observation, Plan]:
    """One of them; road users have ids from 5 on."""
    map, ego, others = SCENES[name]
    seen = observation([map], [ego], [np.array(others, np.float64)], tick=100, steer=0.01)
    seen = replace(seen, tracks=replace(seen.tracks, id=seen.tracks.id + 5))
    plan = straight_plan(seen, speed=ego[3] + 0.5, aside=0.2)
    if plan_is is OLD:
        plan = replace(plan, tick=np.full(1, 99, np.int32), dt=np.full(1, 0.1062))
    elif plan_is is NONE:
        plan = replace(plan, source=np.full(1, PlanSource.FALLBACK, np.int32))
    return seen, plan
