"""Which recordings are learned from: whole clock intervals of a site, so no drive is on both sides.

A recording is a window of some seconds of what was seen at a site, and windows overlap. Two belong
to one clock interval if the same vehicle is in both, or if other windows join them in this way.
NGSIM numbers vehicles as they come, and anew every quarter of an hour: a number that comes twice
joins more windows than need be, and never fewer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from drivestack.core.errors import InputError

_NAME = re.compile(r"(?:C-)?([A-Z]{3}_[A-Za-z0-9]+)-\d")
"""CommonRoad's benchmark ids: cooperative or not, country, place, number; its naming convention."""

HELD_OUT = 0.1
"""Of a site's drives, at least so many are held out, if it has several intervals; our choice."""


@dataclass(frozen=True, slots=True)
class Window:
    """A recording: its name among the scenarios, its site, and the numbers of its vehicles.

    Attributes:
        drives: of how many vehicles something can be learned.
    """

    name: str
    site: str
    vehicles: frozenset[int]
    drives: int


def site_of(benchmark: str) -> str:
    """The site of a benchmark id, such as ``USA_US101``.

    Raises:
        InputError: it does not say one.
    """
    found = _NAME.match(benchmark)
    if found is None:
        raise InputError(
            f"benchmark id '{benchmark:.60}' names no site, by which recordings are split; "
            "expected one like USA_US101-3_3_T-1"
        )
    return found[1]


def intervals(windows: Sequence[Window]) -> list[list[Window]]:
    """The clock intervals of the windows of one site, by the first number of a vehicle in them."""
    found: list[list[Window]] = []
    for window in windows:
        touched = [one for one in found if any(window.vehicles & w.vehicles for w in one)]
        rest = [one for one in found if one not in touched]
        found = [*rest, [*(w for one in touched for w in one), window]]
    return sorted(found, key=_first)


def held_out(windows: Sequence[Window], share: float = HELD_OUT) -> frozenset[str]:
    """Names of the windows of one site to validate with: its smallest intervals, never all."""
    whole = sum(window.drives for window in windows)
    chosen: list[Window] = []
    *smaller, _ = sorted(intervals(windows), key=_drives)
    for interval in smaller:
        if sum(window.drives for window in chosen) >= share * whole:
            break
        chosen.extend(interval)
    return frozenset(window.name for window in chosen)


def _drives(interval: list[Window]) -> tuple[int, int]:
    return sum(window.drives for window in interval), _first(interval)


def _first(interval: list[Window]) -> int:
    return min((number for window in interval for number in window.vehicles), default=-1)
