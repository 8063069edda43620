"""Scenarios on the roads of an OpenDRIVE file, ego and actors placed as on lanes written inline."""

from __future__ import annotations

from collections.abc import Iterator

from drivestack.core.errors import InputError, nearest
from drivestack.core.map import Map
from drivestack.core.start import Start

from ..expand import Case
from ..map_schema import OpenDriveMap
from ..opendrive.roads import read_roads
from .lanes import placed_start


def starts(case: Case) -> Iterator[Start]:
    """The one start of a case on OpenDRIVE roads.

    Raises:
        InputError: the file or something in it, or a lane, a node or a coordinate is wrong.
    """
    scenario = case.scenario
    assert isinstance(scenario.map, OpenDriveMap)
    try:
        path = case.roots.find(case.folder, scenario.map.file)
    except InputError as error:
        raise case.problem(str(error), "map", "file") from None
    road_map = read_roads(path).map
    _check_destinations(case, road_map)
    yield placed_start(case, road_map)


def _check_destinations(case: Case, road_map: Map) -> None:
    for index, actor in enumerate(case.scenario.actors):
        wanted = getattr(actor, "destination", None)
        if wanted is not None and wanted not in road_map.nodes:
            sentence = f"no node '{wanted}'; {nearest(wanted, road_map.nodes)}"
            raise case.problem(sentence, "actors", index, "destination")
