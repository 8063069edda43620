"""Hidden state drawn anew: what others want, are about to do, and who is there unseen.

Whoever judges an action by a fork of the world would judge it by what no sensor shows: a driver's
exit, the moment of a cut-in, the child or the lost load behind the van. So a fork draws these
again, within what the observation leaves open. Poses, speeds and what is under way stay as they
are. Recorded traffic goes on as recorded: nobody knows what else those drivers might have done.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.script import Measure, Phase
from drivestack.core.tables import Driver, Row, Table
from drivestack.roads.lanes import limit_of

from .actors.stage import Stage, stage_of
from .views import Pool, Road, road_of

BODY_DRAWS, CUE_DRAWS = 7, 3
"""Uniform numbers for each body and each event, and for each entry of a route one."""

_IDM, _LINEAR = int(Driver.IDM), int(Driver.LINEAR)
_WAITING, _STOPPED = int(Phase.WAITING), int(Phase.STOPPED)
_TIME = int(Measure.TIME)
_SCALED = (
    int(Measure.DISTANCE),
    int(Measure.HEADWAY),
    int(Measure.TIME_TO_COLLISION),
    int(Measure.TO_POINT),
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """How much is open; all our choice.

    Attributes:
        unseen: probability that somebody whom nobody sees is there. content: that who drives near
        his lane's limit has the speed he wants. near: share of the limit from which on that is so.
        spread: of the wanted speed [m/s]. slowest: least share of the limit that others want.
        turns: probability that a route is drawn anew. never: that an event never comes.
        moment: of an event's time [s]. distance: of the logarithm of its distance or time gap.
        least_delta, most_delta: IDM exponents of highway-env's drivers (`IDMVehicle.DELTA_RANGE`).
        far, time: who is farther than `far` [m] beyond what his speed relative to the ego makes of
        it within `time` [s] is left out: trials last some seconds, and he would not be felt.
    """

    unseen: float = 0.5
    content: float = 0.7
    near: float = 0.5
    spread: float = 1.0
    slowest: float = 0.5
    turns: float = 0.5
    never: float = 0.2
    moment: float = 1.0
    distance: float = 0.3
    least_delta: float = 3.5
    most_delta: float = 4.5
    far: float = 100.0
    time: float = 4.0


@hot_kernel
def _bell(u: float, w: float) -> float:
    """A normal number of two uniform ones (Box and Muller)."""
    return math.sqrt(-2.0 * math.log(max(u, 1e-12))) * math.cos(2.0 * math.pi * w)


@hot_kernel
def _wanted_speed(road: Road, body: Row, u: NDArray, doubt: Row) -> float:
    limit = limit_of(road.lanes[body.lane])
    if body.speed >= doubt.near * limit and u[0] < doubt.content:
        return max(body.speed + doubt.spread * _bell(u[1], u[2]), 0.0)
    return max(limit * (doubt.slowest + u[1] * (1.0 - doubt.slowest)), body.speed)


@hot_kernel
def _turn_elsewhere(road: Road, body: Row, route: Table, u: NDArray) -> None:
    """Draw the roads that follow the present one, as far as the route went."""
    head, now = body.route_head, road.lanes[body.target_lane].road
    if head < body.route_n and route[head, 0] == now:
        head += 1
    for entry in range(head, body.route_n):
        row = road.roads[now]
        if row.next_n == 0:
            body.route_n = entry
            return
        choice = min(int(u[entry] * row.next_n), row.next_n - 1)
        now = road.numbers[row.next_at + choice]
        route[entry, 0], route[entry, 1] = now, -1


@hot_kernel
def _is_far(ego: Row, body: Row, doubt: Row) -> bool:
    dx, dy = body.x - ego.x, body.y - ego.y
    vx = body.speed * math.cos(body.heading) - ego.speed * math.cos(ego.heading)
    vy = body.speed * math.sin(body.heading) - ego.speed * math.sin(ego.heading)
    reach = doubt.far + doubt.time * math.sqrt(vx * vx + vy * vy)
    return dx * dx + dy * dy > reach * reach


@hot_kernel
def _redraw_body(
    slot: Row, road: Road, ego: Row, body: Row, route: Table, seen: bool, u: NDArray, w: NDArray,
    doubt: Row,
) -> None:  # fmt: skip
    if (not seen and u[5] >= doubt.unseen) or _is_far(ego, body, doubt):
        body.present = False
        return
    if body.driver != _IDM and body.driver != _LINEAR:
        return
    body.target_speed = _wanted_speed(road, body, u, doubt)
    body.delta = doubt.least_delta + u[3] * (doubt.most_delta - doubt.least_delta)
    body.timer = u[4] * slot.lane_change_delay
    if body.routed and u[6] < doubt.turns:
        _turn_elsewhere(road, body, route, w)


@hot_kernel
def _redraw_cue(slot: Row, cue: Row, stage: Stage, u: NDArray, doubt: Row) -> None:
    if cue.phase != _WAITING or cue.ends_episode:
        return
    if u[0] < doubt.never:
        cue.phase = _STOPPED
        return
    by = _bell(u[1], u[2])
    for k in range(cue.conditions_at, cue.conditions_at + cue.conditions_n):
        condition = stage.conditions[k]
        if condition.measure == _TIME:
            now = slot.tick * slot.dt
            condition.value = max(condition.value + doubt.moment * by, min(condition.value, now))
        elif (
            condition.measure == _SCALED[0]
            or condition.measure == _SCALED[1]
            or condition.measure == _SCALED[2]
            or condition.measure == _SCALED[3]
        ):
            condition.value *= math.exp(doubt.distance * by)


@hot_kernel
def redraw_all(
    slots: Table,
    bodies: Table,
    routes: Table,
    pool: Pool,
    stages: Stage,
    seen: NDArray,
    body_draws: NDArray,
    route_draws: NDArray,
    cue_draws: NDArray,
    doubts: Table,
) -> None:
    """Draw every slot anew.

    Args:
        seen: (B, N) by the place in the list. body_draws: (B, N, `BODY_DRAWS`). route_draws:
        (B, N, Q). cue_draws: (B, E, `CUE_DRAWS`). doubts: (1,) of `Doubt`.
    """
    doubt = doubts[0]
    for b in range(slots.shape[0]):
        slot = slots[b]
        road = road_of(pool, slot.map)
        for k in range(slot.n):
            if k != slot.ego and bodies[b, k].present:
                _redraw_body(
                    slot, road, bodies[b, slot.ego], bodies[b, k], routes[b, k], seen[b, k],
                    body_draws[b, k], route_draws[b, k], doubt,
                )  # fmt: skip
        for k in range(slot.obstacles_at, slot.obstacles_at + slot.obstacles_n):
            _redraw_body(
                slot, road, bodies[b, slot.ego], bodies[b, k], routes[b, k], seen[b, k],
                body_draws[b, k], route_draws[b, k], doubt,
            )  # fmt: skip
        stage = stage_of(stages, slot, b)
        for c in range(slot.cues_n):
            _redraw_cue(slot, stage.cues[c], stage, cue_draws[b, c], doubt)
        slot.fresh = True
