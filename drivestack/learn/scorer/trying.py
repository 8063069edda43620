"""Tries candidates of a drive in forks of the world, and notes what a scorer would be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.described import described
from drivestack.behavior.features import tokens_of
from drivestack.behavior.origin import Origin
from drivestack.behavior.scorers.appraised import TOLD, no_goal
from drivestack.behavior.scorers.pdm_lane import CLEAR, SPEED, PdmLane
from drivestack.behavior.scorers.terms import COMFORT, DAC, DDC, EP, NC, TTC
from drivestack.behavior.scorers.witnessed import Witness
from drivestack.core.protocols import Controller, Doubtful
from drivestack.core.rng import stream
from drivestack.core.rows import take_rows
from drivestack.core.start import Start
from drivestack.core.types import Candidates, Decision, Goal, Ints, Observation, Route, Scores
from drivestack.core.witness import Witnessed
from drivestack.expert.trying import tried
from drivestack.learn.moments import moments_of
from drivestack.sim.rollout import Rollout

from .onward import PdmLaneOnward
from .reaching import reached
from .trials import MOST, Trials


@dataclass(frozen=True, slots=True)
class Trying:
    """What is tried, and how it is judged.

    Attributes:
        follows: tracks the chunks. delay: of the actuators [steps]. rules: whose terms a scorer is
        told. judge: of what came of it.
    """

    follows: Controller
    delay: int
    rules: PdmLane = field(default_factory=lambda: TOLD)
    judge: Witness = field(default_factory=Witness)

    def tried(
        self,
        world: Doubtful,
        slots: NDArray[np.intp],
        held: Observation,
        route: Route,
        goal: Goal,
        candidates: Candidates,
    ) -> tuple[Scores, NDArray[np.float32]]:
        """What came of the candidates (B, M) of some slots, and what a scorer is told of them."""
        batch, count = candidates.valid.shape
        drawn = world.gather([(world, int(slot)) for slot in slots])
        drawn.redraw(held.tracks, [_draw(held, row) for row in range(batch)])
        each = np.repeat(np.arange(batch), count)
        onward = PdmLaneOnward(take_rows(held, each), take_rows(goal, each), take_rows(route, each))
        witnessed = tried(
            drawn.fork(count),
            held,
            candidates.states,
            candidates.controls,
            float(candidates.dt[0]),
            candidates.valid,
            self.follows,
            self.delay,
            onward,
        )
        chunks = described(held, candidates, self.rules.score(held, route, candidates))
        scores = _both(self.judge, held, route, witnessed, candidates.states.shape[2])
        return scores, chunks


def _both(judge: Witness, held: Observation, route: Route, seen: Witnessed, steps: int) -> Scores:
    """The chunk's own comfort and limits; contacts, road, time to collision, progress of all."""
    whole = judge.judge(held, route, seen)
    own = judge.judge(held, route, _first(seen, steps + 1))
    terms = own.terms.copy()
    terms[..., NC], terms[..., EP] = whole.terms[..., NC], reached(held, route, seen)
    terms[..., TTC] = np.minimum(own.terms[..., TTC], 0.5 + 0.5 * whole.terms[..., TTC])
    return replace(own, terms=terms, total=np.minimum(own.total, np.where(
        whole.terms[..., NC] > 0.0, 1.0, whole.total)))  # fmt: skip


def _first(seen: Witnessed, frames: int) -> Witnessed:
    return replace(
        seen,
        ego=np.ascontiguousarray(seen.ego[:, :, :frames]),
        accel=np.ascontiguousarray(seen.accel[:, :, :frames]),
        state=np.ascontiguousarray(seen.state[:, :, :, :frames]),
        there=np.ascontiguousarray(seen.there[:, :, :, :frames]),
    )


def _draw(seen: Observation, row: int) -> np.random.Generator:
    where = seen.ego.state[row].tobytes().hex()
    return stream("trial", where, int(seen.tick[row]))


class Trialling:
    """A brancher that tries the candidates of the stack that drives.

    Args:
        starts: of the scenarios. group: their number. every, phase: moments [ticks].
    """

    def __init__(
        self, trying: Trying, starts: Sequence[Start], group: int, every: int, phase: int
    ) -> None:
        self._trying, self._starts, self._group = trying, starts, group
        self._every, self._phase = every, phase
        self.found: list[Trials] = []

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Try the candidates of the scenarios whose moment it is."""
        now = moments_of(slots, rollout, decision, self._every, self._phase)
        if now is None:
            return
        rows, held, route, goal = now
        some = chosen(take_rows(decision.candidates, rows), held)
        world = cast(Doubtful, rollout.world)
        scores, chunks = self._trying.tried(world, rows, held, route, goal, some)
        numbers = slots[rows]
        terms = scores.terms
        rules = terms[..., DDC] * terms[..., CLEAR] * terms[..., SPEED]
        outcome = [terms[..., m] for m in (NC, DAC, TTC, EP, COMFORT)] + [rules]
        self.found.append(
            Trials(
                tokens=tokens_of(held, route, no_goal(len(rows))),
                chunks=chunks,
                outcome=np.stack(outcome, axis=2).astype(np.float32),
                total=scores.total.astype(np.float32),
                source=some.source,
                tried=some.valid,
                group=np.full(len(rows), self._group, np.int32),
                seed=np.array([self._starts[n].seed for n in numbers], np.int32),
                tick=held.tick.astype(np.int32),
            )
        )


def chosen(candidates: Candidates, held: Observation) -> Candidates:
    """M of the candidates: all that were learned or kept, and some of the rules, drawn."""
    batch = len(held.tick)
    rows = np.zeros((batch, MOST), np.intp)
    valid = np.zeros((batch, MOST), np.bool_)
    for b in range(batch):
        own = candidates.valid[b] & (candidates.source[b] != Origin.RULES)
        first = np.flatnonzero(own)[:MOST]
        (rest,) = np.nonzero(candidates.valid[b] & (candidates.source[b] == Origin.RULES))
        drawn = _draw(held, b).permutation(rest)[: MOST - len(first)]
        some = np.concatenate([first, drawn])
        rows[b, : len(some)], valid[b, : len(some)] = some, True
    pick = np.arange(batch)[:, None], rows
    return Candidates(
        states=candidates.states[pick],
        controls=candidates.controls[pick],
        source=candidates.source[pick],
        valid=valid,
        dt=candidates.dt,
    )
