"""An OpenDRIVE file as a record: its roads, their lane graph, and which lane is which."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from drivestack.core.map import Map

from ..files import Stamp, stamp_of
from ..xml_reader import Element, read_document
from ..xml_values import attribute
from .bundles import bundles_of
from .joins import Join, LaneKey, joins_of
from .junctions import Junction, read_junction
from .left_out import LeftOut
from .pieces import Piece
from .road import Road, read_road

_READ = ("header", "road", "junction")

MOST_ELEMENTS = 10_000
"""Lanes, and pieces of reference lines, of one file; a town of 1,000 roads has about as many."""

MOST_IN_ALL = 100_000
"""Elements of all names: ten for each lane."""

_MOST = {"lane": MOST_ELEMENTS, "geometry": MOST_ELEMENTS}


@dataclass(frozen=True, eq=False)
class OpenDriveRoads:
    """A road network.

    Attributes:
        name: the file's name. roads: by id. links: which lane ends meet; joins: the same by lane
        and end (True: of high s). left_out: what was read and has no effect, one clause a kind of
        element.
    """

    name: str
    roads: dict[str, Road]
    links: tuple[Join, ...]
    joins: dict[tuple[LaneKey, bool], tuple[tuple[LaneKey, bool], ...]]
    left_out: tuple[str, ...]

    @functools.cached_property
    def driving(self) -> dict[tuple[str, int], frozenset[int]]:
        """Numbers of the lanes for motor traffic, by road and section."""
        found: dict[tuple[str, int], frozenset[int]] = {}
        for bundle in (bundle for road in self.roads.values() for bundle in bundles_of(road)):
            key = (bundle.road.id, bundle.section)
            found[key] = found.get(key, frozenset()) | frozenset(bundle.lanes)
        return found

    @property
    def map(self) -> Map:
        """The lane graph of motor traffic; ISO frame, connected."""
        return self._network[0]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What each lane of the map is, by index."""
        return self._network[1]

    @functools.cached_property
    def pieces_of(self) -> dict[LaneKey, tuple[Piece, ...]]:
        """The pieces by OpenDRIVE lane, in order of s."""
        return _by_key(self.pieces)

    @functools.cached_property
    def _network(self) -> tuple[Map, tuple[Piece, ...]]:
        from .network import build_network  # loads compiled code, which checks do without

        return build_network(self.name, self.roads.values(), self.links)


def read_roads(path: Path) -> OpenDriveRoads:
    """The road network in a file; the same object for the same file, as its map is interned.

    Raises:
        InputError, UnsupportedError: one sentence with file, line and element.
    """
    roads = read_plan(path)
    _ = roads.map
    return roads


def read_plan(path: Path) -> OpenDriveRoads:
    """The same as `read_roads`, whose map is only built, and its faults found, when asked for."""
    return _read(path, stamp_of(path))


@functools.lru_cache(maxsize=32)
def _read(path: Path, stamp: Stamp) -> OpenDriveRoads:
    """`stamp` is what changes when the file does."""
    root = read_document(path, _MOST, MOST_IN_ALL)
    if root.tag != "OpenDRIVE":
        raise root.problem("expected an OpenDRIVE document, whose root is 'OpenDRIVE'")
    left_out = LeftOut()
    left_out.check(root, _READ)
    _check_version(root, left_out)
    roads = _by_id(root, "road", [read_road(child, left_out) for child in root.all("road")])
    listed = [read_junction(child, left_out) for child in root.all("junction")]
    junctions = _by_id(root, "junction", listed)
    if not roads:
        raise root.problem("missing element 'road'")
    joins = tuple(joins_of(roads, junctions, left_out))
    return OpenDriveRoads(
        name=path.name,
        roads=roads,
        links=joins,
        joins=_by_end(joins),
        left_out=left_out.lines(),
    )


def _check_version(root: Element, left_out: LeftOut) -> None:
    header = root.need("header")
    left_out.check(header, ())
    if attribute(header, "revMajor") != "1":
        revision = attribute(header, "revMajor")
        raise header.unsupported(f"OpenDRIVE {revision[:10]} is not read; valid: 1.4 to 1.8")


_Item = TypeVar("_Item", Road, Junction)


def _by_id(root: Element, tag: str, items: list[_Item]) -> dict[str, _Item]:
    out: dict[str, _Item] = {}
    for element, item in zip(root.all(tag), items, strict=True):
        if item.id in out:
            raise element.problem("id used twice")
        out[item.id] = item
    return out


def _by_key(pieces: tuple[Piece, ...]) -> dict[LaneKey, tuple[Piece, ...]]:
    out: dict[LaneKey, tuple[Piece, ...]] = {}
    for piece in sorted(pieces, key=lambda piece: piece.low):
        out[piece.key] = (*out.get(piece.key, ()), piece)
    return out


def _by_end(
    joins: tuple[Join, ...],
) -> dict[tuple[LaneKey, bool], tuple[tuple[LaneKey, bool], ...]]:
    out: dict[tuple[LaneKey, bool], dict[tuple[LaneKey, bool], None]] = {}
    for first, first_end, second, second_end in joins:
        out.setdefault((first, first_end), {})[second, second_end] = None
        out.setdefault((second, second_end), {})[first, first_end] = None
    return {end: tuple(others) for end, others in out.items()}
