"""A scenario of OpenSCENARIO in the words of our schema.

What the ego does is up to the stack. Its first speed becomes the speed limit of all lanes: it is
the speed that the system under test is set to, and no file says it elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.core.errors import InputError, UnsupportedError, nearest

from ..opendrive.roads import OpenDriveRoads, read_plan
from .acts import Acts
from .deeds import Deeds
from .opening import Part, open_with
from .scenario import OpenScenario
from .setting import Setting, centre_of
from .triggers import Marks, Triggers
from .words import Folded, Words

LONGEST = 60.0
"""Time limit where the file names none [s]; our choice."""

_EGOS = ("ego", "hero", "vut")
"""Names of the car under test in public files, in any case of letters."""

_SLOWEST = 1.0
"""Least speed limit [m/s], for an ego that stands at the start; our choice."""

_TYPES = {
    "car": "car", "van": "van", "truck": "truck", "semitrailer": "truck", "trailer": "truck",
    "bus": "bus", "motorbike": "motorcycle", "bicycle": "bicycle", "pedestrian": "pedestrian",
    "wheelchair": "pedestrian", "animal": "animal",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Translation:
    """A scenario in our words.

    Attributes:
        words: keys of `schema.Scenario` but `id` and `map`. roads: the network. limit: the speed
        limit [m/s].
    """

    words: Words
    roads: OpenDriveRoads
    limit: float


def translated(scenario: OpenScenario, ego: str | None = None) -> Translation:
    """A scenario, its numbers filled in.

    Args:
        ego: name of the car under test; None: one that is named so, else the first entity.

    Raises:
        InputError, UnsupportedError: file, line and what is not supported.
    """
    place = str(scenario.file)
    setting, parts, own, stop = _directed(scenario, ego)
    words = _ego_words(place, setting, parts[own]) | _end_words(stop)
    others = [part for name, part in parts.items() if name != own]
    words["actors"] = [_actor_words(setting, part) for part in others]
    return Translation(words, setting.roads, max(parts[own].speed, _SLOWEST))


def check(scenario: OpenScenario) -> None:
    """Refuse what `translated` would refuse, but for faults of its map, before compiled code is
    loaded; raises as it does."""
    _directed(scenario, None)


def _directed(
    scenario: OpenScenario, ego: str | None
) -> tuple[Setting, dict[str, Part], str, Folded]:
    """Where everybody is, what they do, who is the ego, and when it is over."""
    entities = {entity.name: entity for entity in scenario.entities}
    setting = Setting(read_plan(scenario.road), entities)
    own = _ego_of(str(scenario.file), list(entities), ego)
    names = {name: "ego" if name == own else name for name in entities}
    triggers = Triggers(setting, names, Marks(variables=scenario.variables))
    deeds = Deeds(setting, triggers)
    parts = {name: Part(entity) for name, entity in entities.items()}
    open_with(scenario.storyboard.init, parts, deeds, own)
    acts = Acts(scenario.storyboard, parts, deeds, own)
    return setting, parts, own, acts.stop


def _ego_of(place: str, names: list[str], wanted: str | None) -> str:
    if wanted is not None and wanted not in names:
        raise InputError(f"{place}: no entity '{wanted[:80]}'; {nearest(wanted, names)}")
    if not names:
        raise InputError(f"{place}: no entity at all")
    return wanted or next((name for name in names if name.lower() in _EGOS), names[0])


def _end_words(stop: Folded) -> Words:
    """`time_limit`, and `end` for all that is more than a time."""
    if isinstance(stop, bool):
        return {"time_limit": LONGEST}
    times = [group[0]["time"] + group[0].get("delay", 0.0) for group in stop
             if len(group) == 1 and "time" in group[0]]  # fmt: skip
    others = [group for group in stop if len(group) > 1 or "time" not in group[0]]
    words: Words = {"time_limit": max(min(times), 0.1) if times else LONGEST}
    return words | ({"end": {"any": others}} if others else {})


def _ego_words(place: str, setting: Setting, part: Part) -> Words:
    at = _place(setting, part)
    if at.pop("against", False):
        raise UnsupportedError(f"{place}: '{part.entity.name}' drives against its lane")
    words: Words = {"ego": {**at, "speed": part.speed}}
    if part.goal is not None:
        words["goal"] = {"position": list(part.goal)}
    return words


def _actor_words(setting: Setting, part: Part) -> Words:
    entity = part.entity
    kind = "debris" if entity.kind == "object" else _TYPES.get(entity.category)
    if kind is None:
        raise UnsupportedError(f"{entity.place}: '{entity.name}' is a {entity.category}")
    words: Words = {"kind": "scripted", "name": entity.name, "type": kind}
    words |= {"length": entity.length, "width": entity.width}
    words |= _place(setting, part) | {"speed": part.speed}
    return words | ({"events": part.events} if part.events else {})


def _place(setting: Setting, part: Part) -> Words:
    """On the lane that carries it, if it is a vehicle along one; else a position and heading."""
    if part.pose is None:
        name = part.entity.name[:80]
        raise InputError(f"{part.entity.place}: entity '{name}' has no place at the start")
    centre = centre_of(part.pose, part.entity)
    found = setting.lane_of(centre) if part.entity.kind == "vehicle" else None
    if found is None:
        return {"position": [centre.x, centre.y], "heading": centre.heading}
    lane, s, lateral, against = found
    words: Words = {"lane": list(lane), "s": s, "lateral": lateral}
    return words | ({"against": True} if against else {})
