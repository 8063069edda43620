"""One logged episode as arrays: what is drawn, in the page and in videos."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.frames import to_frame
from drivestack.core.types import Bools, Floats
from drivestack.metrics.criticality.ttc import time_to_overlap
from drivestack.sim.parquet import Connection

from .reading import Columns, RunLog

_SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class StopLine:
    """A stop line of a traffic light.

    Attributes:
        light: its name. ends: left and right end, x and y [m].
        shown: ticks from which on a colour is shown.
    """

    light: str
    ends: list[list[float]]
    shown: list[tuple[int, str]]

    def colour(self, tick: int) -> str:
        """What is shown at a tick."""
        return next((colour for since, colour in reversed(self.shown) if since <= tick), "inactive")


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """What happened in an episode.

    Attributes:
        row: of episodes. ticks: columns of every tick. events, reasons: rows.
        frames: (F,) ticks at which the others are known. ids: (N,) kinds: N. size: (N, 2) [m].
        agents: (F, N, 4) x, y, yaw, v. present: (F, N).
        plans, candidates, routes, lights: columns.
        seconds: (T,) share of the wall time of each tick's decision [s], where decided.
    """

    row: dict[str, Any]
    ticks: Columns
    events: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    frames: NDArray[np.int32]
    ids: NDArray[np.int32]
    kinds: list[str]
    size: Floats
    agents: Floats
    present: Bools
    plans: Columns
    candidates: Columns
    routes: Columns
    lights: Columns
    seconds: Floats

    def ego_at(self, tick: NDArray) -> Floats:
        """(n, 3) x, y, yaw at some ticks."""
        place = np.searchsorted(self.ticks["tick"], tick)
        return np.stack([self.ticks[name][place] for name in ("x", "y", "yaw")], axis=-1)

    def stop_lines(self) -> list[StopLine]:
        """All stop lines with what their lights show."""
        of = self.lights
        bounds = [*np.flatnonzero(np.diff(of["line"], prepend=-1)).tolist(), len(of["line"])]
        found = []
        for first, end in pairwise(bounds):
            ends = [[float(of[f"{side}_{axis}"][first]) for axis in "xy"] for side in _SIDES]
            rows = range(first, end)
            shown = [(int(of["tick"][row]), str(of["colour"][row])) for row in rows]
            found.append(StopLine(str(of["light"][first]), ends, shown))
        return found

    def time_to_collision(self) -> Floats:
        """(F,) at constant velocities as boxes, the least of all others [s]; infinite if none."""
        worst = np.full(len(self.frames), np.inf)
        if not self.present.any():
            return worst
        frame, agent = np.nonzero(self.present)
        ego, other = self.ego_at(self.frames)[frame], self.agents[frame, agent]
        speed = self.ticks["v"][np.searchsorted(self.ticks["tick"], self.frames)][frame]
        pose = to_frame(other[:, :3], ego)
        along = other[:, 3]
        velocity = np.stack(
            [along * np.cos(pose[:, 2]) - speed, along * np.sin(pose[:, 2])], axis=-1
        )
        own = np.array([self.row["ego_length"], self.row["ego_width"]])
        np.minimum.at(worst, frame, time_to_overlap(pose, self.size[agent], own, velocity))
        return worst


def replay_of(
    log: RunLog, row: dict[str, Any], events: list[dict[str, Any]], connection: Connection
) -> Replay:
    """Read one episode.

    Args:
        row: of the episode. events: its own. connection: any.
    """
    number = row["episode"]

    def table(name: str, order: str) -> Columns:
        query = f"SELECT * FROM {{{name}}} WHERE episode = $1 ORDER BY {order}"
        return log.columns(query, connection, number)

    ticks, agents = table("ticks", "tick"), table("agents", "tick, id")
    frames = np.unique(np.concatenate([agents["tick"], ticks["tick"][::2], ticks["tick"][-1:]]))
    ids, first = np.unique(agents["id"], return_index=True)
    states = np.zeros((len(frames), len(ids), 4))
    present = np.zeros(states.shape[:2], np.bool_)
    at = np.searchsorted(frames, agents["tick"]), np.searchsorted(ids, agents["id"])
    states[at] = np.stack([agents[name] for name in ("x", "y", "yaw", "v")], axis=-1)
    present[at] = True
    timing = table("timing", "tick")
    seconds = np.zeros(len(ticks["tick"]))
    seconds[np.searchsorted(ticks["tick"], timing["tick"])] = timing["seconds"] / timing["slots"]
    return Replay(
        row=row,
        ticks=ticks,
        events=events,
        reasons=_reasons(log, number, connection),
        frames=frames.astype(np.int32),
        ids=ids.astype(np.int32),
        kinds=[str(kind) for kind in agents["kind"][first]],
        size=np.stack([agents["length"][first], agents["width"][first]], axis=-1).astype(float),
        agents=states,
        present=present,
        plans=_with_lists(log, "plans", "tick", number, connection),
        candidates=_with_lists(log, "candidates", "tick, candidate", number, connection),
        routes=table("routes", "tick, point"),
        lights=table("lights", "line, tick"),
        seconds=seconds,
    )


def _reasons(log: RunLog, number: int, connection: Connection) -> list[dict[str, Any]]:
    """Rows of the table of reasons, in the order of the measures."""
    names = ("measure", "value", "tick", "object", "measured", "bound", "sentence")
    query = f"SELECT {', '.join(names)} FROM {{reasons}} WHERE episode = $1"
    rows = connection.execute(query.format_map(log.tables()), [number]).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _with_lists(
    log: RunLog, table: str, order: str, number: int, connection: Connection
) -> Columns:
    """A table in which lists are (n, S) arrays; fetched as S columns, which is much faster."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {log.tables()[table]}").fetchall()
    lists = [name for name, kind, *_ in described if kind.endswith("[]")]
    sizes = ", ".join(f"max(len({name}))" for name in lists)
    query = f"SELECT {sizes} FROM {{{table}}} WHERE episode = $1"
    (longest,) = connection.execute(query.format_map(log.tables()), [number]).fetchall()
    size = {name: n or 0 for name, n in zip(lists, longest, strict=True)}
    parts = [f'{name}[{i + 1}] AS "{name} {i}"' for name in lists for i in range(size[name])]
    plain = [name for name, *_ in described if name not in lists]
    query = (f"SELECT {', '.join([*plain, *parts])} FROM {{{table}}} WHERE episode = $1 "
             f"ORDER BY {order}")  # fmt: skip
    found = log.columns(query, connection, number)
    joined = {name: found[name] for name in plain}
    for name in lists:
        columns = [found[f"{name} {i}"] for i in range(size[name])]
        rows = len(joined["tick"])
        joined[name] = np.stack(columns, axis=-1) if columns else np.zeros((rows, 0))
    return joined
