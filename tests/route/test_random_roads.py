"""On random roads with closures the router finds what a plain second implementation finds."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.rows import take_rows
from drivestack.core.types import Aim, Corridor, Goal, Route
from drivestack.roads.lanes import position
from drivestack.route.cells import LaneChange, cells_of
from drivestack.route.closures import closed_parts
from drivestack.route.lane_router import LaneRouter
from drivestack.route.outlook import Outlook, Target, onward, to_goal
from drivestack.route.search import SearchCost
from tests.route.reference import LEAST, Cell, Reference, Roads, State, random_roads
from tests.scenes import no_goal, observation

SEEDS = [(seed, ring) for seed in range(10) for ring in (False, True)]
ROUTER = LaneRouter()


def place(roads: Roads, lane: int, s: float) -> tuple[float, float]:
    x, y = position(roads.map.lanes[lane], roads.map.points, s, 0.0)
    return float(x), float(y)


def goal_at(roads: Roads, lane: int, s: float) -> Goal:
    """A circle that only this lane passes through."""
    return replace(
        no_goal(1),
        lane=np.array([lane], np.int32),
        position=np.array([place(roads, lane, s)]),
        radius=np.array([0.6]),
        valid=np.array([True]),
    )


def goals_of(found: Reference, lane: int, s: float) -> list[State]:
    """A lane change may end in the goal's cell if there is room for it before the goal."""
    cell = found.cell_at(lane, s)
    start, end, _ = found.cells[cell]
    whole = s - start >= min(LEAST, end - start)
    return [(*cell, 0), (*cell, 1)] if whole else [(*cell, 0)]


def outlook(roads: Roads, goal: Goal | None) -> Outlook:
    closed = closed_parts(roads.closures(), 0)
    if goal is None:
        return onward(roads.map, closed, LaneChange(), SearchCost())
    target = Target(int(goal.lane[0]), *goal.position[0].tolist(), float(goal.radius[0]))
    return to_goal(roads.map, target, closed, LaneChange(), SearchCost())


def drawn(seed: int, ring: bool) -> tuple[Roads, Reference, int, float, np.random.Generator]:
    """Roads, their reference, a goal, and what further numbers come from."""
    random = np.random.default_rng([seed, ring])
    roads = random_roads(random, ring)
    reference = Reference(roads)
    lane = int(random.integers(len(roads.lanes)))
    s = float(random.uniform(0.0, roads.lanes[lane].length))
    return roads, reference, lane, s, random


@pytest.mark.parametrize(("seed", "ring"), SEEDS)
def test_costs_are_those_of_dijkstra(seed: int, ring: bool) -> None:
    roads, reference, lane, s, _ = drawn(seed, ring)
    cells = cells_of(roads.map, closed_parts(roads.closures(), 0), LaneChange())
    assert [(c["lane"], c["start"]) for c in cells.cell] == [
        (cell[0], pytest.approx(start)) for cell, (start, _, _) in reference.cells.items()
    ]
    expected = list(reference.to(goals_of(reference, lane, s)).values())
    found = outlook(roads, goal_at(roads, lane, s)).cost
    np.testing.assert_array_equal(np.isfinite(found), np.isfinite(expected))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(("seed", "ring"), SEEDS)
def test_without_a_goal_it_is_known_where_one_can_drive_on(seed: int, ring: bool) -> None:
    roads, reference, _, _, random = drawn(seed, ring)
    found = outlook(roads, None)
    finite = np.isfinite(found.cost)
    for number in random.integers(len(finite), size=30).tolist():
        assert finite[number] == reference.goes_on(reference.states[number])
    # it costs as much as the cheapest way to a stretch that goes on by itself
    aims = [reference.states[n] for n in np.flatnonzero(found.reached)]
    np.testing.assert_allclose(found.cost, list(reference.to(aims).values()), rtol=1e-12)


@pytest.mark.parametrize(("seed", "ring"), SEEDS)
def test_routes_cost_no_more_than_they_must(seed: int, ring: bool) -> None:
    roads, reference, lane, s, random = drawn(seed, ring)
    goals = goals_of(reference, lane, s)
    cost = reference.to(goals)
    for start in random.integers(len(roads.lanes), size=4).tolist():
        at = float(random.uniform(0.0, roads.lanes[start].length))
        seen = observed(roads, start, at)
        route = ROUTER.route(seen, goal_at(roads, lane, s))
        here = (*reference.cell_at(start, at), 0)
        assert route.lanes[0, 0] == start
        if math.isinf(cost[here]):
            assert route.aim[0] == Aim.GOAL_CUT_OFF
            free = ROUTER.route(seen, no_goal(1))
            assert free.aim[0] == Aim.NO_GOAL
            assert route.line.tobytes() == free.line.tobytes(), "it goes on as if there was none"
        else:
            assert route.aim[0] == Aim.GOAL
            assert along(reference, route, here, set(goals)) == pytest.approx(cost[here], rel=1e-9)
            assert_corridor(reference, route.corridor, here[:2], at, cost, set(goals))


def observed(roads: Roads, lane: int, s: float):  # noqa: ANN201
    x, y = place(roads, lane, s)
    yaw = math.atan2(y, x) + math.pi / 2.0 if roads.ring else 0.0
    return observation([roads.map], [(x, y, yaw, 10.0)], closures=roads.closures())


def along(reference: Reference, route: Route, here: State, goals: set[State]) -> float:
    """Least cost to a goal on exactly the lanes and lane changes of a route."""
    lanes = route.lanes[0][route.lane_valid[0]].tolist()
    queue: list[tuple[float, int, State]] = [(0.0, 0, here)]
    seen: set[tuple[int, State]] = set()
    while queue:
        spent, k, state = heapq.heappop(queue)
        if state in goals:
            return spent
        if (k, state) in seen:
            continue
        seen.add((k, state))
        for to, cost in reference.edges[state]:
            inside = to[0] == state[0] and to[1] == state[1] + 1
            change = state[2] == 0 and to[2] > 0
            if inside and not change:
                heapq.heappush(queue, (spent + cost, k, to))
            elif k + 1 < len(lanes) and lanes[k + 1] == to[0] and route.change[0, k] == change:
                heapq.heappush(queue, (spent + cost, k + 1, to))
    return math.inf


def assert_corridor(
    reference: Reference, corridor: Corridor, here: Cell, s: float, cost: dict[State, float],
    goals: set[State],
) -> None:  # fmt: skip
    """Every stretch is listed that is near and not lost, and is left as late as can be."""
    own = take_rows(corridor, np.array([0]))
    listed: dict[Cell, int] = {}
    for w in np.flatnonzero(own.valid[0]).tolist():
        listed[reference.cell_at(int(own.lane[0, w]), float(own.start[0, w]) + 1e-6)] = w
    window = ROUTER.spacing * ROUTER.points
    near = {
        first_of(reference, cell)
        for cell, metres in ahead(reference, here, s).items()
        if metres <= window and cost[*cell, 0] < math.inf
    }
    assert near <= set(listed)
    for first, w in listed.items():
        stretch = stretch_from(reference, first)
        kept = [cell for cell in stretch if cost[*cell, 0] < math.inf]
        if not kept:  # past the goal
            continue
        after = reference.onward(stretch[-1])
        through = not reference.cells[first][2] and any(cost[*to, 0] < math.inf for to in after)
        through = through or any((*cell, 0) in goals for cell in stretch)
        assert own.through[0, w] == through
        last = stretch[-1] if through else kept[-1]
        assert own.leave_by[0, w] == pytest.approx(reference.cells[last][1])
        changes = [b for b, _ in reference.edges[*last, 0] if b[0] != last[0] and b[2] > 0]
        ways = {b[0] for b in changes if cost[b] < math.inf}
        if through or (reference.cells[last][2] and not ways):
            ways = {first[0]}
        assert own.leave_for[0, w] in ways


def first_of(reference: Reference, cell: Cell) -> Cell:
    """The first cell of a cell's stretch."""
    lane, k = cell
    while k > 0 and reference.cells[lane, k - 1][2] == reference.cells[lane, k][2]:
        k -= 1
    return lane, k


def stretch_from(reference: Reference, first: Cell) -> list[Cell]:
    lane, k = first
    found = [first]
    while (lane, k + 1) in reference.cells and first_of(reference, (lane, k + 1)) == first:
        k += 1
        found.append((lane, k))
    return found


def ahead(reference: Reference, here: Cell, s: float) -> dict[Cell, float]:
    """Metres to every cell that can be reached at all, lane changes free."""
    found: dict[Cell, float] = {}
    queue = [(reference.cells[here][0] - s, here)]
    while queue:
        metres, cell = heapq.heappop(queue)
        if cell in found:
            continue
        found[cell] = metres
        start, end, _ = reference.cells[cell]
        for other in reference.onward(cell):
            heapq.heappush(queue, (metres + end - start, other))
        for side in (-1, 1):
            other = reference.beside[cell, side]
            if other is not None and not reference.roads.lanes[other[0]].forbidden:
                heapq.heappush(queue, (metres, other))
    return found
