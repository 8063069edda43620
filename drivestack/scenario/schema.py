"""The schema of scenario and suite files: what each key means and which values it takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Strict, Tag, TypeAdapter, model_validator

from drivestack.core.errors import nearest
from drivestack.core.start import Physics

from .cue_schema import When
from .light_schema import TrafficLight
from .map_schema import LanesMap, Map, OpenDriveMap, RoadMap
from .model import Hertz, LaneRef, Model, Name, Number, Seconds, Truth, Whole, Word, fault
from .sensing_schema import Sensing
from .traffic_schema import Actor, Closure, Ego, GoalArea
from .variation import Axis, Exclusion, Seeds

_OWN_START = "only for maps of kind lanes, road or opendrive"

Parameter = Annotated[bool, Strict()] | Annotated[Number, Strict()] | Word
"""A number, a truth value, a word."""


class RatesBlock(Model):
    """Frequencies [Hz]; each is a whole multiple of the next, so that no clock can lie."""

    physics: Hertz = 20
    control: Hertz = 20
    plan: Hertz = 10

    @model_validator(mode="after")
    def _have_whole_ratios(self) -> RatesBlock:
        _require_whole(self.physics, self.control, "physics", "control")
        _require_whole(self.control, self.plan, "control", "plan")
        return self


def _require_whole(fast: int, slow: int, fast_name: str, slow_name: str) -> None:
    if fast % slow:
        valid = ", ".join(str(rate) for rate in range(1, fast + 1) if fast % rate == 0)
        sentence = f"{fast_name} {fast} Hz over {slow_name} {slow} Hz is not a whole number"
        raise fault(f"{sentence}; valid: {valid}", slow_name)


class Bounds(Model):
    """A range that a measure should fall into."""

    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _bound_something(self) -> Bounds:
        if self.min is None and self.max is None:
            raise fault("give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise fault("must be at least min", "max")
        return self


class Expect(Model):
    """What should come out; each key is a measure of the runner."""

    contact: Truth | None = None
    at_fault: Truth | None = None
    goal_reached: Truth | None = None
    progress_m: Bounds | None = None
    mean_speed: Bounds | None = None


class DutyBlock(Model):
    """Whether contact must be avoided; without the event it is not exercised."""

    rule: Literal["must_avoid", "r157_cut_in"]
    """`r157_cut_in`: by UN R157's time to collision when the actor is over the line."""
    event: Name | None = None
    """That must have begun; None: the scenario is exercised by being there."""
    actor: Name | None = None
    """Who cuts in."""

    @model_validator(mode="after")
    def _names_what_it_needs(self) -> DutyBlock:
        for field in ("event", "actor"):
            if self.rule == "r157_cut_in" and getattr(self, field) is None:
                raise fault("missing key", field)
        return self


class Settings(Model):
    """Keys that scenarios share with a suite's `defaults`."""

    version: Whole = 1
    parameters: dict[Word, Parameter] = Field(default_factory=dict)
    """Named values for ``${...}`` in any field; `vary` paths are such as ``parameters.gap``."""
    ego: Ego = Field(default_factory=Ego)
    goal: GoalArea | None = None
    """None: the scene's or the recording's own."""
    time_limit: Seconds | None = None
    """None: the scene's or the recording's own."""
    rates: RatesBlock | None = None
    """None: 20, 20 and 10 Hz for kinds plain and stack, the scene's own rates for meta and idm."""
    sensing: Sensing | None = None
    """None: the stack sees everything as it is."""
    physics: Physics = Physics.CLAMPED
    """Whether cars may drive backwards (`highway_env`) or stop at 0 (`clamped`)."""
    seeds: Seeds = (0,)
    vary: dict[Word, Axis] = Field(default_factory=dict)
    """Dotted paths into the scenario, such as ``ego.speed`` or ``actors.lead.s``."""
    count: Annotated[Whole, Field(ge=1, le=1_000_000)] = 1
    """Joint draws of all random ranges, for each grid point and seed."""
    exclude: tuple[Exclusion, ...] = ()
    expect: Expect = Field(default_factory=Expect)
    duty: DutyBlock | None = None
    """For maps that take actors."""


class Scenario(Settings):
    """One scenario file, or one inline entry of a suite."""

    id: Name
    case: Word | None = None
    """The whole id of the one case that the file stands for, kept from the run that it was saved
    from: results are found under it, and sensor noise is drawn by it."""
    map: Map
    actors: Annotated[tuple[Actor, ...], Field(max_length=5_000)] = ()
    closures: Annotated[tuple[Closure, ...], Field(max_length=200)] = ()
    """What the map service says is closed; for maps of kind lanes."""
    lights: Annotated[tuple[TrafficLight, ...], Field(max_length=200)] = ()
    """For maps that take actors; a recording has its own."""
    end: When | None = None
    """When the scenario is over before its time limit; for maps that take actors."""

    @model_validator(mode="after")
    def _fits_its_map(self) -> Scenario:
        if isinstance(self.map, LanesMap):
            self._check_lanes(self.map)
        elif isinstance(self.map, RoadMap):
            self._check_lanes(self.map.lanes_map())
        elif isinstance(self.map, OpenDriveMap):
            self._check_own_start()
        else:
            self._check_given_start(self.map.kind)
        if isinstance(self.goal, GoalArea) and self.goal.lane is not None:
            if self.map.kind == "commonroad":
                raise fault("lanelets have no lane names here; give position", "goal", "lane")
        _require_other_names("actors", [actor.name for actor in self.actors])
        _require_other_names("lights", [light.name for light in self.lights])
        if self.case is not None and (self.vary or len(self.seeds) > 1):
            raise fault("is the id of one case; give one seed, and vary nothing", "case")
        return self

    def _check_lanes(self, lanes: LanesMap) -> None:
        names = lanes.names()
        nodes = {node for start, end, _ in names for node in (start, end)}
        self._check_own_start()
        _require_lane(names, self.ego.lane, "ego", "lane")
        if self.goal is not None:
            _require_lane(names, self.goal.lane, "goal", "lane")
        for index, closure in enumerate(self.closures):
            _require_lane(names, closure.lane, "closures", index, "lane")
        for index, light in enumerate(self.lights):
            for number, line in enumerate(light.lines):
                _require_lane(names, line.lane, "lights", index, "lines", number, "lane")
        for index, actor in enumerate(self.actors):
            _require_lane(names, getattr(actor, "lane", None), "actors", index, "lane")
            destination = getattr(actor, "destination", None)
            if destination is not None and destination not in nodes:
                sentence = f"no node '{destination}'; {nearest(destination, nodes)}"
                raise fault(sentence, "actors", index, "destination")

    def _check_own_start(self) -> None:
        if not self.ego.is_placed:
            raise fault("missing key; give lane or position", "ego", "lane")
        self._refuse_recorded_ego()
        if self.time_limit is None:
            raise fault("missing key", "time_limit")

    def _check_given_start(self, kind: str) -> None:
        if self.actors:
            raise fault(f"{_OWN_START}; a {kind} map has its own traffic", "actors")
        for field in ("end", "duty", "closures", "lights"):
            if getattr(self, field):
                raise fault(_OWN_START, field)
        placing = {"lane", "s", "lateral", "position", "heading", "speed", "target_speed"}
        for field in sorted(placing & self.ego.model_fields_set):
            raise fault(f"{_OWN_START}; {kind} places its ego", "ego", field)
        if self.ego.target_speeds is not None:
            raise fault(_OWN_START, "ego", "target_speeds")
        if kind != "commonroad":
            self._refuse_recorded_ego()

    def _refuse_recorded_ego(self) -> None:
        for field in ("problem", "goal_state", "vehicle"):
            if getattr(self.ego, field) is not None:
                raise fault("only for maps of kind commonroad", "ego", field)


def _require_other_names(key: str, names: Iterable[str | None]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise fault(f"name '{name}' is given twice", key, index, "name")
        if name is not None:
            seen.add(name)


def _require_lane(names: Iterable[LaneRef], wanted: LaneRef | None, *steps: str | int) -> None:
    if wanted is not None and wanted not in names:
        valid = [_written(name) for name in names]
        raise fault(f"no lane {_written(wanted)}; {nearest(_written(wanted), valid)}", *steps)


def _written(name: LaneRef) -> str:
    return f"[{name[0]}, {name[1]}, {name[2]}]"


class FileEntry(Model):
    """A scenario file of its own; a suite's defaults do not change it, only these keys."""

    file: Word
    """Relative to the suite's folder, or to the folder of shared data."""
    seeds: Seeds | None = None
    vary: dict[Word, Axis] = Field(default_factory=dict)
    """Axes that replace the file's, or come after them."""
    count: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None


class EnvEntry(Settings):
    """Short for a scenario with a map of kind `highway_env`."""

    id: Name | None = None
    """None: the environment id."""
    env: Word
    config: dict[str, Any] = Field(default_factory=dict)


class RecordingEntry(Settings):
    """Short for a scenario with a map of kind `commonroad`."""

    id: Name | None = None
    """None: the file's name."""
    recording: Word


def _entry_kind(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    for key in ("file", "env", "recording"):
        if key in value:
            return f"<{key}>"
    return "<scenario>"


Entry = Annotated[
    Annotated[FileEntry, Tag("<file>")]
    | Annotated[EnvEntry, Tag("<env>")]
    | Annotated[RecordingEntry, Tag("<recording>")]
    | Annotated[Scenario, Tag("<scenario>")],
    Discriminator(
        _entry_kind,
        custom_error_type="fault",
        custom_error_message="{sentence}",
        custom_error_context={"sentence": "expected a mapping"},
    ),
]


class Suite(Model):
    """A list of scenarios with what they have in common."""

    suite: Name
    version: Whole = 1
    defaults: Settings = Field(default_factory=Settings)
    """Fills the keys that an entry does not give."""
    scenarios: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=10_000)]


def json_schema() -> dict[str, Any]:
    """The JSON Schema of scenario and suite files, for editors."""
    schema = TypeAdapter(Suite | Scenario).json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "drivestack scenario or suite",
        **schema,
    }
