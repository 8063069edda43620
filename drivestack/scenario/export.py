"""Scenarios written as our YAML: whatever was read, with its lanes and actors spelled out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from drivestack.core.errors import UnsupportedError
from drivestack.core.lights import Light
from drivestack.core.map import Map
from drivestack.core.start import EgoKind, Start
from drivestack.core.tables import Driver, Kind, LaneKind
from drivestack.roads.lanes import position
from drivestack.roads.mirror import to_iso

from .expand import Case
from .files import MAX_YAML
from .map_schema import HighwayEnvMap, LanesMap, OpenScenarioMap, RoadMap
from .resolve import resolve
from .sources.openscenario import translation_of
from .yaml_reader import MAX_NODES

_WIDE = 100
"""Characters of a line, above which a list or mapping is written in several."""


def exported(case: Case, ending: str = "") -> Iterator[tuple[str, str]]:
    """New id and YAML text of the scenarios of a case; the old id is the text's first line.

    Args:
        ending: of the new ids, so that those of several cases differ.

    Raises:
        UnsupportedError: it has more values than a scenario file may have.
        InputError: the case is wrong.
    """
    for number, start in enumerate(resolve(case)):
        name = f"{case.scenario.id}{ending}" + (f".{number}" if number else "")
        yield name, _text(case, start, {"id": name, **_words(case, start)})


def kept(case: Case, start: Start) -> str:
    """The YAML text of one first state of a case under its own whole id: what it is in a run.

    Raises:
        UnsupportedError: as `exported`.
    """
    own = {"id": case.scenario.id, "case": start.scenario}
    return _text(case, start, {**own, **_words(case, start), "seeds": [start.seed]})


def _words(case: Case, start: Start) -> dict[str, Any]:
    """What is written of a scenario, but for its id."""
    chosen = case.scenario.map
    if isinstance(chosen, OpenScenarioMap):
        return {"map": lanes_words(start.map), **translation_of(case).words}
    if isinstance(chosen, LanesMap | RoadMap | HighwayEnvMap):
        seeds = {"seeds"}  # a range of them has no JSON; a first state has one
        words = case.scenario.model_dump(
            mode="json", by_alias=True, exclude_unset=True, exclude=seeds
        )
        words |= {"seeds": [start.seed]} if seeds & case.scenario.model_fields_set else {}
        return {key: value for key, value in words.items() if key not in _VARIED}
    return _recorded_words(start)


def _text(case: Case, start: Start, words: dict[str, Any]) -> str:
    text = f"# {start.scenario}\n{''.join(_lines(words, 0))}"
    if len(text.encode()) > MAX_YAML or _count(words) > MAX_NODES:
        raise UnsupportedError(
            f"{case.block.place}: {start.scenario}: {_count(words):,} values are more than a "
            f"scenario file may have ({MAX_NODES:,}); run the file itself"
        )
    return text


_VARIED = ("id", "case", "vary", "exclude", "count", "parameters")


def lanes_words(road_map: Map) -> dict[str, Any]:
    """A map as lanes written inline; points, angles and widths to the last bit."""
    iso = to_iso(road_map)
    lanes = [_lane_words(iso, index) for index in range(len(iso.lanes))]
    return {"kind": "lanes", "connected": iso.connected, "lanes": lanes}


def _lane_words(road_map: Map, index: int) -> dict[str, Any]:
    row, points = road_map.lanes[index], road_map.points
    start, end, _ = road_map.lane_name(index)
    words: dict[str, Any] = {"kind": "", "from": start, "to": end}
    length = float(row["length"])
    ends = [[float(v) for v in position(row, points, s, 0.0)] for s in (0.0, length)]
    match LaneKind(int(row["kind"])):
        case LaneKind.STRAIGHT:
            words |= {"kind": "straight", "start": ends[0], "end": ends[1]}
        case LaneKind.CIRCULAR:
            first = float(row["start_phase"])
            last = first + float(row["turn"]) * length / float(row["radius"])
            words |= {"kind": "circular", "center": [float(row["x"]), float(row["y"])],
                      "radius": float(row["radius"]), "start_phase": first,
                      "end_phase": last}  # fmt: skip
        case LaneKind.POLYLINE:
            at, n = int(row["knots_at"]), int(row["knots_n"])
            knots = points[at : at + n]
            words |= {"kind": "polyline", "points": [[float(k["x"]), float(k["y"])] for k in knots],
                      "widths": [float(k["width"]) for k in knots]}  # fmt: skip
        case _:
            steps = np.linspace(0.0, length, max(math.ceil(length), 2))
            line = [[float(v) for v in position(row, points, float(s), 0.0)] for s in steps]
            words |= {"kind": "polyline", "points": line}
    words["width"] = float(row["width"])
    words["speed_limit"] = float(row["speed_limit"]) if row["limited"] else None
    for key in ("forbidden", "priority"):
        if row[key]:
            words[key] = row[key].item()
    return words


def _recorded_words(start: Start) -> dict[str, Any]:
    """A recording as replayed actors."""
    slot = start.slot[0]
    ego = start.bodies[int(slot["ego"])]
    words: dict[str, Any] = {"map": lanes_words(start.map)}
    words["ego"] = {"position": [float(ego["x"]), float(ego["y"])],
                    "heading": float(ego["heading"]), "speed": float(ego["speed"])}  # fmt: skip
    if start.ego_kind is not EgoKind.STACK:
        words["ego"]["kind"] = start.ego_kind.value
    if start.has_goal:
        x, y, radius = (float(v) for v in start.goal)
        words["goal"] = {"position": [x, y], "radius": max(radius, 0.1)}
    if start.lights:
        words["lights"] = [_light_words(start, light) for light in start.lights]
    words["time_limit"] = start.ticks / start.rates.physics
    others = [body for k, body in enumerate(start.bodies) if k != slot["ego"]]
    words["actors"] = [_actor_words(start, body) for body in others]
    return words


def _light_words(start: Start, light: Light) -> dict[str, Any]:
    hz = start.rates.physics
    phases = [[colour.name.lower(), ticks / hz] for colour, ticks in light.phases]
    lines = [{"lane": list(start.map.lane_name(lane)), "s": s} for lane, s in light.lines]
    return {"name": light.name, "phases": phases, "offset": light.offset / hz, "lines": lines}


def _actor_words(start: Start, body: np.void) -> dict[str, Any]:
    size = {"length": float(body["length"]), "width": float(body["width"])}
    if body["driver"] != Driver.REPLAY:
        kind = "parked" if body["kind"] == Kind.PARKED else "obstacle"
        place = [float(body["x"]), float(body["y"])]
        return {"kind": kind, "position": place, "heading": float(body["heading"]), **size}
    at, n = int(body["replay_at"]), int(body["replay_n"])
    hz = start.rates.physics
    every = max(hz // 10, 1)  # recordings are made at 10 Hz; between them it is interpolated anyway
    ticks = sorted({*range(0, n, every), n - 1})
    rows = [start.replay[at + k] for k in ticks]
    first = int(body["replay_from"])
    track = [
        [(first + k) / hz, *(round(float(row[f]), 6) for f in ("x", "y", "heading", "speed"))]
        for k, row in zip(ticks, rows, strict=True)
    ]
    kind = Kind(int(body["kind"])).name.lower()
    kind = kind if kind in _TYPES else "car"
    return {"kind": "replayed", "type": kind, **size, "track": track}


_TYPES = ("car", "truck", "bus", "motorcycle", "bicycle", "pedestrian", "animal", "unknown")


def _count(node: Any) -> int:
    """Values of a YAML file, as its reader counts them."""
    if isinstance(node, Mapping):
        return 1 + sum(1 + _count(value) for value in node.values())
    if isinstance(node, list | tuple):
        return 1 + sum(_count(value) for value in node)
    return 1


def _lines(node: Any, depth: int) -> Iterator[str]:
    """YAML in block style, with what is short on one line as JSON, which is YAML too."""
    indent = "  " * depth
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _entry(f"{indent}{key}:", value, depth)
    else:
        for value in node:
            yield from _entry(f"{indent}-", value, depth)


def _entry(head: str, value: Any, depth: int) -> Iterator[str]:
    short = json.dumps(value, allow_nan=False)
    if (
        not isinstance(value, Mapping | list | tuple)
        or not value
        or (len(head) + len(short) < _WIDE)
    ):
        yield f"{head} {short}\n"
        return
    yield f"{head}\n"
    yield from _lines(value, depth + 1)
