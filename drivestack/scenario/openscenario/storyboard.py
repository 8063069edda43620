"""The storyboard: first actions, and stories of acts, maneuver groups, events and actions."""

from __future__ import annotations

from dataclasses import dataclass

from .action_reader import Actions
from .actions import Action
from .catalogs import Catalogs
from .conditions import Conditions, Trigger
from .node import Node, choice, text, truth, whole
from .parameters import read_parameters
from .position_reader import Places

PRIORITIES = ("override", "overwrite", "parallel", "skip")


@dataclass(frozen=True, slots=True)
class Named:
    """An action of an event with its name."""

    name: str
    action: Action
    place: str


@dataclass(frozen=True, slots=True)
class Event:
    """Actions that start together, `count` times at most; start None: with the maneuver."""

    name: str
    priority: str
    count: int
    actions: tuple[Named, ...]
    start: Trigger | None
    place: str


@dataclass(frozen=True, slots=True)
class Maneuver:
    """Events that know each other: one can override or skip another."""

    name: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class ManeuverGroup:
    """Maneuvers of some actors."""

    name: str
    count: int
    actors: tuple[str, ...]
    triggering: bool
    maneuvers: tuple[Maneuver, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """Groups from a start to a stop trigger; start None: with the storyboard."""

    name: str
    groups: tuple[ManeuverGroup, ...]
    start: Trigger | None
    stop: Trigger | None


@dataclass(frozen=True, slots=True)
class Story:
    """Acts."""

    name: str
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class InitAction:
    """An action before the scenario starts; entity None: a global one."""

    entity: str | None
    action: Action
    place: str


@dataclass(frozen=True, slots=True)
class Storyboard:
    """All of it; `stop` ends the scenario."""

    init: tuple[InitAction, ...]
    stories: tuple[Story, ...]
    stop: Trigger


def read_storyboard(node: Node, catalogs: Catalogs) -> Storyboard:
    """The ``Storyboard`` element.

    Raises:
        InputError, UnsupportedError: one sentence with file, line and element.
    """
    reader = _Reader(catalogs)
    stop = node.find("StopTrigger")
    return Storyboard(
        init=reader.init(node.need("Init").need("Actions")),
        stories=tuple(reader.story(child) for child in node.all("Story")),
        stop=() if stop is None else reader.conditions.trigger(stop),
    )


class _Reader:
    """Reads the levels of the storyboard."""

    def __init__(self, catalogs: Catalogs) -> None:
        places = Places(catalogs)
        self.catalogs = catalogs
        self.actions = Actions(places)
        self.conditions = Conditions(places)

    def init(self, node: Node) -> tuple[InitAction, ...]:
        """Global actions first, as the standard has it."""
        found = [
            InitAction(None, self.actions.of_all(child), child.place)
            for child in node.all("GlobalAction")
        ]
        for private in node.all("Private"):
            entity = text(private, "entityRef")
            found += [
                InitAction(entity, self.actions.private(child), child.place)
                for child in private.all("PrivateAction")
            ]
        return tuple(found)

    def story(self, node: Node) -> Story:
        """A story; its own parameters hide those of the scenario."""
        declared = node.find("ParameterDeclarations")
        if declared is not None:
            node.known("ParameterDeclarations")
            parameters = read_parameters(declared.element)
            node.scope = parameters.scope({}, node.scope)
        return Story(text(node, "name", ""), tuple(self._act(child) for child in node.all("Act")))

    def _act(self, node: Node) -> Act:
        start, stop = node.find("StartTrigger"), node.find("StopTrigger")
        return Act(
            name=text(node, "name"),
            groups=tuple(self._group(child) for child in node.all("ManeuverGroup")),
            start=None if start is None else self.conditions.trigger(start),
            stop=None if stop is None else self.conditions.trigger(stop),
        )

    def _group(self, node: Node) -> ManeuverGroup:
        actors = node.need("Actors")
        maneuvers = [self._maneuver(child) for child in node.all("Maneuver")]
        for reference in node.all("CatalogReference"):
            entry = self.catalogs.entry(reference)
            if entry is None or entry.element.tag != "Maneuver":
                raise reference.element.problem("no catalog of maneuvers with this entry")
            maneuvers.append(self._maneuver(entry))
        return ManeuverGroup(
            name=text(node, "name"),
            count=whole(node, "maximumExecutionCount"),
            actors=tuple(text(child, "entityRef") for child in actors.all("EntityRef")),
            triggering=truth(actors, "selectTriggeringEntities"),
            maneuvers=tuple(maneuvers),
        )

    def _maneuver(self, node: Node) -> Maneuver:
        events = tuple(self._event(child) for child in node.all("Event"))
        return Maneuver(text(node, "name"), events)

    def _event(self, node: Node) -> Event:
        priority = choice(node, "priority", PRIORITIES)
        start = node.find("StartTrigger")
        actions = [
            Named(text(child, "name"), self.actions.either(child), child.place)
            for child in node.all("Action")
        ]
        if not actions:
            raise node.element.problem("missing element 'Action'")
        return Event(
            name=text(node, "name"),
            priority="override" if priority == "overwrite" else priority,
            count=whole(node, "maximumExecutionCount", 1),
            actions=tuple(actions),
            start=None if start is None else self.conditions.trigger(start),
            place=node.place,
        )
