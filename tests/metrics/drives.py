"""Episodes made by hand: an ego along given states, others beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import AGENT_TICK, DECISION_TICK, EGO_TICK, Episode, Outcome
from drivestack.core.map import Map
from drivestack.core.start import Start
from drivestack.core.tables import Kind
from drivestack.core.types import Floats

SIZE = (5.0, 2.0)


def straight_ego(v: float, seconds: float = 4.0, dt: float = 0.1, y: float = 0.0) -> Floats:
    """States (T, 4) of an ego that drives along x from 100 m on."""
    t = np.arange(round(seconds / dt) + 1) * dt
    return np.column_stack(
        [100.0 + v * t, np.full_like(t, y), np.zeros_like(t), np.full_like(t, v)]
    )


def driven(
    start: Start,
    map: Map,
    ego: Floats,
    others: Floats | None = None,
    dt: float = 0.1,
    kind: Kind = Kind.CAR,
    accel: float = 0.0,
    contact: int | None = None,
) -> Episode:
    """An episode of ego states (T, 4), others (T, N, 4) and the tick of the first contact."""
    rows = np.zeros(len(ego), EGO_TICK)
    rows["tick"], rows["accel"] = np.arange(len(ego)), accel
    for i, name in enumerate(("x", "y", "yaw", "v")):
        rows[name] = ego[:, i]
    if contact is not None:
        rows["contact"][contact:] = 1
    others = np.zeros((len(ego), 0, 4)) if others is None else others
    count = others.shape[1]
    agents = np.zeros(len(ego) * count, AGENT_TICK)
    agents["tick"], agents["id"] = np.repeat(rows["tick"], count), np.tile(range(count), len(ego))
    for i, name in enumerate(("x", "y", "yaw", "v")):
        agents[name] = others[..., i].reshape(-1)
    agents["length"], agents["width"], agents["kind"] = *SIZE, kind
    return made_of(start, map, dt, rows, agents)


def made_of(start: Start, map: Map, dt: float, ego: NDArray, agents: NDArray) -> Episode:
    """An episode of rows without decisions, which ends with a contact or in time."""
    return Episode(
        start=start,
        outcome=Outcome.CONTACT if ego["contact"].any() else Outcome.TIMEOUT,
        failure="",
        map=map,
        size=np.array(SIZE),
        dt=dt,
        ego=ego,
        agents=agents,
        decisions=np.zeros(0, DECISION_TICK),
        checks=(),
        wall_seconds=0.0,
        digest="",
    )
