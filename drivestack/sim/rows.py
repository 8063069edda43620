"""From an episode to rows of the log: what is kept, at which rate, under which names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Episode, Outcome, Reason, ReferenceRun, failed_checks
from drivestack.core.start import Start
from drivestack.core.tables import Kind, Plant, Side
from drivestack.core.types import Filtering, PlanSource, Status
from drivestack.metrics.duty import Standing, standing_of
from drivestack.metrics.judge import FLAGS, absent, judged
from drivestack.roads.outline import Outline, outline
from drivestack.safety.faults import NAMES as FAULTS
from drivestack.scenario import failed_expectations

from .considered import Columns, considered, optional
from .driver import Driver
from .handover import handover_of
from .interventions.fate import Mishap, fate_of
from .interventions.judging import judged_spells
from .interventions.near_miss import clean
from .interventions.table import intervention_rows
from .lights_log import light_rows
from .monitored import monitor_rows
from .runner import DRIVEN
from .script_log import exercised, script_events


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeRows:
    """One finished episode, ready for the log.

    Attributes:
        number: in the queue. summary: its row of `episodes`. tables: its rows of every other table.
        map: the lines of its map, for the table of maps, and their digest.
        events: what happened, in order.
    """

    number: int
    summary: dict[str, Any]
    tables: dict[str, Columns]
    map: Outline
    events: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What made an episode, besides its scenario.

    Attributes:
        driver: who drove. backend: a name. reference: what its progress is compared with.
    """

    driver: Driver
    backend: str
    reference: ReferenceRun | None


def group_of(start: Start) -> str:
    """What a scenario is listed under: the highway-env scene, else the name of its map."""
    return start.reference.env_id if start.reference else start.map.name


def rows_of(number: int, episode: Episode, made_by: MadeBy) -> EpisodeRows:
    """Everything the log keeps of an episode."""
    reasons = judged(episode, made_by.reference)
    return EpisodeRows(
        number=number,
        summary=_summary(number, episode, made_by, reasons),
        tables={
            "ticks": _ticks(number, episode),
            "agents": _agents(number, episode),
            "reasons": _reasons(number, episode, reasons),
            **considered(number, episode.deliberation),
            "lights": light_rows(number, episode),
            "interventions": intervention_rows(number, judged_spells(episode)),
            "monitors": monitor_rows(number, episode),
        },
        map=outline(episode.map),
        events=_events(number, episode),
    )


def _summary(
    number: int, episode: Episode, made_by: MadeBy, reasons: Sequence[Reason]
) -> dict[str, Any]:
    start, driver, compared = episode.start, made_by.driver, made_by.reference
    values = {reason.measure: reason.value for reason in reasons}
    progress = values["route_progress_m"] or 0.0
    measures: dict[str, Any] = values | {flag: bool(values[flag]) for flag in FLAGS}
    reference = start.reference
    return {
        "episode": number,
        "scenario": start.scenario,
        "seed": start.seed,
        "scene": group_of(start),
        "outcome": episode.outcome.value,
        "failure": episode.failure,
        **measures,
        "exercised": _word(exercised(episode)),
        **_duty(episode),
        **_mishap(episode),
        "clean_seconds": _clean_seconds(episode) if driver.shadow else None,
        "absent": ", ".join(absent(values)),
        "reference": compared.name if compared else "",
        "reference_progress_m": compared.against(progress) if compared else None,
        **_expectations(episode, measures),
        "ticks": max(len(episode.ego) - 1, 0),
        "dt": episode.dt,
        "physics": start.physics.value,
        "ego_kind": start.ego_kind.value,
        "stack": driver.stack if start.ego_kind in DRIVEN else "",
        "controller": driver.controller if start.ego_kind in DRIVEN else "",
        "plant": Plant(int(start.slot["plant"][0])).name.lower(),
        "plan_latency": driver.latency.plan,
        "control_latency": driver.latency.control,
        "backend": made_by.backend,
        "env_id": reference.env_id if reference else "",
        "env_version": reference.version if reference else "",
        "physics_hz": start.rates.physics,
        "control_hz": start.rates.control,
        "plan_hz": start.rates.plan,
        "ego_length": float(episode.size[0]),
        "ego_width": float(episode.size[1]),
        "map": outline(episode.map).digest,
        "score_terms": ", ".join(episode.deliberation.terms),
        "digest": episode.digest,
        "wall_seconds": episode.wall_seconds,
        "source": start.source,
        "resolved": start.resolved,
    }


def _duty(episode: Episode) -> dict[str, str]:
    """`duty`: what the case was; `duty_met`: whether contact was avoided where it had to be."""
    standing = standing_of(episode)
    avoided = episode.outcome not in (Outcome.CONTACT, Outcome.FAILED)
    met = avoided if standing is Standing.MUST_AVOID else None
    return {"duty": standing.value, "duty_met": _word(met)}


def _word(known: bool | None) -> str:
    """`yes`, `no`, or empty where there is nothing to say."""
    return "" if known is None else ("yes" if known else "no")


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


def _clean_seconds(episode: Episode) -> float:
    """Driving without a near miss [s]."""
    return float(clean(episode)[1:].sum()) * episode.dt if len(episode.ego) else 0.0


def _mishap(episode: Episode) -> dict[str, Any]:
    """The contact it ended with, or that it left the road sideways, and how hard it was."""
    fate = fate_of(episode, 0, len(episode.ego)) if len(episode.ego) else None
    hit = fate is not None and fate.mishap is Mishap.CONTACT
    return {
        "mishap": fate.mishap.value if fate else Mishap.NONE.value,
        "impact_delta_v": fate.delta_v if fate and hit else None,
    }


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
    checks = np.array([*episode.checks, ""], dtype=object)
    acted = filled["filtering"] != Filtering.PASSED
    columns["check"] = checks[np.where(acted, filled["check"], -1)]
    columns["failed_checks"] = _named_bits(filled, episode.checks)
    for name in ("value", "limit"):
        columns[f"check_{name}"] = np.ma.MaskedArray(filled[name], ~acted)
    columns["check_object"] = np.where(acted, filled["object"], -1).astype(np.int32)
    return columns


def _named_bits(made: NDArray, checks: tuple[str, ...]) -> NDArray:
    """The names of the checks that failed, with commas between them, of every decision."""
    bits, at = np.unique(made["failed"], axis=0, return_inverse=True)
    rows = np.zeros(len(bits), made.dtype)
    rows["failed"] = bits
    texts = [
        ", ".join(name for name, failed in zip(checks, row, strict=False) if failed)
        for row in failed_checks(rows)
    ]
    return np.array([*texts, ""], dtype=object)[at.reshape(-1)]


def _faults(made: NDArray, checks: tuple[str, ...]) -> list[dict[str, Any]]:
    """The first tick of every spell of a fault of what the layer was given."""
    failed, events = failed_checks(made), []
    for number, name in enumerate(checks):
        if name not in FAULTS or not failed[:, number].any():
            continue
        for first, length in _spells(failed[:, number].astype(np.int32), 0):
            tick = int(made["tick"][first])
            events.append({"tick": tick, "event": "fault", "fault": name, "decisions": length})
    return events


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


def _reasons(number: int, episode: Episode, reasons: Sequence[Reason]) -> Columns:
    """One row a measure: its value and what decided it; what there is not is masked."""
    kinds = dict(zip(episode.agents["id"].tolist(), episode.agents["kind"].tolist(), strict=True))
    objects = [reason.object for reason in reasons]
    ticks = [reason.tick for reason in reasons]
    return {
        "episode": np.full(len(reasons), number, np.int32),
        "measure": np.array([reason.measure for reason in reasons], dtype=object),
        "value": optional([reason.value for reason in reasons], np.float64),
        "tick": optional(ticks, np.int32),
        "time": optional([None if t is None else t * episode.dt for t in ticks], np.float64),
        "object": optional(objects, np.int32),
        "kind": np.array(
            [Kind(kinds[n]).name.lower() if n in kinds else "" for n in objects], dtype=object
        ),
        "measured": optional([reason.measured for reason in reasons], np.float64),
        "bound": optional([reason.bound for reason in reasons], np.float64),
        "sentence": np.array([reason.sentence for reason in reasons], dtype=object),
    }


def _events(number: int, episode: Episode) -> list[dict[str, Any]]:
    """Contacts, the hand-over of traffic, the first tick of every spell of interventions or
    fallback plans, the end."""
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
                event |= _intervention(row, episode.checks)
            events.append({**event, "decisions": length})
    events += _faults(made, episode.checks)
    touching = np.flatnonzero(episode.ego["contact"])
    if len(touching):
        row = episode.ego[touching[0]]
        side = Side(int(row["contact_side"])).name.lower()
        with_id = int(row["contact_with"])
        events.append({"tick": int(row["tick"]), "event": "contact", "side": side, "with": with_id})
    left = handover_of(episode)
    if left is not None:
        events.append({"tick": left.tick, "event": "handover", "distance": left.distance})
    events += script_events(episode)
    events.sort(key=lambda event: event["tick"])
    last = int(episode.ego["tick"][-1]) if len(episode.ego) else 0
    end: dict[str, Any] = {"tick": last, "event": "end", "outcome": episode.outcome.value}
    if episode.failure:
        end["failure"] = episode.failure
    return [{"episode": number, **event} for event in (*events, end)]


def _intervention(row: np.void, checks: tuple[str, ...]) -> dict[str, Any]:
    """Why the filter acted, and what it made of the control (acceleration, steering angle)."""
    found: dict[str, Any] = {"check": checks[int(row["check"])]}
    for name in ("value", "limit"):
        if math.isfinite(row[name]):
            found[name] = float(row[name])
    if row["object"] >= 0:
        found["object"] = int(row["object"])
    for name in ("commanded", "filtered"):
        found[name] = [float(row[f"accel_{name}"]), float(row[f"steer_{name}"])]
    return found


def _spells(values: NDArray, quiet: int) -> list[tuple[int, int]]:
    """First index and length of every run of equal values other than `quiet`."""
    if len(values) == 0:
        return []
    edges = np.flatnonzero(np.diff(values)) + 1
    firsts = [0, *edges.tolist()]
    lengths = np.diff([*firsts, len(values)]).tolist()
    pairs = zip(firsts, lengths, strict=True)
    return [(first, length) for first, length in pairs if values[first] != quiet]
