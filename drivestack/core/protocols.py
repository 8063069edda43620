"""Every plug point, structural, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from .episode import Reason
from .start import Start
from .tables import Table
from .types import (
    Bools,
    Candidates,
    Decision,
    Filtering,
    Floats,
    Goal,
    Ints,
    Observation,
    Plan,
    Route,
    Scene,
    Scores,
    Tracking,
    Tracks,
)
from .witness import Witnessed


class World(Protocol):
    """B scenarios that advance in lockstep; equal rates in one batch.

    Controls and records are ISO 8855; whatever the map's own frame is stays inside.
    """

    @property
    def batch(self) -> int:
        """B."""
        ...

    @property
    def running(self) -> Bools:
        """(B,) the slots that have not been released."""
        ...

    def reset(self, starts: Sequence[Start]) -> None:
        """Fill all slots, one start each."""
        ...

    def refill(self, slot: int, start: Start) -> None:
        """Put a new scenario into a slot that has finished."""
        ...

    def release(self, slot: int) -> None:
        """Mark a slot as empty; it is skipped from now on and still observed as it last was."""
        ...

    def step(self, controls: Floats, meta: Ints | None = None) -> None:
        """Advance every active slot by one physics tick.

        Args:
            controls: (B, 2) for egos of kind plain and stack, ignored for the others.
            meta: (B,) `Meta` for egos of kind meta, given at their policy ticks; None: none.

        Raises:
            ValueError: the controls have another shape, or one is not finite; nothing was moved.
        """
        ...

    def observe(self) -> Scene:
        """The true state, copied into a checked record."""
        ...

    def fork(self, k: int) -> Self:
        """A world of B * k slots; slot b's copies stand at b * k ... b * k + k - 1.

        The same for every backend that derives from this protocol.
        """
        return self.gather([(self, slot) for slot in range(self.batch) for _ in range(k)])

    def gather(self, slots: Sequence[tuple[Self, int]]) -> Self:
        """A world of copies of slots, in order: of this world, and of worlds that come from it.

        A slot may be taken several times, and slots may be at different ticks.
        """
        ...


@runtime_checkable
class Doubtful(World, Protocol):
    """A world that can draw anew what no sensor shows."""

    def redraw(self, seen: Tracks, draws: Sequence[np.random.Generator]) -> None:
        """Draw intents, events to come and whoever is unseen anew; what is seen stays as it is.

        Args:
            seen: (B, N) who is seen, by ids. draws: a generator for each slot.
        """
        ...


class Router(Protocol):
    """Finds the way; called when `Route` is missing or the ego is off it."""

    def route(self, observation: Observation, goal: Goal) -> Route:
        """The route of every scenario."""
        ...


class Proposer(Protocol):
    """Proposes K chunks."""

    def propose(self, observation: Observation, route: Route, goal: Goal) -> Candidates:
        """Candidate chunks, K >= 1."""
        ...


class Scorer(Protocol):
    """Scores chunks."""

    def score(self, observation: Observation, route: Route, candidates: Candidates) -> Scores:
        """One row of terms a candidate."""
        ...


class Judge(Protocol):
    """Scores what came of chunks."""

    def judge(self, observation: Observation, route: Route, seen: Witnessed) -> Scores:
        """One row of terms a drive."""
        ...


class Controller(Protocol):
    """Tracks the plan; its own state is part of the stack's memory, one batched record."""

    def start(self, batch: int) -> Any:
        """A fresh state."""
        ...

    def track(
        self, observation: Observation, plan: Plan, under_way: Floats, state: Any
    ) -> tuple[Tracking, Any]:
        """The control of this tick, and the state to remember.

        Args:
            under_way: (B, D, 2) controls decided before that do not act yet, oldest first.
        """
        ...


class SafetyCheck(Protocol):
    """Bounds the control, or says that it must not be applied.

    A check owns one or more columns of the table that the filter opens at every tick, with a row
    for each scenario. A row says at first that nothing is wrong and nothing bound; the check writes
    what it finds, and the filter makes one `Verdict` of the columns of all checks.
    """

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """The names of its columns, and what a failure of each asks for; always the same."""
        ...

    def start(self, batch: int) -> Any:
        """A fresh memory: one batched record."""
        ...

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Any, found: Table
    ) -> Any:
        """Look at a control (B, 2), and return what to remember.

        Args:
            found: its own columns, (C, B) rows of `safety.bounds.FINDING`, to be written to.
        """
        ...


class Stack(Protocol):
    """Everything that drives."""

    def start(self, batch: int, goal: Goal) -> Any:
        """A fresh memory: one batched record."""
        ...

    def reset(self, memory: Any, rows: NDArray[np.intp], goal: Goal) -> Any:
        """The memory with some rows given to new scenarios; `goal` is theirs, in order."""
        ...

    def decide(self, observation: Observation, memory: Any) -> tuple[Decision, Any]:
        """One tick: what to do, and what to remember."""
        ...


class Metric(Protocol):
    """Measures finished episodes."""

    @property
    def names(self) -> tuple[str, ...]:
        """What it measures, the same for every episode."""
        ...

    def measure(self, evidence: Any) -> tuple[Reason, ...]:
        """A value of one episode, and its reason, for each name in order.

        Args:
            evidence: `metrics.evidence.Evidence`, made once for all measures.
        """
        ...


class ScenarioSource(Protocol):
    """Reads scenarios of one format."""

    def __iter__(self) -> Iterator[Start]:
        """Concrete scenarios, lazily."""
        ...


class Sink(Protocol):
    """Listens to the runner; the loop never grows."""

    def on_tick(self, slots: Ints, scene: Scene, decision: Decision | None) -> None:
        """After every tick; `slots` are the queue numbers of the scenarios in the batch."""
        ...

    def on_end(self, slot: int, outcome: Any) -> None:
        """A scenario has ended."""
        ...
