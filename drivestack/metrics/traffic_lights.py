"""Traffic light compliance TLC: the front bumper crosses no stop line while its light is red.

Source: NAVSIM v2 `pdm_scorer.py`, 0 or 1. There the ego's box may not touch the lanes behind a red
light, which fails also who entered at green and has not left; here crossing the line counts. Red
and yellow together is red. Absent where there are no lights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Reason
from drivestack.core.lights import HALTING

from .evidence import Evidence
from .stop_lines import Approach, approach


@dataclass(frozen=True, slots=True)
class TrafficLights:
    """`traffic_lights`: NAVSIM's TLC."""

    names: tuple[str, ...] = ("traffic_lights",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The first stop line that was crossed at red."""
        (name,) = self.names
        seen = approach(evidence)
        if seen is None:
            return (Reason(name, None, "there are no traffic lights"),)
        crossed = seen.crosses()
        wrong = np.argwhere(crossed & seen.halts())
        if not len(wrong):
            count = int(crossed.sum())
            return (Reason(name, 1.0, f"crossed {count} stop lines, none at red"),)
        row, line = wrong[0].tolist()
        return (_violation(name, evidence, seen, row, line),)


def _violation(name: str, evidence: Evidence, seen: Approach, row: int, line: int) -> Reason:
    """Which light, which line, when, and for how long it had been red."""
    start, number = evidence.episode.start, int(seen.lines.light[line])
    light = start.lights[number]
    place = light.lines[line - int(np.searchsorted(seen.lines.light, number))]
    lane = "[{}, {}, {}]".format(*evidence.episode.map.lane_name(place[0]))
    tick = evidence.tick(row)
    ticks = np.arange(tick, tick - light.period, -1)
    other = np.flatnonzero(~np.isin(light.over(ticks), HALTING))
    seconds = (int(other[0]) if len(other) else light.period) * evidence.episode.dt
    sentence = (
        f"crossed the stop line of light {light.name} on lane {lane} at {place[1]:.1f} m "
        f"{evidence.at(row)}, red for {seconds:.2f} s"
    )
    return Reason(name, 0.0, sentence, tick=tick, measured=seconds, bound=0.0)
