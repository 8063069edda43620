"""The controller's turn; where it fails nothing is steered, and the safety layer stops the car."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.protocols import Controller
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.types import Bools, Observation, Status, Tracking
from drivestack.safety.faults import Fault

from .contained import answered, contained, surviving
from .memory import Memory


def tracked(
    controller: Controller, observation: Observation, memory: Memory, faults: Bools
) -> tuple[Tracking, Any]:
    """The controls of this tick, and the controller's state after it.

    Args:
        faults: (B, F) those of a controller are added.
    """
    batch = len(memory.planned)

    def act(rows: NDArray[np.intp]) -> tuple[Tracking, Any]:
        given = observation, memory.plan, memory.under_way, memory.controller
        if len(rows) < batch:
            seen, plan, under_way, state = given
            given = (take_rows(seen, rows), take_rows(plan, rows), under_way[rows],
                     take_rows(state, rows))  # fmt: skip
        with contained(Fault.CONTROLLER_FAILED):
            tracking, state = controller.track(*given)
            return answered(tracking, Tracking, len(rows)), state

    done, good = surviving(act, np.arange(batch), faults)
    if done is not None and len(good) == batch:
        return done
    if done is None:
        return _none(observation, 2), memory.controller
    tracking, state = done
    nothing = _none(observation, tracking.predicted.shape[1])
    return put_rows(nothing, good, tracking), put_rows(memory.controller, good, state)


def _none(observation: Observation, steps: int) -> Tracking:
    """Nothing commanded, for nobody knows what; the car is expected to stay where it is."""
    batch = len(observation.tick)
    predicted = np.repeat(observation.ego.state[:, None], steps, axis=1)
    status = np.full(batch, Status.FALLBACK, np.int32)
    return Tracking(np.zeros((batch, 2)), predicted, status, np.zeros(batch))
