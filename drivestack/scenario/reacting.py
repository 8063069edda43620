"""Recorded traffic told to react once the ego has left its own recording."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from drivestack.core.start import Start
from drivestack.core.tables import REPLAY, Driver


def reacting(start: Start, departure: float) -> Start:
    """The start with all replayed bodies reactive.

    Args:
        departure: how far the ego may be from its recording before the others react [m]; an ego
            that nobody recorded has left it from the first tick on.
    """
    log = np.zeros(len(start.log), REPLAY)
    for column, name in enumerate(("x", "y", "heading", "speed")):
        log[name] = start.log[:, column]
    bodies, slot = start.bodies.copy(), start.slot.copy()
    bodies["reactive"] = bodies["driver"] == Driver.REPLAY
    slot["reactive"], slot["departure"] = True, departure
    slot["log_at"], slot["log_n"] = len(start.replay), len(log)
    return replace(start, bodies=bodies, slot=slot, replay=np.concatenate([start.replay, log]))
