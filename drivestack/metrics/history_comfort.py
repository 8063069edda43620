"""History comfort HC: nuPlan's comfort bounds over what was driven and what was driven before.

NAVSIM v2 puts 1.5 s of the human's past before each plan of 4 s. In closed loop the past of every
frame is the ego's own drive, which comfort judges as a whole already, so both have one value; they
stay two measures, because where a drive is judged in parts they differ.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.episode import Reason

from .comfort import decided
from .evidence import Evidence


@dataclass(frozen=True, slots=True)
class HistoryComfort:
    """`history_comfort`: 1 if the drive and its history are within nuPlan's comfort bounds."""

    names: tuple[str, ...] = ("history_comfort",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The flag of one episode."""
        return (decided(evidence, self.names[0]),)
