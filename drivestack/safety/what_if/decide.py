"""Whether to act, and how: options against futures, and what waiting once more would cost."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel, kernel
from drivestack.core.tables import Row
from drivestack.roads.crossings import in_junction
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.lanes import local_coordinates, width_at
from drivestack.roads.links import Links
from drivestack.roads.ways import STRETCHES, WAYS, branch, lanes_under

from .contact import touches_first
from .options import Path, path_planned, path_straight, roll
from .others import FACTS, ROWS, foresee
from .tables import Answer, Ego, Model, Notes, Planned, Room, Seen
from .trace import COLUMNS, POINTS, trace
from .watch import look

NOBODY = -1
"""No road user is concerned, or no option is taken."""

_PLAN = int(Path.PLAN)
_LANE = int(Path.LANE)
_LEFT = int(Path.LEFT)
_RIGHT = int(Path.RIGHT)


@kernel
def room_for(users: int, able: Row) -> Room:
    """Scratch for scenarios with up to so many others."""
    steps = int(able.most / able.step + 0.5)
    return Room(
        np.zeros((users * ROWS, FACTS)), np.zeros((users * ROWS, steps + 1, 4)),
        np.zeros(users * ROWS), np.zeros((steps + 1, 4)), np.zeros((users, 2)),
        np.zeros(WAYS, np.int64), np.zeros((WAYS, STRETCHES), np.int64),
        np.zeros((POINTS, COLUMNS)), np.zeros((4, POINTS, COLUMNS)), np.zeros(4, np.int64),
        np.zeros(2),
    )  # fmt: skip


@hot_kernel
def look_ahead(v: float, able: Row) -> tuple[float, int]:
    """For how long futures are looked at [s], and in how many steps."""
    span = min(max(v / able.brake + able.beyond, able.least), able.most)
    return span, int(span / able.step + 0.5)


@hot_kernel
def reach_of(v: float, span: float, able: Row) -> float:
    """How far the ego may get in this time, and see its path from there [m]."""
    return (v + 0.5 * able.gain * span) * span + 20.0


@hot_kernel
def lane_under(map: Lanes, links: Links, me: NDArray, size: NDArray, own: Row, room: Room) -> int:
    """The lane that the ego is on; `NOBODY`: none."""
    if lanes_under(map, links, me, size[0], own, room.starts) == 0:
        return NOBODY
    return room.starts[0]


@hot_kernel
def _may_meet(ego: NDArray, size: NDArray, other: NDArray, box: NDArray, span: float, own: Row,
              able: Row) -> bool:  # fmt: skip
    """Whether two can come near each other within the look ahead, whatever either does."""
    dx, dy = other[0] - ego[0], other[1] - ego[1]
    slack = 0.5 * (size[0] + size[1] + box[0] + box[1]) + 2.0
    distance = math.sqrt(dx * dx + dy * dy) - slack
    # what one of them drives at the most and at the least
    v, u = ego[3], other[3]
    most = v * span + 0.5 * able.gain * span * span
    far = u * span + 0.5 * own.most * own.carried * own.carried + own.most * own.carried * span
    if distance > most + far:
        return False
    if math.cos(other[2] - ego[2]) < 0.9:
        return True
    if dx * math.cos(ego[2]) + dy * math.sin(ego[2]) > 0.0:
        return distance < most - u * u / (2.0 * own.brake)
    return distance < far - v * v / (2.0 * able.brake)


@hot_kernel
def foresee_all(
    b: int, map: Lanes, links: Links, ego: Ego, seen: Seen, span: float, steps: int, own: Row,
    able: Row, room: Room,
) -> int:  # fmt: skip
    """Write the futures of everybody whom the ego of scenario b may meet; returns how many."""
    me, size = ego.state[b], ego.size[b]
    c, s = math.cos(me[2]), math.sin(me[2])
    other = room.poses[0]
    rows = 0
    for n in range(seen.valid.shape[1]):
        if not seen.valid[b, n]:
            continue
        # from when it was measured until now
        gone = seen.state[b, n, 3] * (seen.age[b, n] + seen.frame_age[b]) * seen.dt[b]
        yaw = seen.state[b, n, 2]
        other[0] = seen.state[b, n, 0] + gone * math.cos(yaw)
        other[1] = seen.state[b, n, 1] + gone * math.sin(yaw)
        other[2], other[3] = yaw, seen.state[b, n, 3]
        if not _may_meet(me, size, other, seen.size[b, n], span, own, able):
            continue
        ahead = (other[0] - me[0]) * c + (other[1] - me[1]) * s
        behind = math.cos(other[2] - me[2]) > 0.5
        behind &= ahead < -0.5 * (size[0] + seen.size[b, n, 0])
        rows = foresee(map, links, n, other, seen.size[b, n], seen.kind[b, n] == 0,
                       room.rates[n, 0], room.rates[n, 1], behind, able.step, room.starts,
                       room.ways, room.table, own, room.facts, room.futures[:, : steps + 1],
                       rows)  # fmt: skip
    return rows


@hot_kernel
def _leaves_lane(map: Lanes, lane: int, poses: NDArray, width: float, aside: float) -> int:
    """The first step at which the ego's body is over an edge of its lane by `aside` [m]."""
    if lane < 0:
        return poses.shape[0]
    row = map.lanes[lane]
    for k in range(poses.shape[0]):
        s, lateral = local_coordinates(row, map.points, poses[k, 0], poses[k, 1])
        if s > row.length:
            break
        if abs(lateral) + 0.5 * width > 0.5 * width_at(row, map.points, s) + aside:
            return k
    return poses.shape[0]


@hot_kernel
def lay_paths(
    map: Lanes, links: Links, lane: int, me: NDArray, size: NDArray, reach: float, room: Room
) -> None:
    """Write the paths along the ego's lane and those beside."""
    for p in range(_LANE, _RIGHT + 1):
        to = lane
        if lane >= 0 and p == _LEFT:
            to = links.left[lane]
        elif lane >= 0 and p == _RIGHT:
            to = links.right[lane]
        room.spans[p] = 0
        if to >= 0:
            room.starts[0] = to
            branch(map, links, room.starts[:1], reach, me, room.ways)
            s, _ = local_coordinates(map.lanes[to], map.points, me[0], me[1])
            room.spans[p], _ = trace(map, room.ways[0], s, size[0], reach, room.paths[p])
        elif p == _LANE:
            room.spans[p] = path_straight(me[0], me[1], me[2], reach, room.paths[p])


@hot_kernel
def _idle(
    b: int, seen: Seen, size: NDArray, rows: int, poses: NDArray, leaves: int, able: Row,
    judge: Row, room: Room, answer: Answer,
) -> tuple[float, float, float, bool]:  # fmt: skip
    """What doing nothing is expected to cost [collisions], and how likely it costs nothing.

    Also how likely the likeliest future is that costs something, and whether only those cost
    anything who go the same way.
    """
    total, worst, clear, likeliest, together = 0.0, 0.0, 1.0, 0.0, True
    touched, last = 0.0, NOBODY
    for r in range(rows):
        cost = touches_first(poses, size, room.futures[r], room.facts[r, 2],
                                   room.facts[r, 3], 0.0, leaves, able, judge)  # fmt: skip
        room.idle[r] = cost
        user = int(room.facts[r, 0])
        if user != last:
            clear *= 1.0 - min(touched, 1.0)
            touched, last = 0.0, user
        if cost <= 0.0:
            continue
        share = room.facts[r, 1] * cost
        total += share
        touched += room.facts[r, 1]
        likeliest = max(likeliest, room.facts[r, 1])
        if share > judge.worth:
            together &= math.cos(seen.state[b, user, 2] - poses[0, 2]) >= judge.together
        if share > worst:
            worst = share
            answer.about[b] = seen.id[b, user]
    return total, clear * (1.0 - min(touched, 1.0)), likeliest, together


@hot_kernel
def _risk(
    size: NDArray, rows: int, poses: NDArray, spare: float, leaves: int, most: float, able: Row,
    judge: Row, room: Room,
) -> float:  # fmt: skip
    """Expected cost of an option [collisions]; above `most` it need not be known."""
    total = 0.0
    for r in range(rows):
        cost = touches_first(poses, size, room.futures[r], room.facts[r, 2], room.facts[r, 3],
                                spare, leaves, able, judge)  # fmt: skip
        if cost > 0.0:
            harm = judge.harm if room.idle[r] <= 0.0 else 1.0
            total += room.facts[r, 1] * cost * harm
            if total > most:
                break
    return total


@hot_kernel
def room_aside(map: Lanes, lane: int, me: NDArray, width: float, able: Row) -> float:
    """How far the ego may shift inside its lane [m]."""
    if lane < 0:
        return 0.0
    s, _ = local_coordinates(map.lanes[lane], map.points, me[0], me[1])
    free = 0.5 * (width_at(map.lanes[lane], map.points, s) - width) - able.edge
    return min(max(free, 0.0), able.shift)


@hot_kernel
def option_risk(
    b: int, o: int, late: int, aside: float, spare: float, most: float, map: Lanes, lane: int,
    ego: Ego, plan: NDArray, first: int, step: float, rows: int, poses: NDArray, model: Model,
    room: Room,
) -> float:  # fmt: skip
    """Expected cost of option o after `late` steps of the plan; infinite where there is no path."""
    p, side, speeds = model.options[o, 0], model.options[o, 1], model.options[o, 2]
    points = int(room.spans[p])
    if points == 0 or (side != 0 and aside < 0.05):
        return math.inf
    able, size = model.abilities[0], ego.size[b]
    roll(ego.state[b], size[0], ego.steer[b], ego.control[b], late, plan, first, step,
         room.paths[_PLAN], int(room.spans[_PLAN]), room.paths[p], points, side * aside, speeds,
         able, poses, room.first)  # fmt: skip
    leaves = _leaves_lane(map, lane, poses, size[1], able.over)
    return _risk(size, rows, poses, spare, leaves, most, able, model.judgement[0], room)


@hot_kernel
def _weigh(
    b: int, map: Lanes, lane: int, ego: Ego, plan: NDArray, first: int, step: float, rows: int,
    poses: NDArray, idle: float, clear: float, model: Model, room: Room, answer: Answer,
) -> tuple[float, float]:  # fmt: skip
    """Cost of waiting and of acting now [collisions]; the best option is written to `answer`.

    Where an option still clears after waiting there is time, and none is taken. Acting is in vain
    where doing nothing would have cost nothing.

    Args:
        clear: how likely doing nothing costs nothing.
    """
    able, judge = model.abilities[0], model.judgement[0]
    aside = room_aside(map, lane, ego.state[b], ego.size[b, 1], able)
    acting = answer.acting[b]
    late = int((judge.release if acting else judge.late) / able.step + 0.5)
    spare = judge.spare if acting else 0.0
    waiting, best = idle, math.inf
    for o in model.tried:
        waiting = min(waiting, option_risk(b, o, late, aside, spare, waiting, map, lane, ego, plan,
                                           first, step, rows, poses, model, room))  # fmt: skip
        if waiting <= judge.worth:
            return waiting, waiting
    for o in range(model.options.shape[0]):
        cost = option_risk(b, o, 0, aside, 0.0, best, map, lane, ego, plan, first, step, rows,
                            poses, model, room)  # fmt: skip
        if cost < best - 1e-9:
            best = cost
            answer.chosen[b] = o
            answer.first[b, 0], answer.first[b, 1] = room.first[0], room.first[1]
            if best <= 0.0:
                break
    # what is foreseen may dissolve, as long as waiting for that loses nothing
    vain = max(clear, judge.unforeseen * (1.0 - min(waiting, 1.0)))
    return waiting, best + judge.price * vain


@hot_kernel
def _decide(
    b: int, map: Lanes, links: Links, junctions: NDArray, ego: Ego, seen: Seen, planned: Planned,
    notes: Notes, forgotten: float, smoothing: float, model: Model, room: Room, answer: Answer,
) -> int:  # fmt: skip
    """In how many ticks acting has to be worth it in scenario b, as it is now; 0: it is not.

    The answer's costs, option and road user are written.
    """
    own, able, judge = model.beliefs[0], model.abilities[0], model.judgement[0]
    look(b, seen, notes, room.rates, forgotten, smoothing)
    me, size, control = ego.state[b], ego.size[b], ego.control[b]
    if not (math.isfinite(control[0]) and math.isfinite(control[1])):
        return 0
    span, steps = look_ahead(me[3], able)
    rows = foresee_all(b, map, links, ego, seen, span, steps, own, able, room)
    if rows == 0:
        return 0
    reach = reach_of(me[3], span, able)
    step, plan, first = planned.dt[b], planned.states[b], 0
    if planned.valid[b]:
        # row i of a plan lies i + 1 steps after its tick
        past = (seen.tick[b] - planned.tick[b]) * seen.dt[b]
        first = max(int(past / step + 0.5), 0)
        room.spans[_PLAN] = path_planned(plan, first, room.paths[_PLAN])
    else:
        room.spans[_PLAN] = path_straight(me[0], me[1], me[2], reach, room.paths[_PLAN])
    lane = lane_under(map, links, me, size, own, room)
    poses = room.poses[: steps + 1]
    roll(me, size[0], ego.steer[b], control, 0, plan, first, step, room.paths[_PLAN],
         room.spans[_PLAN], room.paths[_PLAN], room.spans[_PLAN], 0.0, 0, able, poses,
         room.first)  # fmt: skip
    leaves = _leaves_lane(map, lane, poses, size[1], able.over)
    idle, clear, likeliest, together = _idle(
        b, seen, size, rows, poses, leaves, able, judge, room, answer
    )
    answer.wait[b] = answer.act[b] = idle
    if idle <= judge.worth:
        return 0
    lay_paths(map, links, lane, me, size, reach, room)
    answer.wait[b], answer.act[b] = _weigh(
        b, map, lane, ego, plan, first, step, rows, poses, idle, clear, model, room, answer
    )
    # where no option clears any more the least bad one is kept to
    worth = 0.0 if answer.acting[b] else judge.worth
    if answer.act[b] + worth >= answer.wait[b]:
        return 0
    if together and in_junction(map, junctions, me[0], me[1]):
        return int(judge.patient)
    return int(judge.brisk if likeliest >= judge.sure else judge.persistence)


@kernel
def decide(
    rows: NDArray, map: Lanes, links: Links, junctions: NDArray, ego: Ego, seen: Seen,
    planned: Planned, notes: Notes, forgotten: float, smoothing: float, model: Model,
    answer: Answer,
) -> None:  # fmt: skip
    """Decide for the scenarios `rows` on one map; `notes` and `answer` are written."""
    room = room_for(seen.valid.shape[1], model.abilities[0])
    alert = int(model.judgement[0].alert)
    for b in rows:
        needs = _decide(b, map, links, junctions, ego, seen, planned, notes, forgotten,
                        smoothing, model, room, answer)  # fmt: skip
        asked = answer.asked[b] + (1 if needs > 0 else -1)
        answer.asked[b] = min(max(asked, 0), alert)
        answer.acting[b] = needs > 0 and (answer.acting[b] or answer.asked[b] >= needs)
        if not answer.acting[b]:
            answer.chosen[b] = NOBODY
