"""Scenes that the what-if check is asked about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drivestack.core.types import Observation, Plan, PlanSource, Verdict
from drivestack.safety.what_if.check import Recall, WhatIf
from tests.safety.checked import say
from tests.safety.what_if.driving import straight_plan
from tests.scenes import bend, observation, two_lanes


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

OLD, OLDER, NONE = "old", "older", "none"
"""The plan: of a tick before, with its own spacing; of five; there is none, and the check acts."""


def scene(name: str, plan_is: str) -> tuple[Observation, Plan]:
    """One of them; road users have ids from 5 on."""
    map, ego, others = SCENES[name]
    seen = observation([map], [ego], [np.array(others, np.float64)], tick=100, steer=0.01)
    seen = replace(seen, tracks=replace(seen.tracks, id=seen.tracks.id + 5))
    plan = straight_plan(seen, speed=ego[3] + 0.5, aside=0.2)
    states = plan.states.copy()
    states[0, :, 3] += np.cos(0.9 * np.arange(40))
    plan = replace(plan, states=states, tick=np.full(1, 95, np.int32))
    if plan_is is OLD:
        plan = replace(plan, tick=np.full(1, 99, np.int32), dt=np.full(1, 0.1062))
    elif plan_is is NONE:
        plan = replace(plan, source=np.full(1, PlanSource.FALLBACK, np.int32))
    return seen, plan
