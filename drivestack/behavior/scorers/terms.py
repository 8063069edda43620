"""The terms that PDM-Closed's scorer and ours share: one chunk against one forecast; compiled."""

from __future__ import annotations

from numpy.typing import NDArray

from drivestack.behavior.lane_tables import Lanes
from drivestack.core.compiled import kernel
from drivestack.core.lines import project
from drivestack.core.tables import Row

from .comfort import Filters, comfortable
from .contact import contact_score, keeps_distance
from .direction import direction_score, most_off_route
from .lanes import drivable

(NC, DAC, DDC, EP, TTC, COMFORT, TIME) = range(7)
"""Columns of the terms."""


@kernel
def travelled(line: NDArray, n: int, spacing: float, path: NDArray) -> float:
    """Progress [m] along a line between the ends of a path, at least 0."""
    if n < 2:
        return 0.0
    begin, _ = project(line, 0, n - 1, spacing, path[0, 0], path[0, 1])
    end, _ = project(line, 0, n - 1, spacing, path[-1, 0], path[-1, 1])
    return max(end - begin, 0.0)


@kernel
def shared_terms(
    map: Lanes,
    on_route: NDArray,
    line: NDArray,
    n: int,
    spacing: float,
    path: NDArray,
    accel: NDArray,
    size: NDArray,
    dt: float,
    others: NDArray,
    poses: NDArray,
    kept: int,
    ignored: NDArray,
    past: NDArray,
    ahead: NDArray,
    by: Filters,
    bounds: Row,
    rules: Row,
    off: NDArray,
    out: NDArray,
) -> None:
    """All terms of one chunk but progress.

    Args:
        map: its tables. on_route: (L,) lanes. line: (P, 3), n rows hold. path: (T + 1, `PATH`).
        accel: (T + 1,) [m/s2]. others, poses, kept: the forecast. ignored: (kept,) from
        `touching_now`. past: (kept,), off: (T + 1,) scratch. ahead: (J,) [steps].
        out: (`TIME` + 1 or more,), written.
    """
    slack, seam, steps = rules.slack, rules.seam, path.shape[0] - 1
    contact, time = contact_score(map, path, size, dt, others, poses, kept, ignored, past, rules)
    window = max(int(round(rules.direction_window / dt)), 1)
    wrong = most_off_route(
        map, on_route, line, n, spacing, path, window, rules.along, slack, seam, off
    )
    on_road = drivable(map, line, n, spacing, path, size, rules.beside, slack, seam)
    clear = keeps_distance(map, path, size, dt, others, poses, kept, ignored, past, ahead, rules)
    out[NC], out[TIME] = contact, min(time, steps * dt)
    out[DAC] = 1.0 if on_road else 0.0
    out[DDC] = direction_score(wrong, rules.some_off, rules.much_off)
    out[TTC] = 1.0 if clear else 0.0
    out[COMFORT] = 1.0 if comfortable(path, accel, dt, by, bounds) else 0.0
