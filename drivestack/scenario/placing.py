"""Where bodies stand on a map: lanes by name, coordinates on lanes, lanes of bodies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import nearest
from drivestack.core.map import Map
from drivestack.roads.lanes import heading_at, position
from drivestack.roads.nearest import nearest_lanes

from .bodies import CONTROLLED, Pose
from .expand import Case
from .traffic_schema import Placed


def pose_of(case: Case, road_map: Map, placed: Placed, *steps: str | int) -> Pose:
    """The pose that a block at `steps` gives; a lane's coordinate must lie on the lane."""
    if placed.position is not None:
        return Pose(*placed.position, placed.heading)
    lane = road_map.lanes[lane_index(case, road_map, placed.lane, *steps, "lane")]
    check_s(case, placed.s, float(lane["length"]), *steps, "s")
    x, y = position(lane, road_map.points, placed.s, placed.lateral)
    heading = heading_at(lane, road_map.points, placed.s) + placed.heading
    return Pose(float(x), float(y), float(heading))


def lane_index(case: Case, road_map: Map, name: object, *steps: str | int) -> int:
    """The index of a lane that the field at `steps` names."""
    names = {road_map.lane_name(index): index for index in range(len(road_map.lanes))}
    if name not in names:
        shown = {f"[{a}, {b}, {k}]" for a, b, k in names}
        wanted = "[" + ", ".join(str(part) for part in (name or ())) + "]"  # pyright: ignore
        raise case.problem(f"no lane {wanted}; {nearest(wanted, shown)}", *steps)
    return names[name]  # pyright: ignore


def closures_of(case: Case, road_map: Map) -> tuple[tuple[int, float, float], ...]:
    """Lane, start and end [m] of every closure."""
    found = []
    for number, closure in enumerate(case.scenario.closures):
        steps = ("closures", number)
        lane = lane_index(case, road_map, closure.lane, *steps, "lane")
        length = float(road_map.lanes[lane]["length"])
        end = length if closure.end is None else closure.end
        check_s(case, closure.start, length, *steps, "start")
        check_s(case, end, length, *steps, "end")
        found.append((lane, closure.start, end))
    return tuple(found)


def check_s(case: Case, s: float, length: float, *steps: str | int) -> None:
    """Refuse a coordinate that is not on its lane."""
    if not 0.0 <= s <= length:
        raise case.problem(f"expected 0 to {length:g} m, the lane's length, got {s:g}", *steps)


def place_on_lanes(road_map: Map, bodies: NDArray) -> None:
    """Fill ids, nearest lanes and, for controlled bodies, target lanes of (N,) `BODY`."""
    bodies["id"] = np.arange(len(bodies))
    bodies["lane"] = nearest_lanes(road_map, bodies["x"], bodies["y"], bodies["heading"])
    controlled = np.isin(bodies["driver"], CONTROLLED)
    bodies["target_lane"] = np.where(controlled, bodies["lane"], -1)
