"""Junctions: which lane of an incoming road goes on in which lane of a connecting road."""

from __future__ import annotations

from dataclasses import dataclass

from ..xml_reader import Element
from .attributes import lane_number, name_of
from .left_out import LeftOut
from .road import contact_is_start

_READ = ("connection",)

_ONWARD = {"default": "connectingRoad", "direct": "linkedRoad"}
"""Types of junctions, and the attribute that names the road that goes on."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One way into a junction.

    Attributes:
        incoming, onward: ids of roads; the second is the connecting road, or the linked one of a
        direct junction. at_start: which of its ends is met. lanes: pairs of numbers, one a road.
    """

    incoming: str
    onward: str
    at_start: bool
    lanes: tuple[tuple[int, int], ...]
    element: Element


@dataclass(frozen=True, slots=True)
class Junction:
    """One junction: its id and connections."""

    id: str
    connections: tuple[Connection, ...]


def read_junction(element: Element, left_out: LeftOut) -> Junction:
    """One ``junction`` element.

    Raises:
        UnsupportedError: a virtual or crossing junction.
    """
    left_out.check(element, _READ)
    kind = element.attributes.get("type", "default")
    if kind not in _ONWARD:
        valid = ", ".join(_ONWARD)
        raise element.unsupported(f"junctions of type '{kind[:40]}' are not read; valid: {valid}")
    connections = (
        _connection(child, _ONWARD[kind], left_out) for child in element.all("connection")
    )
    return Junction(name_of(element), tuple(connections))


def _connection(element: Element, onward: str, left_out: LeftOut) -> Connection:
    left_out.check(element, ("laneLink",))
    if element.attributes.get("type", "default") != "default":
        raise element.unsupported("virtual connections are not read")
    pairs = [
        (lane_number(link, "from"), lane_number(link, "to")) for link in element.all("laneLink")
    ]
    return Connection(
        name_of(element, "incomingRoad"),
        name_of(element, onward),
        contact_is_start(element),
        tuple(pairs),
        element.bare(),
    )
