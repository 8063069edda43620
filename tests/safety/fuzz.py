"""Damaged inputs, by number: what is damaged, how, in which row, and what must be named.

    python -m tests.safety.fuzz --count 100000 [--first 0]

Every case is fed to the layer's entrance between undamaged ticks; some go through a whole stack
whose stages raise or answer rubbish. The layer must answer in the same tick with a command that is
finite and within the envelope, count and name the fault, and leave the other rows as they are.
"""

from __future__ import annotations

import argparse
import logging
import math
import sys
from collections import Counter
from dataclasses import dataclass, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from drivestack.core.rows import take_rows
from drivestack.core.start import Rates
from drivestack.core.types import Echoes, Observation, Plan, PlanSource, StopLines
from drivestack.safety import WHOLE, filter_of
from drivestack.safety.faults import NAMES
from drivestack.safety.guarded import Guarded
from drivestack.stack import STACKS, Setup
from tests.scenes import no_goal, observation, two_lanes

PERIOD, BATCH = 0.05, 3
LOW, HIGH, MOST_STEER, RATE = -8.0, 4.0, math.pi / 3.0, 1.0
"""The envelope, written out once more."""

ROAD = two_lanes()
NUMBERS = (math.nan, math.inf, -math.inf, 1e300, -1e300, 1e12)
THINGS = (None, 7, "control", [], {}, object(), SimpleNamespace(), np.zeros(0), np.zeros((2, 2)),
          np.full((BATCH, 2), "x"), np.zeros((BATCH, 2), np.float32), np.zeros((BATCH, 2), object),
          np.zeros((BATCH, 2), np.int64), np.zeros((BATCH, 3)), np.zeros(BATCH))  # fmt: skip
STATED = {  # numbers of an observation that the layer reads: record, field, what is named
    "ego": (("state", "accel", "steer", "size"), "ego"),
    "tracks": (("state", "size"), "tracks"),
    "echoes": (("along", "lateral", "closing", "drift"), "tracks"),
    "stop_lines": (("pose", "width"), "tracks"),
    "sight": (("range",), "tracks"),
}


def seen_at(tick: int) -> Observation:
    """Three egos on a road, behind others, some turning their wheels; radar and a stop line."""
    ahead = np.array([[60.0 + 0.4 * tick, 0.0, 0.0, 8.0], [30.0 + 0.75 * tick, 4.0, 0.0, 15.0]])
    egos = [(20.0 + 0.5 * tick, 0.1, 0.0, 10.0), (5.0, 4.0, 0.0, 0.0), (90.0, 0.0, 0.01, 14.0)]
    seen = observation([ROAD], egos, [ahead, ahead, ahead], tick=tick)
    along = np.tile([40.0, 80.0], (BATCH, 1))
    ones = np.ones((BATCH, 2))
    echoes = Echoes(along, ones, ones.copy(), ones.copy(), np.ones((BATCH, 2), np.bool_))
    one = np.zeros((BATCH, 1), np.int32)
    pose = np.tile([500.0, 0.0, 0.0], (BATCH, 1, 1))
    lines = StopLines(one, pose, np.full((BATCH, 1), 4.0), one + 3, np.ones((BATCH, 1), np.bool_))
    steer = np.array([0.02, -0.3, 0.0])
    return replace(seen, echoes=echoes, stop_lines=lines, ego=replace(seen.ego, steer=steer))


def plan_of(seen: Observation) -> Plan:
    batch = len(seen.tick)
    states = np.repeat(seen.ego.state[:, None], 4, axis=1)
    return Plan(states, np.zeros((batch, 4, 2)), np.zeros(batch, np.int32),
                np.full(batch, PlanSource.CANDIDATE, np.int32), seen.tick.copy(),
                np.full(batch, 0.1))  # fmt: skip


def copied(record: Any) -> Any:
    """A record of its own, that can be damaged without harm to the original."""
    changes = {f.name: getattr(record, f.name) for f in fields(record)}
    for name, value in changes.items():
        if isinstance(value, np.ndarray):
            changes[name] = value.copy()
        elif is_dataclass(value):
            changes[name] = copied(value)
    return type(record)(**changes)


def damaged(record: Any, name: str, value: Any) -> None:
    """Put anything into a frozen record."""
    object.__setattr__(record, name, value)


@dataclass
class Case:
    """One damage: the three inputs, the names of which one must be counted, the rows it touches."""

    seen: Any
    plan: Any
    control: Any
    names: tuple[str, ...]
    rows: tuple[int, ...]


def case(number: int, tick: int) -> Case:
    """The damage with this number, done to the inputs of a tick."""
    draw = np.random.default_rng([20_26, number])
    seen = seen_at(tick)
    whole = Case(seen, plan_of(seen), np.tile([0.5, 0.0], (BATCH, 1)), (), tuple(range(BATCH)))
    damage = DAMAGES[number % len(DAMAGES)]
    return damage(whole, draw)


def _any_thing(draw: np.random.Generator) -> Any:
    return THINGS[draw.integers(len(THINGS))]


def control_is_no_control(of: Case, draw: np.random.Generator) -> Case:
    return replace(of, control=_any_thing(draw), names=("control_missing",))


def control_has_wrong_numbers(of: Case, draw: np.random.Generator) -> Case:
    row, value = int(draw.integers(BATCH)), NUMBERS[draw.integers(len(NUMBERS))]
    of.control[row, draw.integers(2)] = value
    return replace(of, names=("control_not_finite", "control_out_of_range"), rows=(row,))


def plan_is_no_plan(of: Case, draw: np.random.Generator) -> Case:
    if draw.integers(2):
        return replace(of, plan=_any_thing(draw), names=("plan_missing",))
    plan = copied(of.plan)
    name = fields(plan)[draw.integers(len(fields(plan)))].name
    wrong = (None, np.zeros(7), getattr(plan, name).astype(np.float32), getattr(plan, name)[:1])
    damaged(plan, name, wrong[draw.integers(len(wrong))])
    return replace(of, plan=plan, names=("plan_missing",))


def plan_has_wrong_numbers(of: Case, draw: np.random.Generator) -> Case:
    row, plan = int(draw.integers(BATCH)), copied(of.plan)
    name = ("states", "controls")[draw.integers(2)]
    array = getattr(plan, name).copy()
    place = tuple(int(draw.integers(size)) for size in array.shape[1:])
    array[(row, *place)] = NUMBERS[draw.integers(len(NUMBERS))]
    damaged(plan, name, array)
    return replace(of, plan=plan, names=("plan_not_finite", "plan_out_of_range"), rows=(row,))


def plan_has_wrong_time(of: Case, draw: np.random.Generator) -> Case:
    row, tick = int(draw.integers(BATCH)), of.plan.tick.copy()
    future = bool(draw.integers(2))
    tick[row] += int(draw.integers(1, 1000)) * (1 if future else -30)
    names = ("plan_of_the_future",) if future else ("plan_age",)
    return replace(of, plan=replace(of.plan, tick=tick), names=names, rows=(row,))


def observation_is_none(of: Case, draw: np.random.Generator) -> Case:
    thing = _any_thing(draw)
    if draw.integers(2):  # all fields there, and right, but it is no observation
        thing = SimpleNamespace(**{f.name: getattr(of.seen, f.name) for f in fields(of.seen)})
    return replace(of, seen=thing, names=("observation_missing",))


def observation_lacks_a_field(of: Case, draw: np.random.Generator) -> Case:
    seen = copied(of.seen)
    parts = [seen, seen.ego, seen.tracks, seen.echoes, seen.stop_lines, seen.closures, seen.sight]
    part = parts[draw.integers(len(parts))]
    name = fields(part)[draw.integers(len(fields(part)))].name
    value = getattr(part, name)
    wrong: list[Any] = [None, 3, "text", np.zeros((BATCH, 9, 9, 9, 9)), [value], ()]
    if isinstance(value, np.ndarray):
        wrong += [value.astype(np.float16), value[:1], value[..., None], value.tolist()]
    damaged(part, name, wrong[draw.integers(len(wrong))])
    return replace(of, seen=seen, names=("observation_missing",))


def observation_has_wrong_numbers(of: Case, draw: np.random.Generator) -> Case:
    row, seen = int(draw.integers(BATCH)), copied(of.seen)
    part = list(STATED)[draw.integers(len(STATED))]
    names, what = STATED[part]
    record = getattr(seen, part)
    name = names[draw.integers(len(names))]
    array = getattr(record, name).copy()
    place = tuple(int(draw.integers(size)) for size in array.shape[1:])
    array[(row, *place)] = NUMBERS[draw.integers(len(NUMBERS))]
    damaged(record, name, array)
    return replace(of, seen=seen, names=(f"{what}_not_finite", f"{what}_out_of_range"), rows=(row,))


def observation_has_wrong_rates(of: Case, draw: np.random.Generator) -> Case:
    row, seen = int(draw.integers(BATCH)), copied(of.seen)
    kind = draw.integers(3)
    if kind == 0:
        value = (*NUMBERS, 0.0, -1.0)[draw.integers(len(NUMBERS) + 2)]
        dt = seen.dt.copy()
        dt[row] = value
        damaged(seen, "dt", dt)
    elif kind == 1:
        index = seen.map_index.copy()
        index[row] = (-1, 1, 2**31 - 1, -(2**31))[draw.integers(4)]
        damaged(seen, "map_index", index)
    else:
        size = seen.ego.size.copy()
        size[row, draw.integers(2)] = -float(draw.integers(3))
        damaged(seen.ego, "size", size)
    return replace(of, seen=seen, names=("ego_not_finite", "ego_out_of_range"), rows=(row,))


def frame_has_wrong_time(of: Case, draw: np.random.Generator) -> Case:
    row, kind = int(draw.integers(BATCH)), draw.integers(3)
    if kind == 0:
        age, ticks = of.seen.age.copy(), int(draw.integers(11, 51))
        age[row] = ticks
        return replace(of, seen=replace(of.seen, age=age), names=("frame_age",), rows=(row,))
    if kind == 1:
        age = of.seen.age.copy()
        age[row] = -int(draw.integers(1, 1000))
        seen = replace(of.seen, age=age)
        return replace(of, seen=seen, names=("frame_of_the_future",), rows=(row,))
    tick = of.seen.tick.copy()
    tick[row] -= int(draw.integers(5, 1000))
    seen = replace(of.seen, tick=tick)
    return replace(of, seen=seen, names=("clock_runs_backwards",), rows=(row,))


DAMAGES = (
    control_is_no_control,
    control_has_wrong_numbers,
    plan_is_no_plan,
    plan_has_wrong_numbers,
    plan_has_wrong_time,
    observation_is_none,
    observation_lacks_a_field,
    observation_has_wrong_numbers,
    observation_has_wrong_rates,
    frame_has_wrong_time,
)


def assert_within(command: Any, steer: np.ndarray, what: str) -> None:
    """Finite, in the envelope, and no faster turned than the wheels can."""
    assert command.shape == (len(steer), 2), what
    assert np.isfinite(command).all(), what
    assert ((command[:, 0] >= LOW) & (command[:, 0] <= HIGH)).all(), what
    assert (np.abs(command[:, 1]) <= MOST_STEER).all(), what
    assert (np.abs(command[:, 1] - steer) <= RATE * PERIOD + 1e-9).all(), what


class Entrance:
    """A layer that has seen two good ticks, and what it would answer to a good third."""

    def __init__(self) -> None:
        self.layer: Guarded = filter_of(WHOLE, PERIOD)
        memory = self.layer.start(BATCH)
        for tick in (3, 4):
            seen = seen_at(tick)
            control = np.tile([0.5, 0.0], (BATCH, 1))
            _, _, memory = self.layer.apply(seen, plan_of(seen), control, memory)
        self.memory, self.steer = memory, seen_at(5).ego.steer
        good = seen_at(5)
        self.good = self.layer.apply(good, plan_of(good), np.tile([0.5, 0.0], (BATCH, 1)), memory)[
            1
        ]

    def check(self, number: int) -> str:
        """Feed one damaged tick; returns the name under which it was counted."""
        given = case(number, 5)
        what = f"case {number}"
        verdict, done, after = self.layer.apply(given.seen, given.plan, given.control, self.memory)
        assert_within(done.filtered, self.steer, what)
        counts, place = self.layer.faults(after), {name: i for i, name in enumerate(verdict.names)}
        for row in given.rows:
            counted = counts.by_name(row)
            failed = [name for name in given.names if verdict.failed[row, place[name]]]
            known = [name for name in failed if name not in NAMES or counted.get(name) == 1]
            assert known, f"{what}: none of {given.names} is named in row {row}, but {counted}"
        for row in set(range(BATCH)) - set(given.rows):
            at = np.array([row])
            assert (
                take_rows(done, at).filtered.tobytes()
                == take_rows(self.good, at).filtered.tobytes()
            ), f"{what}: row {row} was harmed"
            assert not counts.by_name(row), what
        return known[0]


class Rubbish(Exception):
    """What broken stages raise."""


@dataclass(frozen=True)
class Broken:
    """Stands for a stage: raises, or answers rubbish, where one of its rows is marked."""

    inner: Any
    method: str
    draw: int
    marked: float
    """Egos with this y break it."""

    def __getattr__(self, name: str) -> Any:
        if name != self.method:
            return getattr(self.inner, name)

        def act(seen: Observation, *rest: Any) -> Any:
            if not np.any(seen.ego.state[:, 1] == self.marked):
                return getattr(self.inner, name)(seen, *rest)
            draw = np.random.default_rng(self.draw)
            kind = draw.integers(4)
            if kind == 0:
                raise Rubbish(f"stage {self.method}")
            if kind == 1:
                return _any_thing(draw)
            if kind == 2:
                return (_any_thing(draw), _any_thing(draw))
            right = getattr(self.inner, name)(seen, *rest)
            whole = right[0] if isinstance(right, tuple) else right
            broken = copied(whole)
            arrays = [f.name for f in fields(broken)
                      if isinstance(getattr(broken, f.name), np.ndarray)]  # fmt: skip
            field = arrays[draw.integers(len(arrays))]
            array = getattr(broken, field).astype(np.float64)
            array[...] = np.nan
            return type(whole)(**{f.name: getattr(broken, f.name) for f in fields(broken)}
                               | {field: array})  # fmt: skip

        return act


STAGES = {
    "router": ("route", "router_failed"),
    "proposer": ("propose", "proposer_failed"),
    "scorer": ("score", "scorer_failed"),
    "controller": ("track", "controller_failed"),
}


def check_stack(number: int) -> str:
    """A stack one of whose stages breaks for one row: no other row notices, and it is named."""
    draw = np.random.default_rng([20_27, number])
    name = list(STAGES)[number % len(STAGES)]
    method, fault = STAGES[name]
    whole: Any = STACKS["idm"](Setup(Rates(20, 20, 10)))
    row = int(draw.integers(BATCH))
    start = 2 * int(draw.integers(2))  # at the very first tick, or with a plan to go on with
    if name == "router":
        start = 0  # it is not asked again while a route holds
    owner = whole if name == "controller" else whole.planner
    bad = Broken(getattr(owner, name), method, int(draw.integers(2**31)), 0.125)
    broken = replace(owner, **{name: bad})
    if name != "controller":
        broken = replace(whole, planner=broken)
    marked = broken.start(BATCH, no_goal(BATCH))
    right = whole.start(BATCH, no_goal(BATCH))
    for tick in range(4):
        seen = seen_at(tick)
        state = seen.ego.state.copy()
        if tick >= start:
            state[row, 1] = 0.125
        seen = replace(seen, ego=replace(seen.ego, state=state))
        decision, marked = broken.decide(seen, marked)
        expected, right = whole.decide(seen, right)
        assert_within(decision.control, seen.ego.steer, f"stack {number}")
        others = [b for b in range(BATCH) if b != row]
        assert decision.control[others].tobytes() == expected.control[others].tobytes()
    counts = whole.filter.faults(marked.safety)
    assert counts.by_name(row).get(fault, 0) >= 1, f"stack {number}: {counts.by_name(row)}"
    assert all(not counts.by_name(b) for b in others), f"stack {number}"
    return fault


def main() -> int:
    """Check many cases; one in a hundred is a whole stack."""
    parser = argparse.ArgumentParser(description="damaged inputs at every boundary")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    logging.getLogger("drivestack.stack").setLevel(logging.CRITICAL)
    entrance, named = Entrance(), Counter()
    for number in range(given.first, given.first + given.count):
        named[entrance.check(number)] += 1
        if number % 100 == 0:
            named[check_stack(number // 100)] += 1
    for name, count in sorted(named.items()):
        print(f"{count:8d} {name}")
    print(f"{sum(named.values()):8d} cases, 0 escapes, 0 crashes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
