"""Where scenarios come from, by the kind of their map."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from drivestack.core.start import Start

from ..expand import Case
from . import commonroad, lanes, opendrive, openscenario, scenes

SOURCES: dict[str, Callable[[Case], Iterator[Start]]] = {
    "highway_env": scenes.starts,
    "commonroad": commonroad.starts,
    "lanes": lanes.starts,
    "road": lanes.starts,
    "opendrive": opendrive.starts,
    "openscenario": openscenario.starts,
}
"""A source makes the starts of one concrete case; most make one."""

COUNTED: dict[str, Callable[[Case], int]] = {"commonroad": commonroad.places}
"""How many starts a case has, of the kinds where it may have several; nothing is built for it."""
