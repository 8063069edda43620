"""Triggers of a storyboard in the words of our schema: groups, edges, delays, and every condition.

What is known beforehand (parameters, the time 0, variables that nobody sets) is folded away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from drivestack.core.errors import InputError, UnsupportedError, nearest

from ..expressions import ExpressionError
from . import conditions as given
from .parameters import RULES
from .setting import Setting, centre_of
from .values import as_number
from .words import Fold, Folded, Words, any_of, group_of

_BOUNDS = {
    "lessThan": "below", "lessOrEqual": "at_most",
    "greaterThan": "above", "greaterOrEqual": "at_least",
}  # fmt: skip
_EDGES = {"none": "none", "rising": "rising", "falling": "falling", "risingOrFalling": "either"}
_AXES = {"longitudinal": "longitudinal", "lateral": "lateral", "euclidianDistance": "straight"}
FRAMES = {"entity": "body", "lane": "lane", "road": "lane"}

_STATES = ("completeState", "startTransition", "endTransition")


@dataclass(slots=True)
class Marks:
    """What conditions may refer to.

    Attributes:
        ends: by (kind, name) of an element: our events that must have ended; None: it never begins.
        variables: first values by name. sets: by variable: values, and the events that set them.
    """

    ends: dict[tuple[str, str], list[str] | None] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    sets: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Triggers:
    """Translates triggers.

    Attributes:
        setting: who is where. names: our names of entities. marks: filled before it is used.
    """

    setting: Setting
    names: Mapping[str, str]
    marks: Marks

    def folded(self, trigger: given.Trigger | None) -> Folded:
        """A trigger in our words; a missing one is due at once, an empty one never."""
        if trigger is None:
            return True
        return any_of([self._group(group) for group in trigger])

    def _group(self, group: tuple[given.Condition, ...]) -> Folded:
        found = [self._condition(condition) for condition in group]
        choices = [one for one in found if isinstance(one, list)]
        if choices and len(found) > 1:
            sentence = "a condition on any of several entities beside other conditions"
            raise UnsupportedError(f"{group[0].place}: {sentence}")
        if choices:
            return [[words] for words in choices[0]]
        return group_of([one for one in found if not isinstance(one, list)])

    def _condition(self, condition: given.Condition) -> Fold | list[Words]:
        """One condition; a list: any of them is enough."""
        what = condition.what
        if isinstance(what, given.OfValue):
            found = self._value(what, condition)
            found = {"time": 0.0} if found is True and condition.delay > 0.0 else found
            return found if isinstance(found, bool) else _timed(found, condition)
        if condition.all_of and len(condition.entities) > 1:
            raise UnsupportedError(f"{condition.place}: a condition on all of several entities")
        every = [
            _timed(self._of_entity(what, self.name(who, condition.place), condition), condition)
            for who in condition.entities
        ]
        return every[0] if len(every) == 1 else every

    def name(self, entity: str, place: str) -> str:
        """Our name of an entity."""
        if entity not in self.names:
            raise InputError(f"{place}: no entity '{entity[:80]}'; {nearest(entity, self.names)}")
        return self.names[entity]

    def _value(self, what: given.OfValue, condition: given.Condition) -> Fold:
        place = condition.place
        match what:
            case given.SimulationTime():
                if what.rule not in ("greaterThan", "greaterOrEqual"):
                    raise UnsupportedError(f"{place}: rule '{what.rule}' of the simulation time")
                return True if what.value <= 0.0 else {"time": what.value}
            case given.ParameterIs():
                return what.holds
            case given.VariableIs():
                return self._variable(what, place)
            case given.ElementState():
                return self._element_state(what, place)

    def _element_state(self, what: given.ElementState, place: str) -> Fold:
        if what.state not in _STATES:
            raise UnsupportedError(f"{place}: state '{what.state}'; valid: {', '.join(_STATES)}")
        name = what.name.split("::")[-1]
        known = sorted(own for kind, own in self.marks.ends if kind == what.element)
        if name not in known:
            raise InputError(f"{place}: no {what.element} '{name[:80]}'; {nearest(name, known)}")
        events = self.marks.ends[what.element, name]
        if events is None:
            return False
        begins = what.state == "startTransition"
        if begins and events and what.element in ("event", "action"):
            events = events[:1]  # those of one event begin together
        if len(events) != 1:
            sentence = (
                f"{what.element} '{name}' is made of {len(events)} actions that move anything"
            )
            raise UnsupportedError(f"{place}: waiting for that is not supported: {sentence}")
        if begins:
            return {"after": {"event": events[0], "begun": True}}
        if what.state == "endTransition":
            return {"after": {"event": events[0], "regularly": True}}
        return {"after": events[0]}

    def _variable(self, what: given.VariableIs, place: str) -> Fold:
        """True from the first on, or after the event that sets it to a value for which it holds."""
        if what.name not in self.marks.variables:
            near = nearest(what.name, self.marks.variables)
            raise InputError(f"{place}: no variable '{what.name[:80]}'; {near}")
        if _compares(self.marks.variables[what.name], what.rule, what.value, place):
            return True
        events = [event for value, event in self.marks.sets.get(what.name, [])
                  if _compares(value, what.rule, what.value, place)]  # fmt: skip
        if len(events) > 1:
            raise UnsupportedError(f"{place}: variable '{what.name}' is set by several events")
        return {"after": events[0]} if events else False

    def _of_entity(self, what: given.OfEntity, of: str, condition: given.Condition) -> Words:
        place = condition.place
        match what:
            case given.RelativeDistance() | given.TimeHeadway():
                measure = "distance" if isinstance(what, given.RelativeDistance) else "headway"
                return {measure: self._apart(what, what.entity, of, place)}
            case given.TimeToCollision() if isinstance(what.target, str):
                return {"ttc": self._apart(what, what.target, of, place)}
            case given.SpeedIs() if what.axis is None:
                return {"speed": {"of": of, **_bound(what, place)}}
            case given.AccelerationIs() if what.axis is None:
                return {"acceleration": {"of": of, **_bound(what, place)}}
            case given.RelativeSpeed() if what.axis is None:
                to = self.name(what.entity, place)
                return {"relative_speed": {"of": of, "to": to, **_bound(what, place)}}
            case given.StandStill():
                return {"standstill": {"of": of, "seconds": what.duration}}
            case given.Travelled():
                return {"travelled": {"of": of, "at_least": what.value}}
            case given.Collision() if what.entity is not None:
                return {"contact": {"of": of, "to": self.name(what.entity, place)}}
            case given.Reached():
                who = self._entity(of)
                at = self.setting.pose(what.position, lambda text: InputError(f"{place}: {text}"))
                centre = centre_of(at, self.setting.entities[who])
                near = {"position": [centre.x, centre.y], "radius": what.tolerance}
                return {"near": {"of": of, **near}}
            case _:
                kind = type(what).__name__
                raise UnsupportedError(
                    f"{place}: a condition of this form ({kind}) is not supported"
                )

    def _apart(
        self,
        what: given.RelativeDistance | given.TimeHeadway | given.TimeToCollision,
        other: str,
        of: str,
        place: str,
    ) -> Words:
        if what.how.system not in FRAMES:
            raise UnsupportedError(f"{place}: coordinateSystem '{what.how.system}'; valid: "
                                   f"{', '.join(FRAMES)}")  # fmt: skip
        apart: Words = {"axis": _AXES[what.how.distance], "frame": FRAMES[what.how.system]}
        to = self.name(other, place)
        apart["free"] = what.how.freespace
        if not what.how.freespace:
            apart["behind"] = self.behind(self._entity(of), other, place)
        return {"of": of, "to": to, **apart, **_bound(what, place)}

    def _entity(self, name: str) -> str:
        """The entity that has a name of ours."""
        return next(entity for entity, own in self.names.items() if own == name)

    def behind(self, one: str, other: str, place: str) -> list[float]:
        """How far two entities' reference points lie behind their boxes' centres [m]."""
        both = [self.setting.entities[name] for name in (one, other)]
        for entity in both:
            if entity.left:
                sentence = f"reference point of '{entity.name[:80]}' is {entity.left:g} m beside"
                raise UnsupportedError(f"{place}: without freespace: the {sentence} its middle")
        return [entity.ahead for entity in both]


def _bound(what: object, place: str) -> Words:
    rule: str = what.rule  # pyright: ignore[reportAttributeAccessIssue]
    if rule not in _BOUNDS:
        raise UnsupportedError(f"{place}: rule '{rule}' of a measure; valid: {', '.join(_BOUNDS)}")
    return {_BOUNDS[rule]: what.value}  # pyright: ignore[reportAttributeAccessIssue]


def _timed(words: Words, condition: given.Condition) -> Words:
    """With delay and edge; what changes once and for ever needs no edge, and at the first look an
    edge would never count."""
    if condition.delay > 0.0:
        words["delay"] = condition.delay
    if condition.edge != "none" and "after" not in words and words.get("time") != 0.0:
        words["edge"] = _EDGES[condition.edge]
    return words


def _compares(value: str, rule: str, wanted: str, place: str) -> bool:
    """As numbers where both are, else as texts, which know equality only."""
    try:
        return RULES[rule](as_number(value), as_number(wanted))
    except ExpressionError:
        if rule not in ("equalTo", "notEqualTo"):
            raise InputError(f"{place}: '{rule}' does not compare texts") from None
        return (value == wanted) == (rule == "equalTo")
