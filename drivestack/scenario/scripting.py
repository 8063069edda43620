"""From events in the schema's words to the tables that the world plays (`core/script.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import nearest
from drivestack.core.map import Map
from drivestack.core.script import (
    ACTION,
    CONDITION,
    CUE,
    KNOT,
    NEVER,
    NOWHERE,
    ROLE,
    Axis,
    Edge,
    Ground,
    Measure,
    Priority,
    Relation,
    Script,
)
from drivestack.core.start import Duty, DutyRule
from drivestack.roads.lanes import local_coordinates

from .action_schema import Event
from .cast import Cast
from .cue_schema import Condition, When
from .deeds import FRAMES, action_row
from .expand import Case
from .starting import rates_of
from .traffic_schema import Scripted

END = "end"
"""Name of the cue that ends the scenario."""

_MEASURES = {
    "time": Measure.TIME,
    "speed": Measure.SPEED,
    "relative_speed": Measure.RELATIVE_SPEED,
    "acceleration": Measure.ACCELERATION,
    "distance": Measure.DISTANCE,
    "headway": Measure.HEADWAY,
    "ttc": Measure.TIME_TO_COLLISION,
    "near": Measure.TO_POINT,
    "travelled": Measure.TRAVELLED,
    "standstill": Measure.STANDSTILL,
    "after": Measure.ENDED,
    "contact": Measure.CONTACT,
}
_RELATIONS = {
    "below": Relation.LESS,
    "at_most": Relation.LESS_OR_EQUAL,
    "above": Relation.GREATER,
    "at_least": Relation.GREATER_OR_EQUAL,
}
_AXES = {"longitudinal": Axis.LONGITUDINAL, "lateral": Axis.LATERAL, "straight": Axis.EUCLIDEAN}


def script_of(case: Case, road_map: Map, bodies: NDArray, places: Sequence[int]) -> Script:
    """The script of a case.

    Args:
        bodies: (1 + actors,) `BODY` as they start, the ego first, then the actors in their order.
        places: of each in the list of bodies.

    Raises:
        InputError: a name that is not there, a place that is not on its lane.
    """
    actors = case.scenario.actors
    scripted = [(n, actor) for n, actor in enumerate(actors) if isinstance(actor, Scripted)]
    names = _named_events(case, scripted)
    if not scripted and not names:
        return Script()
    known = _named_bodies(case, places)
    cast = Cast(case, road_map, known, {name: row for row, name in enumerate(names)})
    roles = [_role(road_map, bodies[n + 1], places[n + 1], actor) for n, actor in scripted]
    rows = _Rows([], [], [], [])
    number_of: dict[tuple[str, str], int] = {}
    for number, (n, actor) in enumerate(scripted):
        for index, event in enumerate(actor.events):
            steps = ("actors", n, "events", index)
            rows.begin_cue(cast, event.when, known.get(actor.name or "", places[n + 1]), *steps)
            _let_know(rows.cues[-1], event, number_of)
            for place, action in enumerate(event.do):
                row, knots = action_row(cast, action, actor, *steps, "do", place)
                row["cue"], row["role"] = len(rows.cues) - 1, number
                row["knots_at"] = sum(len(part) for part in rows.knots)
                rows.actions.append(row)
                rows.knots.append(knots)
                rows.cues[-1]["actions_n"] += 1
    if case.scenario.end is not None:
        rows.begin_cue(cast, case.scenario.end, NOWHERE)
        rows.cues[-1]["ends_episode"] = True
    return rows.script(roles, names)


def duty_of(case: Case, script: Script, places: Sequence[int]) -> Duty:
    """What a case asks of its ego; raises InputError as `script_of`."""
    duty = case.scenario.duty
    if duty is None:
        return Duty()
    cue = agent = NOWHERE
    if duty.event is not None:
        if duty.event not in script.names:
            sentence = f"no event '{duty.event}'; {nearest(duty.event, script.names)}"
            raise case.problem(sentence, "duty", "event")
        cue = script.names.index(duty.event)
    if duty.actor is not None:
        known = _named_bodies(case, places)
        if duty.actor not in known:
            sentence = f"no body '{duty.actor}'; {nearest(duty.actor, known)}"
            raise case.problem(sentence, "duty", "actor")
        agent = known[duty.actor]
    return Duty(DutyRule(duty.rule), cue, agent)


def _named_bodies(case: Case, places: Sequence[int]) -> dict[str, int]:
    """The places, which are also the ids, of bodies with a name."""
    named = {"ego": places[0]}
    for number, actor in enumerate(case.scenario.actors):
        if actor.name is not None:
            named[actor.name] = places[number + 1]
    return named


def _named_events(case: Case, scripted: Sequence[tuple[int, Scripted]]) -> tuple[str, ...]:
    """Names of all cues in their order; those without one are numbered by their actor."""
    names: list[str] = []
    for n, actor in scripted:
        for index, event in enumerate(actor.events):
            name = event.name or f"{actor.name or n}.{index}"
            if name in names or name == END:
                sentence = f"another event is named '{name}'"
                raise case.problem(sentence, "actors", n, "events", index, "name")
            names.append(name)
    return (*names, END) if case.scenario.end is not None else tuple(names)


def _role(road_map: Map, body: NDArray, place: int, actor: Scripted) -> NDArray:
    """The first state of a scripted actor."""
    row = np.zeros((), ROLE)
    row["body"], row["on"], row["along"], row["speed"] = place, True, 1.0, actor.speed
    row["drive"] = row["steer"] = row["path"] = NOWHERE
    row["x"], row["y"], row["heading"] = body["x"], body["y"], body["heading"]
    if actor.lane is not None:
        lane = road_map.lane_index(actor.lane)
        row["ground"], row["lane"] = Ground.LANE, lane
        row["along"] = -1.0 if actor.against else 1.0
        x, y = float(body["x"]), float(body["y"])
        row["s"], row["offset"] = local_coordinates(road_map.lanes[lane], road_map.points, x, y)
    return row


def _let_know(row: NDArray, event: Event, number_of: dict[tuple[str, str], int]) -> None:
    """Say which cues a cue knows; `number_of` numbers maneuvers and their events."""
    if event.maneuver is None:
        return
    own = event.part_of or f"/{len(number_of)}"  # no name has a slash
    for field, key in (("maneuver", (event.maneuver, "")), ("event", (event.maneuver, own))):
        row[field] = number_of.setdefault(key, len(number_of))
    row["priority"] = Priority[event.priority.upper()]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The tables as they grow."""

    cues: list[NDArray]
    conditions: list[NDArray]
    actions: list[NDArray]
    knots: list[NDArray]

    def begin_cue(self, cast: Cast, when: When | None, own: int, *steps: str | int) -> None:
        """Add a cue with its conditions; `own` is the actor that `to` means by itself."""
        row = np.zeros((), CUE)
        row["conditions_at"], row["actions_at"] = len(self.conditions), len(self.actions)
        row["began"] = row["ended"] = NEVER
        row["maneuver"] = row["event"] = NOWHERE
        where = (*steps, "when") if steps else ("end",)
        for number, group in enumerate(() if when is None else when.any):
            for condition in group:
                made = _condition_row(cast, condition, own, *where)
                made["group"] = number
                self.conditions.append(made)
        row["conditions_n"] = len(self.conditions) - row["conditions_at"]
        self.cues.append(row)

    def script(self, roles: Sequence[NDArray], names: tuple[str, ...]) -> Script:
        """The finished record."""
        knots = np.concatenate([np.zeros(0, KNOT), *self.knots])
        return Script(
            _table(roles, ROLE),
            _table(self.cues, CUE),
            _table(self.conditions, CONDITION),
            _table(self.actions, ACTION),
            knots.view(KNOT),
            names,
        )


def _table(rows: Sequence[NDArray], layout: np.dtype) -> NDArray:
    table = np.zeros(len(rows), layout)
    for place, row in enumerate(rows):
        table[place] = row
    return table


def _condition_row(cast: Cast, condition: Condition, own: int, *steps: str | int) -> NDArray:
    """One `CONDITION`."""
    name = condition.measure
    measured = getattr(condition, name)
    row = np.zeros((), CONDITION)
    row["measure"], row["of"], row["to"] = _MEASURES[name], NOWHERE, NOWHERE
    row["edge"] = Edge[condition.edge.upper()]
    row["delay"] = round(condition.delay * rates_of(cast.case.scenario).physics)
    row["rose"] = row["fell"] = row["since"] = row["until"] = NEVER
    row["relation"] = Relation.GREATER_OR_EQUAL
    if name == "time":
        row["value"] = measured
        return row
    if name == "after":
        row["cue"], row["value"] = cast.event(measured.event, *steps, name), 1.0
        row["regularly"] = measured.regularly
        row["measure"] = Measure.BEGUN if measured.begun else Measure.ENDED
        return row
    row["of"] = cast.place(measured.of, *steps, name, "of")
    if hasattr(measured, "to"):
        row["to"] = own if measured.to is None else cast.place(measured.to, *steps, name, "to")
        if row["to"] == NOWHERE:
            raise cast.case.problem("missing key", *steps, name, "to")
        if row["to"] == row["of"]:
            raise cast.case.problem("a body cannot be compared with itself", *steps, name, "to")
    if name == "near":
        row["relation"], row["value"] = Relation.LESS_OR_EQUAL, measured.radius
        row["x"], row["y"] = cast.point(measured, *steps, name)
    elif name == "standstill":
        row["value"] = measured.seconds
    elif name == "contact":
        row["value"] = 1.0
    else:
        bound = next(bound for bound in _RELATIONS if getattr(measured, bound) is not None)
        row["relation"], row["value"] = _RELATIONS[bound], getattr(measured, bound)
    if name in ("distance", "headway", "ttc"):
        row["axis"], row["frame"] = _AXES[measured.axis], FRAMES[measured.frame]
        row["freespace"] = measured.free
        row["of_back"], row["to_back"] = measured.behind
    return row
