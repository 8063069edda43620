"""Random roads, and what a router should find on them, written down plainly a second time.

A road system is a list of levels that follow each other, each one road; its lanes lie in slots,
4 m apart, some of them empty. In a ring the last level leads to the first. Everything is worked out
from slots and fractions of lengths; no geometry is looked at.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from drivestack.core.map import Map
from drivestack.core.types import Closures
from drivestack.roads.build import LaneSpec, circular, straight
from tests.scenes import road_map

WIDTH, LEAST, TIME, MOST = 4.0, 20.0, 3.0, 5
LANE_CHANGE, HURRIED, PINCH = 5.0, 60.0, 10.0

Cell = tuple[int, int]
"""Lane, number along it."""

State = tuple[int, int, int]
"""Lane, number along it, cells of a lane change that are left."""


@dataclass(frozen=True)
class Lane:
    level: int
    slot: int
    length: float
    limit: float
    forbidden: bool


@dataclass(frozen=True)
class Roads:
    """Lanes in the map's order; closures as (lane, from, to) in metres."""

    map: Map
    lanes: list[Lane]
    levels: int
    ring: bool
    closed: list[tuple[int, float, float]]

    def closures(self) -> Closures:
        rows = self.closed or [(0, 0.0, 0.0)]
        lane, start, end = (np.array([column]) for column in zip(*rows, strict=True))
        shut = np.full(lane.shape, bool(self.closed))
        return Closures(lane.astype(np.int32), start.astype(float), end.astype(float), shut)


def random_roads(random: Generator, ring: bool) -> Roads:
    """Some levels of up to five lanes."""
    levels = int(random.integers(2, 6))
    roads: dict[tuple[str, str], list[LaneSpec]] = {}
    lanes: list[Lane] = []
    x = 0.0
    for level in range(levels):
        slots = np.flatnonzero(random.random(5) < 0.75)
        if ring:  # without gaps: of two lanes that are equally far off, rounding would choose
            slots = np.arange(len(slots))
        end = 0 if ring and level == levels - 1 else level + 1
        length = float(random.uniform(15.0, 130.0))
        for slot in slots.tolist() or [2]:
            limit = float(random.choice([5.0, 10.0, 15.0, 20.0, 30.0]))
            forbidden = bool(random.random() < 0.1)
            place = (2.0 * math.pi / levels, level) if ring else (length, x)
            spec, own = _spec(ring, slot, *place, limit, forbidden)
            roads.setdefault((f"n{level}", f"n{end}"), []).append(spec)
            lanes.append(Lane(level, slot, own, limit, forbidden))
        x += length
    closed = [
        (lane, *sorted(random.uniform(-0.1, 1.1, 2) * lanes[lane].length))
        for lane in random.permutation(len(lanes))[: int(random.integers(0, 4))].tolist()
    ]
    return Roads(road_map("random", roads), lanes, levels, ring, closed)


def _spec(
    ring: bool, slot: int, length: float, at: float, limit: float, forbidden: bool
) -> tuple[LaneSpec, float]:
    """A lane and its length [m]; in a ring `length` is the angle, and `at` counts such angles."""
    if not ring:
        y = -WIDTH * slot
        ends = (at, y), (at + length, y)
        return straight(*ends, speed_limit=limit, forbidden=forbidden), length
    radius, phases = 60.0 + WIDTH * slot, (at * length, (at + 1) * length)
    spec = circular((0.0, 0.0), radius, *phases, speed_limit=limit, forbidden=forbidden)
    return spec, radius * length


class Reference:
    """The state graph, cell by cell, and searches in it."""

    def __init__(self, roads: Roads) -> None:
        self.roads = roads
        self.cells: dict[Cell, tuple[float, float, bool]] = {}
        self.own: list[list[Cell]] = []
        for number, lane in enumerate(roads.lanes):
            parts = [(a, b) for other, a, b in roads.closed if other == number]
            cells = {(number, k): cell for k, cell in enumerate(_cells(lane.length, parts))}
            self.own.append(list(cells))
            self.cells |= cells
        self.beside = {
            (cell, side): self._beside(cell, side) for cell in self.cells for side in (-1, 1)
        }
        self.states = [(*cell, k) for cell in self.cells for k in range(MOST + 1)]
        self.number = {state: n for n, state in enumerate(self.states)}
        self.edges = {state: self._edges(state) for state in self.states}
        steps = [(self.number[a], self.number[b], c) for a in self.states for b, c in self.edges[a]]
        row, column, cost = zip(*steps, strict=True)
        self.matrix = csr_matrix((cost, (row, column)), (len(self.states),) * 2)

    def cell_at(self, lane: int, s: float) -> Cell:
        """The cell that holds s [m]."""
        own = self.own[lane]
        return next((cell for cell in own if s < self.cells[cell][1] - 1e-6), own[-1])

    def onward(self, cell: Cell) -> list[Cell]:
        """Cells that follow and are open."""
        lane, k = cell
        if (lane, k + 1) in self.cells:
            found = [(lane, k + 1)]
        else:
            found = [(other, 0) for other in self._successors(lane)]
        return [other for other in found if not self.cells[other][2]]

    def _beside(self, cell: Cell, side: int) -> Cell | None:
        """The open cell beside on slot + side."""
        here = self.roads.lanes[cell[0]]
        start, end, _ = self.cells[cell]
        for number, lane in enumerate(self.roads.lanes):
            if (lane.level, lane.slot) == (here.level, here.slot + side):
                s = (start + end) / 2.0 / here.length * lane.length
                other = self.cell_at(number, s)
                return None if self.cells[other][2] else other
        return None

    def to(self, goals: list[State]) -> dict[State, float]:
        """Least cost to any of some states, by scipy."""
        if not goals:
            return dict.fromkeys(self.states, math.inf)
        indices = [self.number[state] for state in goals]
        cost = dijkstra(self.matrix.T.tocsr(), indices=indices, min_only=True)
        return dict(zip(self.states, cost.tolist(), strict=True))

    def goes_on(self, state: State) -> bool:
        """Whether one can drive on for ever, or until the last level ends."""
        rim = {state}
        for _ in range(len(self.states) + 1):  # longer than any way that does not repeat itself
            if any(self._is_end(other) for other in rim):
                return True
            rim = {b for a in rim for b, _ in self.edges[a]}
        return bool(rim)

    def _is_end(self, state: State) -> bool:
        lane, k, _ = state
        road = self.roads.lanes[lane].level
        last = (lane, k + 1) not in self.cells and not self.cells[lane, k][2]
        return last and not self.roads.ring and road == self.roads.levels - 1

    def _successors(self, lane: int) -> list[int]:
        """The same slot, else the nearest one unless another lane of the road is nearer to it."""
        here, lanes = self.roads.lanes[lane], self.roads.lanes
        level = here.level + 1
        if self.roads.ring:
            level %= self.roads.levels
        ahead = [n for n, other in enumerate(lanes) if other.level == level]
        if not ahead:
            return []
        nearest = min(ahead, key=lambda n: abs(lanes[n].slot - here.slot))
        gap = abs(lanes[nearest].slot - here.slot)
        own = [n for n, other in enumerate(lanes) if other.level == here.level and n != lane]
        others = [abs(lanes[n].slot - lanes[nearest].slot) for n in own]
        return [] if gap > 0 and min(others, default=gap) < gap else [nearest]

    def _clear(self, cell: Cell, side: int, most: int) -> int:
        """Cells for which a side stays adjacent on every way on."""
        if most == 0 or self.beside[cell, side] is None:
            return 0
        ahead = self.onward(cell)
        return 1 + min((self._clear(other, side, most - 1) for other in ahead), default=0)

    def _edges(self, state: State) -> list[tuple[State, float]]:
        lane, number, k = state
        cell, limit = (lane, number), self.roads.lanes[lane].limit
        start, end, _ = self.cells[cell]
        seconds = (end - start) / limit
        found = [((*other, max(k - 1, 0)), seconds) for other in self.onward(cell)]
        comfort = min(max(int(TIME * limit / (end - start) + 0.5), 1), MOST)
        for side in (-1, 1) if k == 0 else ():
            other = self.beside[cell, side]
            if other is None or self.roads.lanes[other[0]].forbidden:
                continue
            for length in range(1, min(max(self._clear(other, -side, MOST), 1), comfort) + 1):
                if length * (self.cells[other][1] - self.cells[other][0]) < PINCH:
                    continue
                cost = LANE_CHANGE + HURRIED * (1.0 - length / comfort)
                found.append(((*other, length), cost))
        return found


def _cells(length: float, parts: list[tuple[float, float]]) -> list[tuple[float, float, bool]]:
    """From, to and closed of every cell of a lane; crumbs beside a closure are closed."""
    parts = [(a, b) for a, b in parts if b > 0.0 and a < length]
    parts = [(0.0 if a < PINCH else a, length if length - b < PINCH else b) for a, b in parts]
    edges = [0.0, length, *(edge for part in parts for edge in part)]
    found = []
    cuts = sorted(set(edges))
    for start, end in pairwise(cuts):
        shut = any(a < (start + end) / 2.0 < b for a, b in parts)
        n = max(1, int((end - start) / LEAST))
        step = (end - start) / n
        found += [(start + i * step, start + (i + 1) * step, shut) for i in range(n)]
    return found
