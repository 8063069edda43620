"""The oracle: tries manoeuvres in forks of the world and advises the one that turned out best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.arrays import check_fields
from drivestack.core.protocols import Controller, Doubtful, Judge, Proposer, Scorer
from drivestack.core.rng import stream
from drivestack.core.rows import take_rows
from drivestack.core.types import Bools, Candidates, Floats, Goal, Ints, Observation, Route

from .picking import best_different
from .trying import tried


@dataclass(frozen=True, slots=True, eq=False)
class Advice:
    """What the oracle says of B states.

    Attributes:
        candidates: all K that were proposed.
        number: (B, M) of those that were tried, best by the screen first; -1: none.
        value: (B, M) what came of them in [0, 1], larger is better; 0 where none was tried. Of
        finalists, one of whom is the best: over all samples; of the others: in one.
        best: (B,) the candidate advised; -1: nothing was proposed.
    """

    candidates: Candidates
    number: Ints
    value: Floats
    best: Ints

    def __post_init__(self) -> None:
        check_fields(
            self,
            {"number": ("B M", np.int32), "value": ("B M", np.float64), "best": ("B", np.int32)},
        )


@dataclass(frozen=True, slots=True)
class Oracle:
    """Screens K manoeuvres by a rule scorer, and drives the best ones in forks.

    Attributes:
        proposer: of manoeuvres. screen: scores them against a forecast. judge: scores what came of
        them. follows: tracks them. delay: of the actuators [steps of a chunk].
        most: M that are tried. alike: of two that differ by no more [m] one is tried. Our choice.
        samples: how often the hidden state is drawn anew, at least 2. finalists: how many of those
        that did best in the first sample are driven in the others; all of them would take twice the
        time. tail: weight of the worst sample against their mean. Our choice.
    """

    proposer: Proposer
    screen: Scorer
    judge: Judge
    follows: Controller
    delay: int = 0
    most: int = 16
    alike: float = 0.5
    samples: int = 4
    finalists: int = 6
    tail: float = 0.5

    def advise(
        self,
        world: Doubtful,
        slots: NDArray[np.intp],
        observation: Observation,
        route: Route,
        goal: Goal,
    ) -> Advice:
        """Try manoeuvres from the present state of some slots; the world is left as it is.

        Args:
            slots: (B,) of the world. observation, route, goal: theirs, as a planner has them.
        """
        proposed = self.proposer.propose(observation, route, goal)
        total = self.screen.score(observation, route, proposed).total
        number = best_different(proposed.states, proposed.valid, total, self.most, self.alike)
        value, final = self._values(world, slots, observation, route, proposed, number)
        place = np.argmax(np.where(final, value, -1.0), axis=1)
        best = number[np.arange(len(slots)), place]
        return Advice(proposed, number.astype(np.int32), value, best.astype(np.int32))

    def _values(
        self,
        world: Doubtful,
        slots: NDArray[np.intp],
        observation: Observation,
        route: Route,
        proposed: Candidates,
        number: NDArray[np.int64],
    ) -> tuple[Floats, Bools]:
        """What comes of candidates (B, M), and which of them are finalists."""
        first = self._outcomes(world, slots, observation, route, proposed, number, range(1))[:, 0]
        order = np.argsort(-np.where(number >= 0, first, -1.0), axis=1, kind="stable")
        last = np.sort(order[:, : self.finalists], axis=1)
        rows = np.arange(len(slots))[:, None]
        rest = range(1, self.samples)
        more = self._outcomes(world, slots, observation, route, proposed, number[rows, last], rest)
        outcome = np.concatenate([first[rows, last][:, None], more], axis=1)
        value = (1.0 - self.tail) * outcome.mean(axis=1) + self.tail * outcome.min(axis=1)
        final, whole = np.zeros(number.shape, np.bool_), first.copy()
        final[rows, last], whole[rows, last] = number[rows, last] >= 0, value
        return np.where(number >= 0, whole, 0.0), final

    def _outcomes(
        self,
        world: Doubtful,
        slots: NDArray[np.intp],
        observation: Observation,
        route: Route,
        proposed: Candidates,
        number: NDArray[np.int64],
        samples: range,
    ) -> Floats:
        """(B, S, M) what comes of candidates in some samples of the hidden state."""
        batch, most = number.shape
        each = np.repeat(np.arange(batch), len(samples))
        rows = each[:, None], np.maximum(number[each], 0)
        seen, way = take_rows(observation, each), take_rows(route, each)
        drawn = world.gather([(world, int(slots[row])) for row in each])
        drawn.redraw(
            seen.tracks, [_draw(observation, row, k) for row in range(batch) for k in samples]
        )
        witnessed = tried(
            drawn.fork(most),
            seen,
            proposed.states[rows],
            proposed.controls[rows],
            float(proposed.dt[0]),
            number[each] >= 0,
            self.follows,
            self.delay,
        )
        return self.judge.judge(seen, way, witnessed).total.reshape(batch, len(samples), most)


def _draw(observation: Observation, row: int, sample: int) -> np.random.Generator:
    """The generator of one sample, which the ego's state and the tick alone decide."""
    where, tick = observation.ego.state[row].tobytes().hex(), int(observation.tick[row])
    return stream("hidden", where, tick, sample)


def chosen(advice: Advice) -> tuple[Floats, Floats, Bools]:
    """States (B, T, 4) and controls (B, T, 2) of the advice, and where there is any (B,)."""
    rows, there = np.arange(len(advice.best)), advice.best >= 0
    best = np.maximum(advice.best, 0)
    return advice.candidates.states[rows, best], advice.candidates.controls[rows, best], there
