"""From an episode to rows of the log: what is kept, at which rate, under which names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Episode, Outcome
from drivestack.core.start import Start
from drivestack.core.tables import Kind, Plant, Side
from drivestack.core.types import Filtering, PlanSource, Status
from drivestack.metrics import OPTIONAL, measured
from drivestack.scenario import failed_expectations

from .driver import Driver

Columns = dict[str, NDArray]
"""A table as columns of equal length."""


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeRows:
    """One finished episode, ready for the log.

    Attributes:
        number: in the queue. summary: its row of `episodes`. ticks, agents: its rows.
        events: what happened, in order.
    """

    number: int
    summary: dict[str, Any]
    ticks: Columns
    agents: Columns
    events: list[dict[str, Any]]


def group_of(start: Start) -> str:
    """What a scenario is listed under: the highway-env scene, else the name of its map."""
    return start.reference.env_id if start.reference else start.map.name


def rows_of(number: int, episode: Episode, driver: Driver, backend: str) -> EpisodeRows:
    """Everything the log keeps of an episode."""
    return EpisodeRows(
        number=number,
        summary=_summary(number, episode, driver, backend),
        ticks=_ticks(number, episode),
        agents=_agents(number, episode),
        events=_events(number, episode),
    )


def _summary(number: int, episode: Episode, driver: Driver, backend: str) -> dict[str, Any]:
    start = episode.start
    measures: dict[str, Any] = dict.fromkeys(OPTIONAL) | measured(episode)
    for flag in ("contact", "crashed", "at_fault", "goal_reached", "has_goal"):
        measures[flag] = bool(measures[flag])
    reference = start.reference
    return {
        "episode": number,
        "scenario": start.scenario,
        "seed": start.seed,
        "scene": group_of(start),
        "outcome": episode.outcome.value,
        "failure": episode.failure,
        **measures,
        **_expectations(episode, measures),
        "ticks": max(len(episode.ego) - 1, 0),
        "dt": episode.dt,
        "physics": start.physics.value,
        "ego_kind": start.ego_kind.value,
        "stack": driver.stack,
        "controller": driver.controller,
        "plant": Plant(int(start.slot["plant"][0])).name.lower(),
        "plan_latency": driver.latency.plan,
        "control_latency": driver.latency.control,
        "backend": backend,
        "env_id": reference.env_id if reference else "",
        "env_version": reference.version if reference else "",
        "physics_hz": start.rates.physics,
        "control_hz": start.rates.control,
        "plan_hz": start.rates.plan,
        "ego_length": float(episode.size[0]),
        "ego_width": float(episode.size[1]),
        "digest": episode.digest,
        "wall_seconds": episode.wall_seconds,
        "source": start.source,
        "resolved": start.resolved,
    }


def _expectations(episode: Episode, measures: dict[str, Any]) -> dict[str, str]:
    """`expectations`: none, met or failed; `unmet`: a clause for each that failed.

    An episode that raised meets nothing, whatever it was measured to be until then.
    """
    unmet = failed_expectations(episode.start.resolved, measures)
    if unmet is None:
        return {"expectations": "none", "unmet": ""}
    if episode.outcome is Outcome.FAILED:
        unmet = ("the episode did not finish",)
    return {"expectations": "failed" if unmet else "met", "unmet": "; ".join(unmet)}


def named(codes: NDArray, names: type[IntEnum]) -> NDArray:
    """The lower-case names of enum numbers, as strings."""
    table = {int(member): member.name.lower() for member in names}
    return np.array([table[code] for code in codes.tolist()], dtype=object)


def _ticks(number: int, episode: Episode) -> Columns:
    """One row a tick: the ego, and what was decided at this tick (`decided` says whether)."""
    ego, made = episode.ego, episode.decisions
    n = len(ego)
    columns: Columns = {"episode": np.full(n, number, np.int32)}
    for name in ("tick", "x", "y", "yaw", "v", "accel", "steer", "lane", "contact_with"):
        columns[name] = np.ascontiguousarray(ego[name])
    columns["contact"] = ego["contact"].astype(np.bool_)
    columns["crashed"] = ego["crashed"].astype(np.bool_)
    columns["contact_side"] = named(ego["contact_side"], Side)
    at = np.searchsorted(made["tick"], ego["tick"])
    found = np.minimum(at, max(len(made) - 1, 0))
    decided = np.zeros(n, np.bool_) if len(made) == 0 else made["tick"][found] == ego["tick"]
    filled = np.zeros(n, made.dtype)
    filled[decided] = made[found[decided]]
    columns["decided"] = decided
    columns["planned"] = filled["planned"].astype(np.bool_)
    for name in (
        "accel_commanded",
        "steer_commanded",
        "accel_filtered",
        "steer_filtered",
        "plan_tick",
        "chosen",
        "score",
    ):
        columns[name] = np.ascontiguousarray(filled[name])
    columns["plan_source"] = named(filled["plan_source"], PlanSource)
    columns["status"] = named(filled["status"], Status)
    columns["filtering"] = named(filled["filtering"], Filtering)
    return columns


def _agents(number: int, episode: Episode) -> Columns:
    """Every agent at the planning ticks and at the last tick; single precision is 1 mm at 10 km."""
    rates = episode.start.rates
    agents = episode.agents
    last = episode.ego["tick"][-1] if len(episode.ego) else 0
    kept = agents[(agents["tick"] % (rates.physics // rates.plan) == 0) | (agents["tick"] == last)]
    columns: Columns = {"episode": np.full(len(kept), number, np.int32)}
    columns["tick"] = np.ascontiguousarray(kept["tick"])
    columns["id"] = np.ascontiguousarray(kept["id"])
    columns["kind"] = named(kept["kind"], Kind)
    for name in ("x", "y", "yaw", "v", "length", "width"):
        columns[name] = kept[name].astype(np.float32)
    columns["crashed"] = kept["crashed"].astype(np.bool_)
    return columns


def _events(number: int, episode: Episode) -> list[dict[str, Any]]:
    """Contacts, the first tick of every spell of interventions or fallback plans, the end."""
    events: list[dict[str, Any]] = []
    made = episode.decisions
    for field, kinds, quiet in (
        ("filtering", Filtering, Filtering.PASSED),
        ("plan_source", PlanSource, PlanSource.CANDIDATE),
    ):
        for first, length in _spells(made[field] if len(made) else np.zeros(0, np.int32), quiet):
            row = made[first]
            event = {"tick": int(row["tick"]), "event": kinds(int(row[field])).name.lower()}
            if field == "filtering" and row["check"] >= 0:
                event["check"] = episode.checks[int(row["check"])]
            events.append({**event, "decisions": length})
    touching = np.flatnonzero(episode.ego["contact"])
    if len(touching):
        row = episode.ego[touching[0]]
        side = Side(int(row["contact_side"])).name.lower()
        with_id = int(row["contact_with"])
        events.append({"tick": int(row["tick"]), "event": "contact", "side": side, "with": with_id})
    events.sort(key=lambda event: event["tick"])
    last = int(episode.ego["tick"][-1]) if len(episode.ego) else 0
    end: dict[str, Any] = {"tick": last, "event": "end", "outcome": episode.outcome.value}
    if episode.failure:
        end["failure"] = episode.failure
    return [{"episode": number, **event} for event in (*events, end)]


def _spells(values: NDArray, quiet: int) -> list[tuple[int, int]]:
    """First index and length of every run of equal values other than `quiet`."""
    if len(values) == 0:
        return []
    edges = np.flatnonzero(np.diff(values)) + 1
    firsts = [0, *edges.tolist()]
    lengths = np.diff([*firsts, len(values)]).tolist()
    pairs = zip(firsts, lengths, strict=True)
    return [(first, length) for first, length in pairs if values[first] != quiet]
