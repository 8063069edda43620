"""Whether to act, and how: options against futures, and what waiting once more would cost."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.tables import Row, Table
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import local_coordinates, width_at
from drivestack.roads.links import Links
from drivestack.roads.ways import STRETCHES, WAYS, branch, lanes_under

from .contact import touches_first
from .options import POINTS, path_along, path_planned, path_straight, roll
from .others import FACTS, ROWS, foresee
from .watch import Notes, look

NOBODY = -1
"""No road user is concerned, or no option is taken."""


@hot_kernel
def _out_of_lane(map: Lanes, lane: int, poses: NDArray, width: float, length: float) -> int:
    """The first step at which the ego's body has crossed an edge of its lane, moving aside."""
    if lane < 0:
        return poses.shape[0]
    row = map.lanes[lane]
    for k in range(poses.shape[0]):
        s, lateral = local_coordinates(row, map.points, poses[k, 0], poses[k, 1])
        if s > row.length:
            break
        if abs(lateral) + 0.5 * width > 0.5 * width_at(row, map.points, s) + 0.1:
            return k
    return poses.shape[0]


@hot_kernel
def _risk(
    ego: NDArray, size: NDArray, facts: NDArray, futures: NDArray, rows: int, spare: float,
    leaves: int, gaps: Row, judgement: Row, nothing: NDArray, harm: float, most: float,
    costs: NDArray,
) -> float:  # fmt: skip
    """Expected cost of an option [collisions]; above `most` it need not be known.

    Args:
        nothing: (R,) what each future costs if nothing is done. harm: factor of a contact where
        that costs nothing. costs: (R,), written.
    """
    total = 0.0
    for r in range(rows):
        _, cost = touches_first(ego, size, futures[r], facts[r, 2], facts[r, 3], spare,
                                gaps.step, leaves, gaps, judgement)  # fmt: skip
        costs[r] = cost
        if cost > 0.0:
            total += facts[r, 1] * cost * (harm if nothing[r] <= 0.0 else 1.0)
            if total > most:
                return total
    return total


@hot_kernel
def _lane_of(
    map: Lanes, links: Links, ego: NDArray, size: NDArray, own: Row, starts: NDArray
) -> int:
    """The lane that the ego is on; -1: none."""
    if lanes_under(map, links, ego, size[0], own, starts) == 0:
        return -1
    return starts[0]


@hot_kernel
def _way_from(
    map: Lanes, links: Links, lane: int, ego: NDArray, reach: float, ways: NDArray
) -> None:
    """Write the ways (`WAYS`, `STRETCHES`) that go on from a lane; the first one is followed."""
    for w in range(WAYS):
        for q in range(STRETCHES):
            ways[w, q] = -1
    ways[0, 0] = lane
    branch(map, links, 1, reach, ego, ways)


@kernel
def decide(
    rows: NDArray, map: Lanes, links: Links, tick: NDArray, dt: NDArray, ego: NDArray,
    ego_accel: NDArray, ego_steer: NDArray, sizes: NDArray, control: NDArray, plan: NDArray,
    plan_tick: NDArray, plan_dt: NDArray, plan_valid: NDArray, state: NDArray, boxes: NDArray,
    kind: NDArray, id: NDArray, age: NDArray, frame_age: NDArray, valid: NDArray,
    notes: Notes, forgotten: float, smoothing: float, options: NDArray, beliefs: Table,
    abilities: Table, judgements: Table,
    acting: NDArray, asked: NDArray, chosen: NDArray, wait: NDArray, act: NDArray,
    first: NDArray, about: NDArray, when: NDArray,
) -> None:  # fmt: skip
    """Decide for the scenarios `rows` on one map; the arrays from `acting` on are written.

    Args:
        acting: (B,) whether it acted at the last tick. asked: (B,) ticks in a row that asked for
        it. chosen: (B,) the option taken, `NOBODY` where it does not act. wait, act: (B,) expected
        cost of waiting, and of acting [collisions]. first: (B, 2) control of the option. about:
        (B,) id of the road user that it is about. when: (B,) time to the contact with it [s].
    """
    own, able, judge = beliefs[0], abilities[0], judgements[0]
    step = able.step
    steps = int(able.most / step + 0.5)
    users = state.shape[1]
    facts = np.zeros((users * ROWS, FACTS))
    futures = np.zeros((users * ROWS, steps + 1, 4))
    nothing, costs = np.zeros(users * ROWS), np.zeros(users * ROWS)
    poses = np.zeros((steps + 1, 4))
    rates = np.zeros((users, 2))
    starts = np.zeros(WAYS, np.int64)
    ways = np.zeros((WAYS, STRETCHES), np.int64)
    paths = np.zeros((4, POINTS, 3))
    counts = np.zeros(4, np.int64)
    now, begin, other = np.zeros(2), np.zeros(2), np.zeros(4)
    for b in rows:
        look(b, tick[b], dt[b], state[b], id[b], age[b] + frame_age[b], valid[b], notes, rates,
             forgotten, smoothing)  # fmt: skip
        me, size, v = ego[b], sizes[b], ego[b, 3]
        chosen[b], wait[b], act[b] = NOBODY, 0.0, 0.0
        about[b], when[b] = NOBODY, math.inf
        if not (math.isfinite(control[b, 0]) and math.isfinite(control[b, 1])):
            continue
        span = min(max(v / able.brake + able.beyond, able.least), able.most)
        n_steps = int(span / step + 0.5)
        lane = _lane_of(map, links, me, size, own, starts)
        c, s = math.cos(me[2]), math.sin(me[2])
        r = 0
        for n in range(users):
            if not valid[b, n]:
                continue
            dx, dy = state[b, n, 0] - me[0], state[b, n, 1] - me[1]
            reach = (v + state[b, n, 3]) * span + size[0] + boxes[b, n, 0]
            if dx * dx + dy * dy > reach * reach:
                continue
            ahead = dx * c + dy * s
            straight = math.cos(state[b, n, 2] - me[2])
            behind = straight > 0.5 and ahead < -0.5 * (size[0] + boxes[b, n, 0])
            drop = (age[b, n] + frame_age[b]) * dt[b]
            other[0] = state[b, n, 0] + state[b, n, 3] * math.cos(state[b, n, 2]) * drop
            other[1] = state[b, n, 1] + state[b, n, 3] * math.sin(state[b, n, 2]) * drop
            other[2], other[3] = state[b, n, 2], state[b, n, 3]
            r = foresee(map, links, n, other, boxes[b, n], kind[b, n] == 0, rates[n, 0],
                        rates[n, 1], behind, step, starts, ways, own, facts,
                        futures[:, : n_steps + 1], r)  # fmt: skip
        if r == 0:
            acting[b], asked[b] = False, 0
            continue
        mine = poses[: n_steps + 1]
        now[0], now[1] = ego_accel[b], ego_steer[b]
        spacing = max(v, 5.0) * span / POINTS + 0.5
        plan_first = 0
        plan_step = plan_dt[b]
        if plan_valid[b]:
            # row i of a plan lies i + 1 steps after its tick
            plan_first = max(int(round((tick[b] - plan_tick[b]) * dt[b] / plan_step)), 0)
            counts[0] = path_planned(plan[b], min(plan_first, plan.shape[1] - 1), paths[0])
        else:
            counts[0] = path_straight(me[0], me[1], me[2], spacing, paths[0])
        harm = 1.0
        for i in range(r):
            nothing[i] = 1.0
        roll(me, size[0], now, control[b], 0, paths[0], counts[0], plan[b], plan_first, plan_step,
             paths[0], counts[0], 0.0, 0, 0.0, able, mine, begin)  # fmt: skip
        leaves = _out_of_lane(map, lane, mine, size[1], size[0])
        spare = judge.spare if acting[b] else 0.0
        idle = 0.0
        clear = 1.0
        worst, soonest = 0.0, math.inf
        touched, last = 0.0, -1
        for i in range(r):
            time, cost = touches_first(mine, size, futures[i], facts[i, 2], facts[i, 3], spare,
                                       step, leaves, able, judge)  # fmt: skip
            nothing[i] = cost
            idle += facts[i, 1] * cost
            user = int(facts[i, 0])
            if user != last:
                clear *= 1.0 - min(touched, 1.0)
                touched, last = 0.0, user
            if cost > 0.0:
                touched += facts[i, 1]
            if facts[i, 1] * cost > worst:
                worst, soonest = facts[i, 1] * cost, time
                about[b] = id[b, user]
        clear *= 1.0 - min(touched, 1.0)
        when[b] = soonest
        if idle <= judge.worth:
            acting[b], asked[b] = False, 0
            continue
        harm = judge.harm
        room = 0.0
        if lane >= 0:
            at, _ = local_coordinates(map.lanes[lane], map.points, me[0], me[1])
            wide = width_at(map.lanes[lane], map.points, at)
            room = min(max(0.5 * (wide - size[1]) - able.edge, 0.0), able.shift)
        for p in range(1, 4):
            to = lane
            if lane >= 0 and p == 2:
                to = links.left[lane]
            if lane >= 0 and p == 3:
                to = links.right[lane]
            counts[p] = 0
            if to >= 0:
                _way_from(map, links, to, me, spacing * POINTS, ways)
                counts[p] = path_along(map, ways[0], me[0], me[1], spacing, paths[p])
            elif p == 1:
                counts[p] = path_straight(me[0], me[1], me[2], spacing, paths[p])
        waiting = idle
        late = int((judge.release if acting[b] else judge.late) / step + 0.5)
        best, taken = math.inf, NOBODY
        for o in range(options.shape[0]):
            p = options[o, 0]
            if counts[p] == 0 or (options[o, 1] != 0 and room <= 0.05):
                continue
            shift = options[o, 1] * room
            if waiting > judge.worth:
                roll(me, size[0], now, control[b], late, paths[0], counts[0], plan[b], plan_first,
                     plan_step, paths[p], counts[p], shift, options[o, 2], 3.0, able, mine,
                     begin)  # fmt: skip
                leaves = _out_of_lane(map, lane, mine, size[1], size[0])
                waiting = min(waiting, _risk(mine, size, facts, futures, r, spare, leaves, able,
                                             judge, nothing, harm, waiting, costs))  # fmt: skip
            if waiting <= judge.worth:
                break
            roll(me, size[0], now, control[b], 0, paths[0], counts[0], plan[b], plan_first,
                 plan_step, paths[p], counts[p], shift, options[o, 2], 3.0, able, mine,
                 begin)  # fmt: skip
            leaves = _out_of_lane(map, lane, mine, size[1], size[0])
            cost = _risk(mine, size, facts, futures, r, 0.0, leaves, able, judge, nothing, harm,
                         best, costs)  # fmt: skip
            if cost < best - 1e-9:
                best, taken = cost, o
                first[b, 0], first[b, 1] = begin[0], begin[1]
        wait[b] = min(waiting, idle)
        act[b] = best + judge.price * clear if taken >= 0 else wait[b]
        wants = act[b] + judge.worth < wait[b]
        asked[b] = asked[b] + 1 if wants else 0
        acting[b] = wants and (acting[b] or asked[b] >= judge.persistence)
        if acting[b]:
            chosen[b] = taken
