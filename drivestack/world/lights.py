"""IDM cars at traffic lights: they stop before a line that is not open to them, as behind a car.

highway-env has no lights, so nothing here is compared with it; without lights nothing is done.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.lights import Colour
from drivestack.core.start import Start
from drivestack.core.tables import Driver, Row, Table
from drivestack.vehicle.idm import desired_gap, interaction

from .driving import acceleration
from .views import Road, Work

_IDM = int(Driver.IDM)
_RED = int(Colour.RED)
_RED_YELLOW = int(Colour.RED_YELLOW)
_YELLOW = int(Colour.YELLOW)

_SHORT = 1.0
"""How far before a line a car comes to stand [m]; our choice: PDM-Closed's gap to what stands."""


def line_table(starts: Sequence[Start]) -> NDArray[np.float64]:
    """(B, S, 3) lane, s [m] and `Colour` of every stop line; lane -1: there is none."""
    most = max((sum(len(light.lines) for light in s.lights) for s in starts), default=0)
    table = np.full((len(starts), most, 3), -1.0)
    for rows, start in zip(table, starts, strict=True):
        lines = [line for light in start.lights for line in light.lines]
        rows[: len(lines), :2] = np.array(lines).reshape(-1, 2)
    return table


def show(table: NDArray[np.float64], starts: Sequence[Start], ticks: NDArray) -> None:
    """Fill the colours in that are shown at ticks (B,)."""
    for rows, start, tick in zip(table, starts, ticks.tolist(), strict=True):
        place = 0
        for light in start.lights:
            rows[place : place + len(light.lines), 2] = light.at(tick)
            place += len(light.lines)


@hot_kernel
def heed(slot: Row, road: Road, bodies: Table, work: Work, lines: Table) -> None:
    """Let IDM cars brake for the lines (S, 3) on their lane and on those that it leads to."""
    for k in range(slot.n):
        body = bodies[k]
        if body.driver != _IDM or not body.present or body.crashed:
            continue
        front = work.marks[k].own_s + 0.5 * body.length
        first = int(road.lanes[body.lane].links_at)
        for link in range(first, first + road.lanes[body.lane].links_n):
            for j in range(lines.shape[0]):
                if int(lines[j, 0]) == int(road.links[link].lane):
                    way = lines[j, 1] + road.links[link].offset - front
                    if _holds(slot, body, int(lines[j, 2]), way):
                        accel = _stopping(slot, road, bodies, work, k, way)
                        body.accel = min(body.accel, max(accel, -slot.acc_max))


@hot_kernel
def _holds(slot: Row, body: Row, colour: int, way: float) -> bool:
    """Whether a line `way` metres ahead is to be stopped at: yellow, if it can be in comfort."""
    if way < 0.0:
        return False
    if colour == _RED or colour == _RED_YELLOW:
        return True
    comfort = -slot.comfort_acc_min
    return colour == _YELLOW and body.speed * body.speed <= 2.0 * comfort * way


@hot_kernel
def _stopping(slot: Row, road: Road, bodies: Table, work: Work, k: int, way: float) -> float:
    """IDM's acceleration [m/s2] behind a car that makes it stand `_SHORT` before the line."""
    speed, c, s = bodies[k].speed, work.marks[k].cos_h, work.marks[k].sin_h
    wanted = desired_gap(
        speed, c, s, 0.0, c, s, slot.distance_wanted, bodies[k].time_wanted,
        slot.comfort_acc_max, slot.comfort_acc_min,
    )  # fmt: skip
    distance = way - _SHORT + slot.distance_wanted
    free = acceleration(slot, road, bodies, work, k, k, -1)
    return free - interaction(wanted, distance, slot.comfort_acc_max)
