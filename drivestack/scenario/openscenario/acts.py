"""The acts of a storyboard as events of our actors.

Every action becomes an event of its own, named after it, since OpenSCENARIO lets conditions wait
for single actions. An act that begins later is an event without a deed that others wait for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from drivestack.core.errors import InputError, UnsupportedError, nearest

from . import actions as given
from .conditions import Trigger
from .deeds import Deeds
from .opening import Part
from .storyboard import Act, Event, Maneuver, ManeuverGroup, Named, Storyboard
from .words import Folded, Words, all_of, name_of, when


@dataclass(frozen=True, slots=True)
class _Planned:
    """An action whose triggers are still to be translated: names must be known first.

    Attributes:
        named: the action. entity: whose; empty: nobody's. event: our name. act: its number.
        start: of its event. parts_of: names of what it is part of, by kind. rank: keys of an event
        about others of its maneuver.
    """

    named: Named
    entity: str
    event: str
    act: int
    start: Trigger | None
    parts_of: dict[str, str]
    rank: Words


class Acts:
    """Translates all stories.

    Attributes:
        stop: when the scenario is over; False: never.
    """

    def __init__(self, board: Storyboard, parts: dict[str, Part], deeds: Deeds, ego: str) -> None:
        self._parts, self._deeds, self._ego = parts, deeds, ego
        self._marks = deeds.triggers.marks
        self._taken = {"end"}
        self._maneuvers: set[str] = set()
        acts = [(story.name, act) for story in board.stories for act in story.acts]
        planned = [
            plan for number, (story, act) in enumerate(acts)
            for plan in self._plan(story, act, number)
        ]  # fmt: skip
        begun = [self._begun(act) for _, act in acts]
        for plan in planned:
            self._write(plan, begun[plan.act])
        self.stop: Folded = deeds.triggers.folded(board.stop)
        if self.stop is True:
            sentence = "the stop trigger fires before anything has moved"
            raise InputError(f"{board.stop[0][0].place}: {sentence}")

    def _plan(self, story: str, act: Act, number: int) -> Iterator[_Planned]:
        """All actions of an act; what they are part of can be waited for from now on."""
        if act.stop:
            raise UnsupportedError(f"{act.stop[0][0].place}: an act that is stopped")
        for group in act.groups:
            for maneuver in group.maneuvers:
                names = {"story": story, "act": act.name, "maneuverGroup": group.name}
                names["maneuver"] = maneuver.name
                ranks = _ranks(maneuver, self._maneuvers)
                for event, rank in zip(maneuver.events, ranks, strict=True):
                    yield from self._plan_event(event, group, number, names, rank)

    def _plan_event(
        self, event: Event, group: ManeuverGroup, number: int, names: dict[str, str], rank: Words
    ) -> Iterator[_Planned]:
        if group.count != 1 or event.count != 1:
            raise UnsupportedError(f"{event.place}: more than one execution")
        if group.triggering:
            raise UnsupportedError(f"{event.place}: actors chosen by the trigger")
        for named in event.actions:
            known = names | {"event": event.name, "action": named.name}
            owners = _owners(named.action, group)
            for owner in owners:
                name = name_of(named.name or event.name, self._taken)
                self._mark(known, [])
                if isinstance(named.action, given.SetVariable):
                    variable = named.action
                    self._marks.sets.setdefault(variable.name, []).append((variable.value, name))
                yield _Planned(named, owner, name, number, event.start, known, rank)

    def _mark(self, names: dict[str, str], events: list[str] | None) -> None:
        """Let what an action is part of end with these events too."""
        for kind, name in names.items():
            known = self._marks.ends.get((kind, name), [])
            self._marks.ends[kind, name] = (
                None if events is None or known is None else [*known, *events]
            )

    def _begun(self, act: Act) -> Folded:
        """The trigger of an act; one that comes later is an event that others wait for."""
        trigger = self._deeds.triggers.folded(act.start)
        if isinstance(trigger, bool):
            return trigger
        event = name_of(f"act.{act.name}", self._taken)
        place = act.start[0][0].place if act.start else ""
        self._bearer(place).events.append({"name": event, **when(trigger), "do": []})
        return [[{"after": event}]]

    def _write(self, plan: _Planned, begun: Folded) -> None:
        """The event of one action, with its trigger and that of its act."""
        place, action = plan.named.place, plan.named.action
        trigger = False if begun is False else self._deeds.triggers.folded(plan.start)
        trigger = all_of(begun, trigger)
        if plan.entity and plan.entity not in self._parts:
            near = nearest(plan.entity, self._parts)
            raise InputError(f"{place}: no entity '{plan.entity[:80]}'; {near}")
        part = self._parts[plan.entity] if plan.entity else None
        words = None if part is None else self._deeds.words(action, part.entity, place)
        if words is not None and plan.entity == self._ego:
            raise UnsupportedError(f"{place}: the ego is driven by the stack")
        if trigger is False:
            self._mark(plan.parts_of, None)
        elif words is not None and part is not None:
            self._mark(plan.parts_of, [plan.event])
            part.events.append({"name": plan.event, **when(trigger), **plan.rank, "do": [words]})
        elif isinstance(action, given.SetVariable) or self._only_stops(plan):
            self._mark(plan.parts_of, [plan.event])
            event = {"name": plan.event, **when(trigger), **plan.rank, "do": []}
            self._bearer(place).events.append(event)

    def _only_stops(self, plan: _Planned) -> bool:
        """Whether an action that moves nobody may still stop other events."""
        return plan.rank.get("priority") == "override" and len(self._parts) > 1

    def _bearer(self, place: str) -> Part:
        """The actor that carries events without a deed."""
        for name, part in self._parts.items():
            if name != self._ego:
                return part
        raise UnsupportedError(f"{place}: events of nobody in a scenario of the ego alone")


def _ranks(maneuver: Maneuver, taken: set[str]) -> list[Words]:
    """What its events say about each other; nothing of one that is alone."""
    if len(maneuver.events) == 1:
        return [{}]
    own = name_of(maneuver.name, taken)
    parts: set[str] = set()
    return [
        {"maneuver": own, "part_of": name_of(event.name, parts), "priority": event.priority}
        for event in maneuver.events
    ]


def _owners(action: given.Action, group: ManeuverGroup) -> tuple[str, ...]:
    """Whose an action is: global ones name their entity or have none."""
    if isinstance(action, given.Delete):
        return (action.entity,)
    return ("",) if isinstance(action, given.SetVariable) else group.actors
