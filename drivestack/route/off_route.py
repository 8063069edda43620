"""When a route has to be made anew. Compiled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.lines import project, rows_in_use
from drivestack.core.types import Bools, Floats, Observation, Route

from .closures import fingerprint


@dataclass(frozen=True, slots=True)
class Keep:
    """How long a route is kept.

    Attributes:
        aside: lateral distance [m] beyond which the ego has left it: our choice, half a lane of
        4 m and half a metre. ahead: metres of line that must be left, unless it ends for good.
    """

    aside: float = 2.5
    ahead: float = 200.0


@kernel
def _stale(
    line: NDArray,
    valid: NDArray,
    spacing: NDArray,
    made_under: NDArray,
    lane: NDArray,
    start: NDArray,
    end: NDArray,
    closed: NDArray,
    state: NDArray,
    aside: float,
    ahead: float,
    out: NDArray,
) -> None:
    """Which rows need a new route."""
    for b in range(line.shape[0]):
        n = rows_in_use(valid[b])
        if n < 2 or made_under[b] != fingerprint(lane[b], start[b], end[b], closed[b]):
            out[b] = True
            continue
        s, lateral = project(line[b], 0, n - 1, spacing[b], state[b, 0], state[b, 1])
        cut = n == line.shape[1]
        left = (n - 1) * spacing[b] - s
        out[b] = abs(lateral) > aside or (cut and left < ahead)


def stale(observation: Observation, route: Route, keep: Keep) -> Bools:
    """(B,) rows whose route is missing, left, about to run out, or made under other closures."""
    state: Floats = observation.ego.state
    out = np.zeros(len(state), np.bool_)
    now = observation.closures
    _stale(
        route.line, route.valid, route.spacing, route.closures, now.lane, now.start, now.end,
        now.valid, state, keep.aside, keep.ahead, out,
    )  # fmt: skip
    return out
