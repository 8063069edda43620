"""What the kernels of the what-if check are handed: inputs, findings and room to work, by name."""

from __future__ import annotations

from typing import NamedTuple

from numpy.typing import NDArray

from drivestack.core.tables import Table
from drivestack.core.types import Observation, Plan, PlanSource

_FALLBACK = int(PlanSource.FALLBACK)  # numpy takes long to compare with an enum


class Ego(NamedTuple):
    """The own car of every scenario: state (B, 4), accel, steer (B,), size (B, 2), control (B, 2).

    The control is what is to be checked.
    """

    state: NDArray
    accel: NDArray
    steer: NDArray
    size: NDArray
    control: NDArray


class Seen(NamedTuple):
    """What is seen: tick, dt, frame_age (B,), state (B, N, 4), size (B, N, 2), the rest (B, N)."""

    tick: NDArray
    dt: NDArray
    frame_age: NDArray
    state: NDArray
    size: NDArray
    kind: NDArray
    id: NDArray
    age: NDArray
    valid: NDArray


class Notes(NamedTuple):
    """What is remembered of others, (B, W) rows of `watch.MET`: last, and now, which is written."""

    last: Table
    now: Table


def seen_in(observation: Observation) -> Seen:
    """The newest tracks of an observation."""
    tracks = observation.tracks
    return Seen(
        observation.tick, observation.dt, observation.age, tracks.state[:, :, -1], tracks.size,
        tracks.kind, tracks.id, tracks.age, tracks.valid[:, :, -1],
    )  # fmt: skip


class Planned(NamedTuple):
    """The plan in force: states (B, T, 4), tick, dt, valid (B,)."""

    states: NDArray
    tick: NDArray
    dt: NDArray
    valid: NDArray


def planned_in(plan: Plan) -> Planned:
    """A plan, valid unless it is a stop for want of any other."""
    return Planned(plan.states, plan.tick, plan.dt, plan.source != _FALLBACK)


class Model(NamedTuple):
    """Options (O, 3), the order they are tried in (O,), and one row each of `Beliefs`, `Abilities`
    and `Judgement`."""

    options: NDArray
    tried: NDArray
    beliefs: Table
    abilities: Table
    judgement: Table


class Answer(NamedTuple):
    """What is decided, written by the kernels where there is anything to decide.

    acting: (B,) it acts, and before it is written: it acted at the last tick. asked: (B,) ticks in
    a row that asked for it. chosen: (B,) the option taken, -1 where it does not act, and before.
    wait, act: (B,) expected cost of waiting and of acting [collisions], before: 0. first: (B, 2)
    control of the option. about: (B,) id of the road user concerned, -1: none, and before.
    """

    acting: NDArray
    asked: NDArray
    chosen: NDArray
    wait: NDArray
    act: NDArray
    first: NDArray
    about: NDArray


class Room(NamedTuple):
    """Scratch of one scenario.

    facts: (R, `FACTS`) and futures: (R, S + 1, 4) of others. idle: (R,) what each costs if nothing
    is done. poses: (S + 1, 4) of the ego. rates: (N, 2). starts, ways, table: of `foresee`.
    paths: (4, `POINTS`, `COLUMNS`). spans: (4,) how many points each has, none: there is no such
    path. first: (2,) a control.
    """

    facts: NDArray
    futures: NDArray
    idle: NDArray
    poses: NDArray
    rates: NDArray
    starts: NDArray
    ways: NDArray
    table: NDArray
    paths: NDArray
    spans: NDArray
    first: NDArray
