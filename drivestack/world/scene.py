"""From tables to the checked record `Scene`: the one place where the frame is turned to ISO."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import hot_kernel
from drivestack.core.map import Map
from drivestack.core.script import Phase
from drivestack.core.tables import Row, Table
from drivestack.core.types import EgoState, Scene, Tracks

from .driving import is_controlled, seen_target_speed


class _Copies(NamedTuple):
    """Fresh arrays that become the records."""

    ego_state: NDArray
    ego_motion: NDArray
    ego_size: NDArray
    ego_ints: NDArray
    ego_flags: NDArray
    state: NDArray
    size: NDArray
    ints: NDArray
    flags: NDArray
    target_speed: NDArray


def observe_all(
    slots: NDArray,
    bodies: NDArray,
    cues: NDArray,
    y_right: NDArray[np.bool_],
    maps: tuple[Map, ...],
) -> Scene:
    """The true state of all slots.

    Args:
        slots: (B,) `SLOT`. bodies: (B, C) `BODY`; all but the ego become the C - 1 agents, in list
        order, obstacles last. cues: (B, E) `CUE`. y_right: (B,). maps: the pool, already ISO.
    """
    batch, places = bodies.shape
    agents = places - 1
    out = _Copies(
        np.zeros((batch, 4)),
        np.zeros((2, batch)),
        np.zeros((batch, 2)),
        np.zeros((6, batch), np.int32),
        np.zeros((2, batch), np.bool_),
        np.zeros((batch, agents, 1, 4)),
        np.zeros((batch, agents, 2)),
        np.zeros((4, batch, agents), np.int32),
        np.zeros((2, batch, agents), np.bool_),
        np.zeros((batch, agents)),
    )
    _copy_all(slots, bodies, y_right, out)
    control = np.ascontiguousarray(out.ego_motion.T)
    age = np.zeros((batch, agents), np.int32)
    fired = cues["phase"] > Phase.WAITING
    over = cues["phase"] > Phase.RUNNING
    return Scene(
        tick=out.ego_ints[0],
        dt=slots["dt"].copy(),
        maps=maps,
        map_index=out.ego_ints[1],
        ego=EgoState(out.ego_state, out.ego_motion[0], out.ego_motion[1], out.ego_size),
        agents=Tracks(out.state, out.size, out.ints[0], out.ints[1], age, out.flags[0][:, :, None]),
        ego_lane=out.ego_ints[2],
        ego_target_lane=out.ego_ints[3],
        lane=out.ints[2],
        target_lane=out.ints[3],
        target_speed=out.target_speed,
        crashed=out.ego_flags[0],
        agent_crashed=out.flags[1],
        contact=out.ego_flags[1],
        contact_side=out.ego_ints[4],
        contact_with=out.ego_ints[5],
        control=control,
        ended=slots["ended"].copy(),
        cue_fired=fired,
        cue_began=np.where(fired, cues["began"], 0).astype(np.int32),
        cue_ended=np.where(over, cues["ended"], 0).astype(np.int32),
        cue_over=over,
    )


@hot_kernel
def _copy_all(slots: Table, bodies: Table, y_right: Table, out: _Copies) -> None:
    for b in range(slots.shape[0]):
        slot = slots[b]
        sign = -1.0 if y_right[b] else 1.0
        _copy_ego(slot, bodies[b, slot.ego], b, sign, out)
        place = 0
        for k in range(slot.n):
            if k != slot.ego:
                _copy_agent(bodies[b, k], b, place, sign, out)
                place += 1
        for k in range(slot.obstacles_at, slot.obstacles_at + slot.obstacles_n):
            _copy_agent(bodies[b, k], b, place, sign, out)
            place += 1


@hot_kernel
def _copy_ego(slot: Row, ego: Row, b: int, sign: float, out: _Copies) -> None:
    out.ego_state[b, 0] = ego.x
    out.ego_state[b, 1] = sign * ego.y
    out.ego_state[b, 2] = sign * ego.heading
    out.ego_state[b, 3] = ego.speed
    out.ego_motion[0, b] = ego.accel
    out.ego_motion[1, b] = sign * ego.steer
    out.ego_size[b, 0] = ego.length
    out.ego_size[b, 1] = ego.width
    out.ego_ints[0, b] = slot.tick
    out.ego_ints[1, b] = slot.map
    out.ego_ints[2, b] = ego.lane
    out.ego_ints[3, b] = ego.target_lane if is_controlled(ego) else ego.lane
    out.ego_ints[4, b] = ego.contact_side if ego.contact else 0
    out.ego_ints[5, b] = ego.contact_with if ego.contact else 0
    out.ego_flags[0, b] = ego.crashed
    out.ego_flags[1, b] = ego.contact


@hot_kernel
def _copy_agent(body: Row, b: int, place: int, sign: float, out: _Copies) -> None:
    out.ints[1, b, place] = body.id
    if not body.present:
        return
    out.state[b, place, 0, 0] = body.x
    out.state[b, place, 0, 1] = sign * body.y
    out.state[b, place, 0, 2] = sign * body.heading
    out.state[b, place, 0, 3] = body.speed
    out.size[b, place, 0] = body.length
    out.size[b, place, 1] = body.width
    out.ints[0, b, place] = body.kind
    out.ints[2, b, place] = body.lane
    out.ints[3, b, place] = body.target_lane if is_controlled(body) else body.lane
    out.flags[0, b, place] = True
    out.flags[1, b, place] = body.crashed
    out.target_speed[b, place] = seen_target_speed(body)
