"""From OpenDRIVE roads to a map: bundles of lanes become roads, joined lane ends become nodes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import InputError
from drivestack.core.frames import wrapped
from drivestack.core.map import LaneName, Map
from drivestack.roads.build import LaneSpec, build_map, circular, polyline, straight

from ..joined import Joined
from .bundles import Bundle, arc_of, bundles_of, halved
from .joins import Join, LaneKey
from .pieces import Piece
from .road import Road
from .sampling import lane_headings, lane_points, samples

MOST_LANES = 5_000
"""Lanes of one map; a town of 1,000 roads has half of that."""

MOST_POINTS = 200_000
"""Points of one map; the largest public example has 6,000."""


def build_network(
    name: str, roads: Iterable[Road], joins: Iterable[Join]
) -> tuple[Map, tuple[Piece, ...]]:
    """The lane graph, and what each of its lanes is on its road, by index.

    Raises:
        InputError: no lane for motor traffic, too many, or two that meet head on.
    """
    bundles = [bundle for road in roads for bundle in bundles_of(road)]
    if sum(len(bundle.lanes) * len(bundle.limits) for bundle in bundles) > MOST_LANES:
        raise InputError(f"{name}: more than {MOST_LANES} lanes for motor traffic")
    if not bundles:
        raise InputError(f"{name}: no lane for motor traffic in it")
    nodes = _nodes(bundles, joins)
    lanes: list[tuple[str, str, LaneSpec]] = []
    found: list[tuple[LaneName, LaneKey, float, float, bool]] = []
    points = 0
    for bundle, start, end in _apart(bundles, nodes):
        steps = [start, *[f"{bundle.name}.{k}" for k in range(1, len(bundle.limits))], end]
        for k, (way, (a, b)) in enumerate(zip(pairwise(steps), pairwise(bundle.cuts), strict=True)):
            most = (MOST_POINTS - points) // len(bundle.lanes)
            specs = _specs(bundle, min(a, b), max(a, b), bundle.limits[k], most)
            points += sum(len(spec.points) for spec in specs)
            for number, (key, spec) in enumerate(zip(bundle.keys(), specs, strict=True)):
                lanes.append((*way, spec))
                found.append(((*way, number), key, min(a, b), max(a, b), bundle.along))
    road_map = build_map(name, lanes, y_right=False, connected=True)
    index = {road_map.lane_name(lane): lane for lane in range(len(road_map.lanes))}
    pieces = [Piece(key, low, high, along, index[n]) for n, key, low, high, along in found]
    return _numbered(road_map, pieces), tuple(sorted(pieces, key=lambda piece: piece.lane))


def _numbered(road_map: Map, pieces: Iterable[Piece]) -> Map:
    """The map with OpenDRIVE's own lane numbers, which count across a section's both directions."""
    lanes = road_map.lanes.copy()
    sections: dict[tuple[str, int], int] = {}
    for piece in pieces:
        where = (piece.key.road, piece.key.section)
        row = lanes[piece.lane : piece.lane + 1]
        row["section"] = sections.setdefault(where, len(sections))
        row["number"], row["rising"] = piece.key.lane, piece.along
    return replace(road_map, lanes=lanes)


def _apart(
    bundles: Sequence[Bundle], nodes: dict[str, tuple[str, str]]
) -> Iterable[tuple[Bundle, str, str]]:
    """Bundles with their nodes; one that would share both with another, or end where it starts,
    is cut so that it does not: lanes of different roads are no neighbours."""
    taken: set[tuple[str, str]] = set()
    for bundle in bundles:
        start, end = nodes[bundle.name]
        whole = len(bundle.limits) == 1
        if whole and (start == end or (start, end) in taken):
            bundle = halved(bundle)
        elif whole:
            taken.add((start, end))
        yield bundle, start, end


def _nodes(bundles: Sequence[Bundle], joins: Iterable[Join]) -> dict[str, tuple[str, str]]:
    """The (from, to) nodes of every bundle, named after the first bundle end in them."""
    holds = {key: bundle for bundle in bundles for key in bundle.keys()}
    order = {bundle.name: place for place, bundle in enumerate(bundles)}
    joined = Joined[tuple[str, str]](lambda end: (order[end[0]], end[1]))
    for join in joins:
        first, second = holds.get(join.first), holds.get(join.second)
        if first is None or second is None:
            continue
        ends = (_side(first, join.first_end), _side(second, join.second_end))
        if ends[0] == ends[1]:
            lane = first.road.sections[first.section].lanes[join.first.lane]
            sentence = f"it meets lane {join.second.lane} of road '{second.road.id}' head on"
            raise lane.element.problem(sentence)
        joined.join((first.name, ends[0]), (second.name, ends[1]))
    nodes = {}
    for bundle in bundles:
        ends = [joined.root((bundle.name, side)) for side in ("start", "end")]
        nodes[bundle.name] = tuple(f"{name}.{side}" for name, side in ends)
    return nodes


def _side(bundle: Bundle, high_end: bool) -> str:
    """Whether an end of the road is where the bundle's traffic starts or ends."""
    return "end" if bundle.along == high_end else "start"


def _specs(
    bundle: Bundle, low: float, high: float, limits: Sequence[float | None], most: int
) -> list[LaneSpec]:
    """The lanes of one piece, in the direction of travel."""
    road, section = bundle.road, bundle.section
    curvature = arc_of(road, section, bundle.lanes, low, high)
    ends = np.array([low, high])
    s = ends if curvature is not None else samples(road, section, bundle.lanes, low, high, most)
    specs = []
    for lane, limit in zip(bundle.lanes, limits, strict=True):
        line, widths = lane_points(road, section, lane, s if bundle.along else s[::-1])
        if curvature == 0.0:
            specs.append(straight(line[0], line[-1], float(widths[0]), limit))
        elif curvature is not None:
            specs.append(_arc(bundle, lane, curvature, low, high, limit))
        else:
            headings = lane_headings(road, section, lane, s)
            headings = headings if bundle.along else headings[::-1] + math.pi
            specs.append(_with_headings(polyline(line, widths, limit), headings))
    return specs


def _with_headings(spec: LaneSpec, headings: NDArray[np.float64]) -> LaneSpec:
    """The lane with the curve's own headings at its points, in place of those of the chords."""
    points = spec.points.copy()
    if len(points) == len(headings):  # else points have merged
        points["heading"] += wrapped(headings - points["heading"])
    return LaneSpec(spec.row, points)


def _arc(
    bundle: Bundle, lane: int, curvature: float, low: float, high: float, limit: float | None
) -> LaneSpec:
    """A lane beside an arc of the reference line."""
    road, ends = bundle.road, np.array([low, high])
    inner, outer = road.edges(bundle.section, lane, ends)
    t = 0.5 * float(inner[0] + outer[0])
    radius = 1.0 / curvature - t
    if radius * curvature <= 0.0:
        element = road.sections[bundle.section].lanes[lane].element
        raise element.problem("it lies beyond the centre of the road's arc")
    x, y, heading = road.line.pose(low, 1.0 / curvature)
    # the angle under which the centre of the circle sees the lane, at both ends
    first = heading - math.copysign(0.5 * math.pi, curvature)
    last = first + curvature * (high - low)
    angles = (first, last) if bundle.along else (last, first)
    grows = (curvature > 0.0) == bundle.along
    width = float(abs(outer[0] - inner[0]))
    return circular((x, y), abs(radius), *angles, grows, width, limit)
