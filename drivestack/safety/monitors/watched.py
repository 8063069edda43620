"""A check that only watches: it says what it finds, and binds and asks for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from drivestack.core.episode import WATCHED
from drivestack.core.protocols import SafetyCheck
from drivestack.core.types import Filtering, Floats, Observation, Plan, Verdict

from ..bounds import FREE, Findings, unchecked


@dataclass(frozen=True, slots=True)
class Watched:
    """What a monitor is unless it is bound.

    Attributes:
        monitor: says what it would do.
    """

    monitor: SafetyCheck

    def start(self, batch: int) -> Any:
        """The monitor's memory."""
        return self.monitor.start(batch)

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Any
    ) -> tuple[Verdict, Any]:
        """Its verdict without bounds and response; its names say that it only watches."""
        verdict, memory = self.monitor.check(observation, plan, control, memory)
        findings = Findings(*(getattr(verdict, name) for name in Findings._fields))
        low = np.full_like(verdict.low, -FREE)
        response = np.full_like(verdict.response, _PASSED)
        names = tuple(WATCHED + name for name in verdict.names)
        return unchecked(names, response, findings._replace(low=low, high=-low)), memory


_PASSED = int(Filtering.PASSED)
