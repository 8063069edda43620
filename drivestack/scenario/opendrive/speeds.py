"""Speed limits: of a road by its type, of a lane by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..xml_reader import Element
from ..xml_values import attribute, finite
from .attributes import real

UNITS = {"m/s": 1.0, "km/h": 1.0 / 3.6, "mph": 0.44704}
"""m/s a unit; a mile has 1609.344 m exactly."""

_FREE = ("no limit", "undefined")


@dataclass(frozen=True, slots=True)
class SpeedRecord:
    """A limit [m/s] from s [m] on; None: none."""

    s: float
    limit: float | None


def read_speed(element: Element, base: float, start: str) -> SpeedRecord:
    """A lane's ``speed`` element; without a unit its value is in m/s, as OpenDRIVE says."""
    return SpeedRecord(base + real(element, start), _limit(element))


def read_road_speeds(road: Element) -> tuple[SpeedRecord, ...]:
    """The limits of a road's ``type`` elements; a type without one ends the limit before it."""
    records = []
    for kind in road.all("type"):
        speed = kind.find("speed")
        records.append(SpeedRecord(real(kind, "s"), None if speed is None else _limit(speed)))
    return tuple(records)


def limit_at(records: Sequence[SpeedRecord], s: float) -> SpeedRecord | None:
    """The record that holds at s [m], if one does."""
    return next((record for record in reversed(records) if record.s <= s + 1e-9), None)


def _limit(element: Element) -> float | None:
    text = attribute(element, "max").strip()
    if text in _FREE:
        return None
    unit = element.attributes.get("unit", "m/s")
    if unit not in UNITS:
        raise element.problem(f"unit should be {', '.join(UNITS)}, got '{unit[:40]}'")
    value = finite(element, text) * UNITS[unit]
    if not 0.0 <= value <= 150.0:
        raise element.problem(f"a speed limit of {value:g} m/s is out of range")
    return value
