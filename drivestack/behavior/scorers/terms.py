"""The terms that PDM-Closed's scorer and ours share: one chunk against one forecast; compiled."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from drivestack.core.comfort import ComfortBounds
from drivestack.core.compiled import kernel
from drivestack.core.lines import project
from drivestack.core.tables import Row
from drivestack.core.types import Floats
from drivestack.roads.lane_tables import Lanes

from .comfort import Filters, comfortable
from .contact import Traffic, contact_score, keeps_distance
from .direction import direction_score, most_off_route
from .lanes import drivable

(NC, DAC, DDC, EP, TTC, COMFORT, TIME) = range(7)
"""Columns of the terms."""

SHARED = (
    "no_collision",
    "drivable_area",
    "driving_direction",
    "progress",
    "time_to_collision",
    "comfort",
    "at_fault_time",
)
"""Their names; the last one is the time [s] of the first at-fault contact, the horizon if there is
none."""


@dataclass(frozen=True, slots=True)
class TermRules:
    """What the shared terms are judged by; the defaults are PDM-Closed's reading of them.

    Attributes:
        objects_left: of the score after a contact with an object; PDM-Closed's.
        standing: speed [m/s] up to which a road user stands. front, behind: bearings [rad]; nuPlan.
        crawling: speed [m/s] below which time to collision is not looked at; NAVSIM.
        ahead: projections of time to collision [s]; PDM-Closed's.
        fault_standing, fault_in_lane: the ego's share for a contact while it stands, and from the
        side within its lane; nuPlan has none.
        doubt, most_doubt: by how much forecasts are off [m/s], [m]; PDM-Closed trusts them.
        direction_window: [s]. some_off, much_off: metres off the route's lanes in it; PDM-Closed's.
        least_progress: [m] below which progress is not compared; PDM-Closed's.
        slack: beside the lanes [m]; NAVSIM has none (nuPlan 0.3).
        wider: the body is taken to be so much wider on each side [m] where the road is asked for;
        a slack below 0 would leave a gap between two lanes.
        seam: beyond their ends [m]; our choice, for lanes that meet at an angle; a map's last lane
        ends there too. beside: the route's line is drivable this far to each side [m], half of
        highway-env's lanes, for it bridges gaps that the lanes of roundabouts leave.
        along: the route's line is a lane of the route this far to each side [m]; PDM-Closed knows
        no such thing.
        bounds: of comfort.
    """

    objects_left: float = 0.5
    standing: float = 0.05
    fault_standing: float = 0.0
    fault_in_lane: float = 0.0
    front: float = math.radians(30.0)
    behind: float = math.radians(150.0)
    crawling: float = 0.005
    ahead: tuple[float, ...] = (0.0, 0.3, 0.6, 0.9)
    doubt: float = 0.0
    most_doubt: float = 0.0
    direction_window: float = 1.0
    some_off: float = 2.0
    much_off: float = 6.0
    least_progress: float = 0.1
    slack: float = 0.0
    wider: float = 0.0
    seam: float = 1.0
    beside: float = 2.0
    along: float = 0.0
    bounds: ComfortBounds = field(default_factory=ComfortBounds)


def projections(ahead: tuple[float, ...], dt: Floats) -> NDArray[np.int64]:
    """Projections (J,) of time to collision as steps of a batch's chunks; all have equal steps.

    Raises:
        ValueError: the steps differ from row to row.
    """
    if len(dt) and (dt != dt[0]).any():
        raise ValueError("Candidates.dt: expected equal steps in all rows")
    return np.rint(np.array(ahead) / (dt[0] if len(dt) else 1.0)).astype(np.int64)


@kernel
def travelled(line: NDArray, n: int, spacing: float, path: NDArray) -> float:
    """Progress [m] along a line between the ends of a path, at least 0."""
    if n < 2:
        return 0.0
    begin, _ = project(line, 0, n - 1, spacing, path[0, 0], path[0, 1])
    metres = 0.0
    for t in range(1, path.shape[0]):
        dx, dy = path[t, 0] - path[t - 1, 0], path[t, 1] - path[t - 1, 1]
        metres += math.sqrt(dx * dx + dy * dy)
    # no farther than was driven: a line may pass the same place again, a lap later
    first = min(max(int(begin / spacing), 0), n - 2)
    last = min(first + 4 + int(1.5 * metres / spacing), n - 1)
    end, _ = project(line, first, last, spacing, path[-1, 0], path[-1, 1])
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
    around: Traffic,
    kept: int,
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
        accel: (T + 1,) [m/s2]. around: `kept` rows of a forecast, after `touching_now`.
        ahead: (J,) [steps]. off: (T + 1,) scratch.
        out: (`TIME` + 1 or more,), written.
    """
    slack, seam, steps = rules.slack, rules.seam, path.shape[0] - 1
    contact, time = contact_score(map, path, size, dt, around, kept, rules)
    window = max(int(round(rules.direction_window / dt)), 1)
    wrong = most_off_route(
        map, on_route, line, n, spacing, path, window, rules.along, slack, seam, off
    )
    body = (size[0], size[1] + 2.0 * rules.wider)
    on_road = drivable(map, line, n, spacing, path, body, rules.beside, slack, seam)
    clear = keeps_distance(map, path, size, dt, around, kept, ahead, rules)
    out[NC], out[TIME] = contact, min(time, steps * dt)
    out[DAC] = 1.0 if on_road else 0.0
    out[DDC] = direction_score(wrong, rules.some_off, rules.much_off)
    out[TTC] = 1.0 if clear else 0.0
    out[COMFORT] = 1.0 if comfortable(path, accel, dt, by, bounds) else 0.0


@kernel
def compare_progress(gone: NDArray, valid: NDArray, least: float, terms: NDArray) -> None:
    """Write the progress term: a chunk's masked progress by the best one's.

    Args:
        gone: (K,) progress [m]. valid: (K,). least: best progress [m] up to which none is compared.
        terms: (K, M), of which the multipliers are read.
    """
    best = 0.0
    for k in range(gone.shape[0]):
        if valid[k]:
            best = max(best, gone[k] * (terms[k, NC] * terms[k, DAC] * terms[k, DDC]))
    for k in range(gone.shape[0]):
        if not valid[k]:
            continue
        multiplier = terms[k, NC] * terms[k, DAC] * terms[k, DDC]
        terms[k, EP] = 1.0 if multiplier > 0.0 else 0.0
        if best > least:
            terms[k, EP] = gone[k] * multiplier / best
