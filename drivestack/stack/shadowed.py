"""Shadow mode: one drives, and what another would have done is in the decision, never applied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from drivestack.core.protocols import Stack
from drivestack.core.rows import put_rows
from drivestack.core.types import Decision, Goal, Observation
from drivestack.safety.guarded import Guarded


class Watcher(Protocol):
    """Whoever looks on."""

    def start(self, batch: int) -> Any:
        """A fresh memory: one batched record."""
        ...

    def watch(
        self, observation: Observation, decision: Decision, memory: Any
    ) -> tuple[Decision, Any]:
        """What it would have decided where the other did, and what to remember."""
        ...


@dataclass(frozen=True, slots=True)
class WatchingFilter:
    """A safety layer that looks at what somebody else commands.

    Attributes:
        filter: the layer.
    """

    filter: Guarded

    def start(self, batch: int) -> Any:
        """As the filter."""
        return self.filter.start(batch)

    def watch(
        self, observation: Observation, decision: Decision, memory: Any
    ) -> tuple[Decision, Any]:
        """The decision with this layer's verdict and intervention."""
        verdict, intervention, latch = self.filter.apply(
            observation, decision.plan, decision.control, memory
        )
        control = intervention.filtered
        seen = replace(decision, control=control, verdict=verdict, intervention=intervention)
        return seen, latch


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What both remember.

    Attributes:
        driver, watcher: batched records.
    """

    driver: Any
    watcher: Any


@dataclass(frozen=True, slots=True, eq=False)
class Shadowed:
    """A stack that drives while somebody else looks on.

    Decisions are the watcher's, but for the control, which is the driver's: nothing that the
    watcher decides is ever applied.

    Attributes:
        driver: it alone moves the car. watcher: looks on.
    """

    driver: Stack
    watcher: Watcher

    def start(self, batch: int, goal: Goal) -> Memory:
        """Fresh memories."""
        return Memory(self.driver.start(batch, goal), self.watcher.start(batch))

    def reset(self, memory: Memory, rows: NDArray[np.intp], goal: Goal) -> Memory:
        """The memory with some rows given to new scenarios."""
        own = self.driver.reset(memory.driver, rows, goal)
        return Memory(own, put_rows(memory.watcher, rows, self.watcher.start(len(rows))))

    def decide(self, observation: Observation, memory: Memory) -> tuple[Decision, Memory]:
        """One tick of both."""
        decision, own = self.driver.decide(observation, memory.driver)
        seen, latch = self.watcher.watch(observation, decision, memory.watcher)
        return replace(seen, control=decision.control), Memory(own, latch)
