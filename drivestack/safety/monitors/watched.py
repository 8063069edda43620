"""A check that only watches: it says what it finds, and binds and asks for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drivestack.core.episode import WATCHED
from drivestack.core.protocols import SafetyCheck
from drivestack.core.tables import Table
from drivestack.core.types import Filtering, Floats, Observation, Plan

from ..bounds import FREE


@dataclass(frozen=True, slots=True)
class Watched:
    """What a monitor is unless it is bound.

    Attributes:
        monitor: says what it would do.
    """

    monitor: SafetyCheck

    @property
    def columns(self) -> Mapping[str, Filtering]:
        """The monitor's; their names say that it only watches."""
        return {WATCHED + name: Filtering.PASSED for name in self.monitor.columns}

    def start(self, batch: int) -> Any:
        """The monitor's memory."""
        return self.monitor.start(batch)

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Any, found: Table
    ) -> Any:
        """What it finds, without bounds."""
        memory = self.monitor.check(observation, plan, control, memory, found)
        found["low"], found["high"] = -FREE, FREE
        return memory
