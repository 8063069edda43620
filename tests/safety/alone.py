"""One check by itself, which writes what it finds into a table of nothing but its own columns."""

from __future__ import annotations

from typing import Any

from drivestack.core.protocols import SafetyCheck
from drivestack.core.types import Floats, Observation, Plan, Verdict
from drivestack.safety.bounds import Columns


def alone(
    check: SafetyCheck, seen: Observation, plan: Plan, control: Floats, memory: Any = None
) -> tuple[Verdict, Any]:
    """What it says of a control (B, 2), and what it remembers; without a memory it starts."""
    columns = Columns.of([check])
    found = columns.opened(len(control))
    memory = check.start(len(control)) if memory is None else memory
    memory = check.check(seen, plan, control, memory, found)
    return columns.verdict(found), memory
