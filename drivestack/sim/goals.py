"""Goals of starts as a batched record, in the ISO frame of records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drivestack.core.map import Map
from drivestack.core.start import Start, iso_log
from drivestack.core.types import Goal
from drivestack.roads.nearest import lane_at


def goals_of(starts: Sequence[Start], maps: Sequence[Map], logged: int) -> Goal:
    """The goals of some scenarios, and how their recorded drivers got there.

    Args:
        starts: B of them. maps: the ISO map of each.
        logged: T of the logs, at least the longest one's; rows of one memory are equally long.
    """
    batch = len(starts)
    lane = np.full(batch, -1, np.int32)
    position = np.zeros((batch, 2))
    radius = np.zeros(batch)
    valid = np.zeros(batch, np.bool_)
    log = np.zeros((batch, logged, 4))
    log_valid = np.zeros((batch, logged), np.bool_)
    for b, (start, map) in enumerate(zip(starts, maps, strict=True)):
        log[b, : len(start.log)] = iso_log(start)
        log_valid[b, : len(start.log)] = True
        if not start.has_goal:
            continue
        x, y, radius[b] = start.goal
        position[b] = x, -y if start.map.y_right else y
        lane[b] = lane_at(map, position[b, 0], position[b, 1])
        valid[b] = True
    return Goal(lane, position, radius, valid, log, log_valid)
