"""The sink that turns ticks into episodes: rows by scenario, and their digest."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import compile_seconds
from drivestack.core.episode import (
    AGENT_TICK,
    CUE_TIMES,
    DECISION_TICK,
    EGO_TICK,
    MONITOR_TICK,
    PLAN_CHANGE,
    Episode,
    Outcome,
    failed_bits,
)
from drivestack.core.frames import wrapped
from drivestack.core.start import Start
from drivestack.core.types import Bools, Decision, Ints, Plan, Scene
from drivestack.metrics.plan_change import plan_changes
from drivestack.roads.mirror import to_iso

from .deliberations import Deliberations
from .monitored import Monitored
from .runner import DRIVEN, NOBODY

_BLOCK = 64
"""Ticks kept as records before they are turned into rows."""


@dataclass(slots=True, eq=False)
class _Rows:
    """What is known of an unfinished episode."""

    ego: list[NDArray] = field(default_factory=list)
    agents: list[NDArray] = field(default_factory=list)
    decisions: list[NDArray] = field(default_factory=list)
    plan_changes: list[NDArray] = field(default_factory=list)
    last: tuple[Scene, int] | None = None
    """The scene of the last tick, and the slot there."""
    wall_seconds: float = 0.0


class Recorder:
    """Collects a queue of scenarios and hands over every finished `Episode`."""

    def __init__(self, starts: Sequence[Start], on_episode: Callable[[int, Episode], None]) -> None:
        self._starts = starts
        self._on_episode = on_episode
        self._open: dict[int, _Rows] = {}
        self._pending: list[tuple[Ints, Scene, Decision | None]] = []
        self._before: tuple[Ints, Plan] | None = None
        self._deliberations, self._monitored = Deliberations(), Monitored()
        self._last = _driving_clock()
        self.checks: tuple[str, ...] = ()
        self.seconds: dict[str, float] = {}

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Keep the records of a tick; they are immutable, so nothing is copied here."""
        self._pending.append((slots.copy(), scene, decision))
        numbers = slots[slots != NOBODY].tolist()
        now = _driving_clock()
        for number in numbers:
            rows = self._open.setdefault(number, _Rows())
            rows.wall_seconds += (now - self._last) / len(numbers)
        self._last = now
        if decision is not None:
            self.checks = decision.verdict.names
            for stage, seconds in decision.seconds.items():
                self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
        if len(self._pending) >= _BLOCK:
            self._flush()

    def on_end(self, slot: int, outcome: Outcome, failure: str = "") -> None:
        """Hand over the episode of a queue number."""
        self._flush()
        rows = self._open.pop(slot, _Rows())
        start = self._starts[slot]
        ego, agents = _joined(rows.ego, EGO_TICK), _joined(rows.agents, AGENT_TICK)
        decisions = _joined(rows.decisions, DECISION_TICK)
        digest = hashlib.sha256()
        for part in (ego, agents, decisions):
            digest.update(part.tobytes())
        body = start.bodies[int(start.slot["ego"][0])]
        episode = Episode(
            start=start,
            outcome=outcome,
            failure=failure,
            map=to_iso(start.map),
            size=np.array([body["length"], body["width"]]),
            dt=1.0 / start.rates.physics,
            ego=ego,
            agents=agents,
            decisions=decisions,
            checks=self.checks,
            wall_seconds=rows.wall_seconds,
            digest=digest.hexdigest(),
            plan_changes=_joined(rows.plan_changes, PLAN_CHANGE),
            deliberation=self._deliberations.taken(slot),
            cues=_cue_times(rows.last)[: len(start.script.names)],
            monitored=_joined(self._monitored.taken(slot), MONITOR_TICK),
        )
        self._on_episode(slot, episode)

    def drop(self) -> None:
        """Forget all unfinished episodes (their batch has failed)."""
        self._pending.clear()
        self._open.clear()
        self._deliberations.drop()
        self._monitored.drop()
        self._before = None
        self._last = _driving_clock()

    def _flush(self) -> None:
        """Turn the pending records into rows of their episodes."""
        for slots, scene, decision in self._pending:
            ego, agents = _ego_rows(scene), _agent_rows(scene)
            made = None if decision is None else _decision_rows(scene, decision)
            self._compare_plans(slots, scene, decision)
            self._keep_deliberation(slots, scene, decision)
            for slot in np.flatnonzero(slots != NOBODY).tolist():
                number = int(slots[slot])
                rows = self._open[number]
                rows.ego.append(ego[slot : slot + 1])
                rows.agents.append(agents[slot])
                rows.last = scene, slot
                if made is not None and self._is_driven(number):
                    rows.decisions.append(made[slot : slot + 1])
        decided = [(slots, scene, made) for slots, scene, made in self._pending if made is not None]
        self._monitored.keep(decided, self._is_driven)
        self._pending.clear()

    def _is_driven(self, number: int) -> bool:
        """Whether a stack drives the scenario of a queue number."""
        return self._starts[number].ego_kind in DRIVEN

    def _keep_deliberation(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Keep what was considered for the scenarios that a stack drives."""
        if decision is None:
            return
        driven = [n != NOBODY and self._is_driven(n) for n in slots.tolist()]
        rows = np.flatnonzero(driven)
        self._deliberations.keep(slots[rows], rows, scene, decision)

    def _compare_plans(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """Keep how the plans in force differ from those before, where they do."""
        if decision is None:
            return
        before, self._before = self._before, (slots, decision.plan)
        if before is None or before[1] is decision.plan:
            return
        same: Bools = (before[0] == slots) & (slots != NOBODY)
        changes, compared = plan_changes(before[1], decision.plan, scene.dt, same)
        for slot in np.flatnonzero(compared).tolist():
            number = int(slots[slot])
            if self._is_driven(number):
                self._open[number].plan_changes.append(changes[slot : slot + 1])


def _driving_clock() -> float:
    """Wall time [s] without what was spent on compiling."""
    return time.perf_counter() - compile_seconds()


def _joined(parts: list[NDArray], dtype: np.dtype) -> NDArray:
    """Packed rows end to end, by bytes: concatenating tables field by field is slow."""
    return np.frombuffer(b"".join(part.tobytes() for part in parts), dtype)


def _ego_rows(scene: Scene) -> NDArray:
    """(B,) `EGO_TICK`."""
    rows = np.zeros(len(scene.tick), EGO_TICK)
    rows["tick"], rows["lane"] = scene.tick, scene.ego_lane
    rows["contact"], rows["crashed"] = scene.contact, scene.crashed
    rows["contact_side"], rows["contact_with"] = scene.contact_side, scene.contact_with
    rows["x"], rows["y"], rows["yaw"], rows["v"] = scene.ego.state.T
    rows["yaw"] = wrapped(rows["yaw"])
    rows["accel"], rows["steer"] = scene.ego.accel, scene.ego.steer
    return rows


def _agent_rows(scene: Scene) -> list[NDArray]:
    """B tables of `AGENT_TICK`, one row an agent that is there, by id."""
    agents = scene.agents
    present = agents.valid[:, :, -1]
    slot, place = np.nonzero(present)
    by_id = np.lexsort((agents.id[slot, place], slot))
    at = slot[by_id], place[by_id]
    rows = np.zeros(len(slot), AGENT_TICK)
    rows["tick"] = scene.tick[slot]  # slots stand in order, before and after
    rows["id"], rows["kind"] = agents.id[at], agents.kind[at]
    rows["crashed"] = scene.agent_crashed[at]
    rows["x"], rows["y"], rows["yaw"], rows["v"] = agents.state[..., -1, :][at].T
    rows["yaw"] = wrapped(rows["yaw"])
    rows["length"], rows["width"] = agents.size[at].T
    return np.split(rows, np.cumsum(present.sum(axis=1))[:-1])


def _cue_times(last: tuple[Scene, int] | None) -> NDArray:
    """(E,) `CUE_TIMES` of a slot as they stand in a scene."""
    if last is None:
        return np.zeros(0, CUE_TIMES)
    scene, slot = last
    times = np.zeros(scene.cue_fired.shape[1], CUE_TIMES)
    times["fired"], times["over"] = scene.cue_fired[slot], scene.cue_over[slot]
    times["began"], times["ended"] = scene.cue_began[slot], scene.cue_ended[slot]
    return times


def _decision_rows(scene: Scene, decision: Decision) -> NDArray:
    """(B,) `DECISION_TICK`; the decision was made one tick before the scene."""
    rows = np.zeros(len(scene.tick), DECISION_TICK)
    plan, intervention = decision.plan, decision.intervention
    rows["tick"], rows["planned"] = scene.tick - 1, decision.planned
    rows["plan_tick"], rows["plan_source"] = plan.tick, plan.source
    rows["chosen"], rows["status"] = plan.chosen, decision.tracking.status
    rows["filtering"], rows["check"] = intervention.kind, intervention.check
    own, check = np.arange(len(rows)), np.maximum(intervention.check, 0)
    of, none = decision.verdict, intervention.check < 0
    about = of.has_object[own, check] & ~none
    rows["object"] = np.where(about, of.object[own, check], -1)
    rows["value"] = np.where(none, 0.0, of.value[own, check])
    rows["limit"] = np.where(none, 0.0, of.limit[own, check])
    rows["accel_commanded"], rows["steer_commanded"] = intervention.commanded.T
    rows["accel_filtered"], rows["steer_filtered"] = intervention.filtered.T
    rows["failed"] = failed_bits(of.failed)
    rows["score"] = decision.scores.total.max(axis=1)
    return rows
