"""From lanelets to a map: adjacent lanelets form roads, and roads meet at nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivestack.core.map import Map
from drivestack.roads.build import build_map, polyline

from ..joined import Joined
from .lanelets import Lanelet


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A map and what its lanes were.

    Attributes:
        map: ISO frame, connected. lanelets: by id. lane_of: lane index of each lanelet.
    """

    map: Map
    lanelets: dict[int, Lanelet]
    lane_of: dict[int, int]


def build_network(name: str, lanelets: dict[int, Lanelet]) -> Network:
    """The lane graph of a document.

    Groups of lanelets that are mutually adjacent with the same direction become one road, lanes
    numbered from the left. Ends that a successor or predecessor joins become one node.

    Raises:
        InputError: adjacency runs in a circle.
    """
    groups = _groups(lanelets)
    nodes = _nodes(groups, lanelets)
    groups = _from_the_left(groups, nodes)
    lanes, names = [], []
    counts: dict[tuple[str, str], int] = {}
    for group in groups:
        for lanelet in group:
            road = nodes[lanelet.id]
            names.append((lanelet.id, (*road, counts.get(road, 0))))
            counts[road] = counts.get(road, 0) + 1
            rules = lanelet.speed_limit, lanelet.forbidden, lanelet.priority
            lane = polyline(lanelet.center, lanelet.widths, *rules)
            lanes.append((*road, lane))
    road_map = build_map(name, lanes, y_right=False, connected=True)
    index = {road_map.lane_name(lane): lane for lane in range(len(road_map.lanes))}
    return Network(road_map, lanelets, {lanelet: index[name] for lanelet, name in names})


def _groups(lanelets: dict[int, Lanelet]) -> list[list[Lanelet]]:
    """Roads: adjacent lanelets from left to right, in the order of their leftmost ones."""
    groups: list[list[Lanelet]] = []
    grouped: set[int] = set()
    for lanelet in lanelets.values():
        if _mutual(lanelet, lanelet.left, lanelets):
            continue
        group = [lanelet]
        while _mutual(group[-1], group[-1].right, lanelets):
            group.append(lanelets[group[-1].right or 0])
        groups.append(group)
        grouped.update(member.id for member in group)
    for lanelet in lanelets.values():
        if lanelet.id not in grouped:
            raise lanelet.element.problem("cyclic lanes: adjacent lanelets form a circle")
    return groups


def _from_the_left(
    groups: Sequence[list[Lanelet]], nodes: dict[int, tuple[str, str]]
) -> list[list[Lanelet]]:
    """Groups in order; those between the same two nodes (one road then) from the left."""
    firsts: dict[tuple[str, str], Lanelet] = {}
    keys = []
    for group in groups:
        road = nodes[group[0].id]
        first = firsts.setdefault(road, group[0])
        keys.append((list(firsts).index(road), -_lateral(first, group[0])))
    order = sorted(range(len(groups)), key=keys.__getitem__)
    return [groups[k] for k in order]


def _lateral(lanelet: Lanelet, other: Lanelet) -> float:
    """How far the other's middle point lies to the left [m], seen along the lanelet."""
    along = lanelet.center[-1] - lanelet.center[0]
    apart = other.center[len(other.center) // 2] - lanelet.center[len(lanelet.center) // 2]
    return float(along[0] * apart[1] - along[1] * apart[0]) / max(float(np.hypot(*along)), 1e-9)


def _mutual(lanelet: Lanelet, other: int | None, lanelets: dict[int, Lanelet]) -> bool:
    """Whether two lanelets name each other as neighbours."""
    if other is None:
        return False
    neighbour = lanelets[other]
    if other == lanelet.left and neighbour.right == lanelet.id:
        return True
    return other == lanelet.right and neighbour.left == lanelet.id


def _nodes(
    groups: Sequence[Sequence[Lanelet]], lanelets: dict[int, Lanelet]
) -> dict[int, tuple[str, str]]:
    """The (from, to) nodes of every lanelet, named after the first lanelet end in them."""
    joined = Joined[tuple[int, str]](lambda end: end)
    for group in groups:
        for member in group[1:]:
            joined.join((group[0].id, "start"), (member.id, "start"))
            joined.join((group[0].id, "end"), (member.id, "end"))
    for lanelet in lanelets.values():
        for other in lanelet.successors:
            joined.join((lanelet.id, "end"), (other, "start"))
        for other in lanelet.predecessors:
            joined.join((other, "end"), (lanelet.id, "start"))
    nodes: dict[int, tuple[str, str]] = {}
    for lanelet in lanelets.values():
        start, end = joined.root((lanelet.id, "start")), joined.root((lanelet.id, "end"))
        if start == end:
            raise lanelet.element.problem("cyclic lane: the road it belongs to leads to itself")
        nodes[lanelet.id] = f"{start[0]}.{start[1]}", f"{end[0]}.{end[1]}"
    return nodes
