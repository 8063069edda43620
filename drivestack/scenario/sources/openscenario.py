"""Scenarios of OpenSCENARIO files, translated into our words and then started like any other."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from drivestack.core.errors import InputError
from drivestack.core.map import Map
from drivestack.core.start import Start

from ..expand import Case
from ..map_schema import OpenScenarioMap
from ..openscenario.axes import Variations
from ..openscenario.translate import Translation, translated
from ..places import Block
from ..schema import Scenario
from ..validation import validated
from .lanes import placed_start

_OWN = ("version", "rates", "sensing", "physics", "expect")
"""Keys of the case that hold for its translation."""


def starts(case: Case) -> Iterator[Start]:
    """The one start of a case.

    Raises:
        InputError, UnsupportedError: file, line and element.
    """
    found = translation_of(case)
    yield placed_start(as_lanes(case, found), _limited(found.roads.map, found.limit))


def translation_of(case: Case) -> Translation:
    """What the case's file says, in our words."""
    chosen = case.scenario.map
    assert isinstance(chosen, OpenScenarioMap)
    try:
        path = case.roots.find(case.folder, chosen.file)
    except InputError as error:
        raise case.problem(str(error), "map", "file") from None
    return translated(Variations.of(path).at(chosen.parameters, chosen.sets), chosen.ego)


def as_lanes(case: Case, found: Translation) -> Case:
    """The case with everything written out, on roads of kind opendrive."""
    place = case.block.place
    given = case.scenario.model_dump(mode="python", by_alias=True, exclude_unset=True)
    block = Block(place)
    block.put("id", case.scenario.id, place)
    block.put("map", {"kind": "opendrive", "file": found.roads.name}, place)
    for key, value in found.words.items():
        block.put(key, value, place)
    for key in _OWN:
        if key in given:
            block.put(key, given[key], place)
    for key in ("goal", "time_limit"):
        if given.get(key) is not None:
            block.put(key, given[key], place)
    block.put("ego", found.words["ego"] | given.get("ego", {}), place)
    return replace(case, scenario=validated(Scenario, block), block=block)


@functools.lru_cache(maxsize=64)
def _limited(road_map: Map, limit: float) -> Map:
    """The map with a speed limit [m/s] on all lanes that have none, or a higher one."""
    lanes = road_map.lanes.copy()
    free = ~lanes["limited"] | (lanes["speed_limit"] > limit)
    lanes["speed_limit"] = np.where(free, limit, lanes["speed_limit"])
    lanes["limited"] = True
    return replace(road_map, lanes=lanes)
