"""Freezing: standing on and on although nobody is near who could be a reason to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Reason
from drivestack.core.types import Bools

from .evidence import Evidence
from .stop_lines import approach

STANDING = 0.5
"""Speed [m/s] up to which a car stands. Our choice: a crawl gets nowhere either."""

NEAR = 20.0
"""Somebody who moves within this distance [m] is a reason to wait. Our choice: a car that gives way
at highway-env's intersections stands about this far from where the ways cross."""

QUEUE = 10.0
"""Whoever stands this near ahead [m] is one too: a queue; so is a light that is not green. Our
choice: two car lengths."""

LEAST = 5.0
"""Seconds from which it is called freezing. Our choice."""


def excused(evidence: Evidence) -> Bools:
    """Ticks (T,) at which somebody, or a light, is a reason to stand."""
    pairs = evidence.pairs
    near = np.hypot(pairs.pose[:, 0], pairs.pose[:, 1]) <= NEAR
    moving = near & (np.abs(pairs.speed) > STANDING)
    ahead = pairs.leading() & (pairs.gap() <= QUEUE)
    found = np.zeros(len(evidence.drive.ego), np.bool_)
    found[pairs.row[moving | ahead]] = True
    lights = approach(evidence)
    return found if lights is None else found | lights.waits(QUEUE)


@dataclass(frozen=True, slots=True)
class Freezing:
    """`frozen_s`: longest time [s] standing without reason; `frozen`: 1 from 5 s on."""

    names: tuple[str, ...] = ("frozen", "frozen_s")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The longest spell of one episode."""
        flag, longest = self.names
        still = np.abs(evidence.drive.ego[:, 3]) <= STANDING
        frozen = np.concatenate([[False], still & ~excused(evidence), [False]])
        edges = np.flatnonzero(np.diff(frozen.astype(np.int8)))
        firsts, lengths = edges[::2], edges[1::2] - edges[::2]
        if not len(firsts):
            nothing = "never stood without reason"
            return Reason(flag, 0.0, nothing), Reason(longest, 0.0, nothing)
        worst = int(lengths.argmax())
        seconds = float(lengths[worst] - 1) * evidence.episode.dt
        row = firsts[worst]
        sentence = (
            f"stood {seconds:.1f} s from {evidence.when(row)} on, nobody moving within {NEAR:g} m "
            f"and nobody ahead within {QUEUE:g} m; freezing from {LEAST:g} s on"
        )
        tick = evidence.tick(row)
        return (
            Reason(flag, float(seconds >= LEAST), sentence, tick, None, seconds, LEAST),
            Reason(longest, seconds, sentence, tick, None, seconds, LEAST),
        )
