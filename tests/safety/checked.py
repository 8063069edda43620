"""One way to ask a check, whatever its protocol is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np

from drivestack.core.protocols import SafetyCheck
from drivestack.core.types import Floats, Observation, Plan, Verdict
from tests.safety.alone import alone
from tests.safety.plans import plan_at

PLAIN = bool(numba.config.DISABLE_JIT)  # pyright: ignore[reportAttributeAccessIssue]
"""Kernels run as Python, for their lines to be counted or changed: some hundred times slower."""


def say(
    check: SafetyCheck,
    seen: Observation,
    control: Sequence[float] | Floats = (0.0, 0.0),
    plan: Plan | None = None,
    memory: Any = None,
) -> tuple[Verdict, Any]:
    """What a check says of a control, the same for all scenarios or (B, 2), and its memory after.

    Args:
        plan: by default one that was just made. memory: by default a fresh one.
    """
    batch = len(seen.tick)
    asked = np.array(np.broadcast_to(np.asarray(control, np.float64), (batch, 2)))
    return alone(check, seen, plan_at(seen) if plan is None else plan, asked, memory)
