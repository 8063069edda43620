"""Which minimal-risk manoeuvre is the least risky now: every recovery against all futures."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.roads.lane_tables import Lanes
from drivestack.roads.links import Links

from .decide import (
    NOBODY,
    foresee_all,
    lane_under,
    lay_paths,
    look_ahead,
    option_risk,
    reach_of,
    room_aside,
    room_for,
)
from .tables import Ego, Model, Seen


@kernel
def recover(
    rows: NDArray, map: Lanes, links: Links, ego: Ego, seen: Seen, model: Model,
    control: NDArray, chosen: NDArray,
) -> None:  # fmt: skip
    """Write the first control (B, 2) of the least risky option of scenarios on one map.

    Args:
        control: (B, 2), written. chosen: (B,) which option of the model, written.
    """
    own, able = model.beliefs[0], model.abilities[0]
    room = room_for(seen.valid.shape[1], able)
    none = np.zeros((1, 4))
    for b in rows:
        me, size = ego.state[b], ego.size[b]
        span, steps = look_ahead(me[3], able)
        count = foresee_all(b, map, links, ego, seen, span, steps, own, able, room)
        room.idle[:count] = 1.0
        lane = lane_under(map, links, me, size, own, room)
        lay_paths(map, links, lane, me, size, reach_of(me[3], span, able), room)
        aside = room_aside(map, lane, me, size[1], able)
        poses = room.poses[: steps + 1]
        best, chosen[b] = math.inf, NOBODY
        for o in range(model.options.shape[0]):
            risk = option_risk(b, o, 0, aside, 0.0, best, map, lane, ego, none, 0, 1.0, count,
                               poses, model, room)  # fmt: skip
            if risk < best - 1e-9:
                best, chosen[b] = risk, o
                control[b, 0], control[b, 1] = room.first[0], room.first[1]
            if best <= 0.0:
                break
