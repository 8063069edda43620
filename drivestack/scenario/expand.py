"""From a document to its concrete scenarios, lazily: grids, random draws, seeds, exclusions."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivestack.core.errors import InputError, nearest
from drivestack.core.rng import stream

from .exclusions import Exclusions
from .files import Roots
from .loader import Document, checked
from .parameters import written_out
from .places import Block, Items, Place, locate, problem
from .schema import Scenario
from .validation import validated
from .variation import Range

_SHORT = ("parameters.", "map.parameters.")
"""Beginnings of paths that ids leave out."""

_NOT_VARIED = ("id", "version", "seeds", "vary", "count", "exclude")


@dataclass(frozen=True, slots=True)
class Case:
    """One concrete scenario with one seed.

    Attributes:
        id: ``name/varied=value,...@version#seed``. scenario: with all variations written in.
        block: the keys and their places. folder, roots: see `Document`.
    """

    id: str
    seed: int
    scenario: Scenario
    block: Block
    folder: Path
    roots: Roots

    def problem(self, sentence: str, *steps: str | int) -> InputError:
        """An error about the field that `steps` lead to."""
        place, field = locate(self.block, steps)
        return problem(place, field, sentence)

    def resolved(self) -> str:
        """The concrete scenario as canonical JSON."""
        varied = {"seeds", "vary", "count", "exclude"}
        if not self.scenario.lights:
            varied.add("lights")  # scenarios without keep the names of their results
        if self.scenario.case is None:
            varied.add("case")  # likewise
        facts = self.scenario.model_dump(mode="json", by_alias=True, exclude=varied)
        facts["seed"] = self.seed
        return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)


def cases(document: Document) -> Iterator[Case]:
    """The concrete scenarios in order: grid points, then draws, then seeds.

    Raises:
        InputError: a variation leads to something invalid, here or when it is come to.
    """
    check_axes(document)
    return (case_at(document, combination) for combination in included(document))


def combinations(document: Document) -> int:
    """How many concrete scenarios there are before exclusions; arithmetic only."""
    return _points(document.scenario) * _block(document.scenario)


def included(document: Document) -> Iterator[int]:
    """Numbers of the combinations that no exclusion leaves out, ascending."""
    scenario, block = document.scenario, _block(document.scenario)
    grids = _grids(scenario)
    early, late = Exclusions.of(document).split(grids)
    for point in range(_points(scenario)):
        if document.leaves_out is not None and document.leaves_out(_grid_values(grids, point)):
            continue
        if early and early.match(_grid_values(grids, point)):
            continue
        numbers = range(point * block, (point + 1) * block)
        if not late:
            yield from numbers
            continue
        for number in numbers:
            if not late.match(_values(scenario, number)):
                yield number


def case_at(document: Document, combination: int) -> Case:
    """One concrete scenario, whatever exclusions say.

    A random value depends on the seed, the scenario's id, the path and the number of the draw.

    Raises:
        InputError: the combination is invalid.
    """
    block = written_out(_varied(document, _values(document.scenario, combination)))
    concrete = validated(Scenario, block)
    name, seed = name_at(document, combination)
    return Case(name, seed, concrete, block, document.folder, document.roots)


def name_at(document: Document, combination: int) -> tuple[str, int]:
    """Id and seed of a combination, also of an invalid one."""
    scenario = document.scenario
    draw, seed = _draw_and_seed(scenario, combination)
    shown = draw if _draws(scenario) > 1 else None
    return _case_id(scenario, _values(scenario, combination), shown, seed), seed


def check_axes(document: Document) -> None:
    """Check every axis value (of random ranges: the ends), and that exclusions name axes."""
    vary, exclusions = document.scenario.vary, Exclusions.of(document)
    first = {path: _samples(axis)[0] for path, axis in vary.items()}
    for path, axis in vary.items():
        for value in _samples(axis):
            values = first | {path: value}
            if not exclusions.match(values):
                checked(_varied(document, values))
        if not isinstance(axis, Range):
            _check_distinct(document, path, axis)


def common_name(one: Scenario, other: Scenario) -> str | None:
    """The id of a case that two documents of one id and version both stand for, if any.

    Random axes are taken to meet; nothing is expanded.
    """
    others = set(other.seeds) if isinstance(other.seeds, tuple) else other.seeds
    seed = next((seed for seed in one.seeds if seed in others), None)
    if seed is None or list(one.vary) != list(other.vary):
        return None
    values: dict[str, Any] = {}
    for path, axis in one.vary.items():
        beside = other.vary[path]
        if isinstance(axis, Range) or isinstance(beside, Range):
            continue
        written = {_written(value) for value in beside}
        meeting = [value for value in axis if _written(value) in written]
        if not meeting:
            return None
        values[path] = meeting[0]
    return _case_id(one, values, None, seed)


def _check_distinct(document: Document, path: str, axis: Sequence[Any]) -> None:
    """Refuse a grid that names a value twice: two cases would have one id."""
    seen: set[str] = set()
    for index, value in enumerate(axis):
        written = _written(value)
        if written in seen:
            place, field = locate(document.block, ("vary", path, index))
            raise problem(place, field, f"{written} is given twice; ids must differ")
        seen.add(written)


def _grids(scenario: Scenario) -> dict[str, Sequence[Any]]:
    return {path: axis for path, axis in scenario.vary.items() if not isinstance(axis, Range)}


def _draws(scenario: Scenario) -> int:
    return scenario.count if len(_grids(scenario)) < len(scenario.vary) else 1


def _points(scenario: Scenario) -> int:
    return math.prod(len(axis) for axis in _grids(scenario).values())


def _block(scenario: Scenario) -> int:
    """Combinations of one grid point."""
    return _draws(scenario) * len(scenario.seeds)


def _draw_and_seed(scenario: Scenario, combination: int) -> tuple[int, int]:
    draw, place = divmod(combination % _block(scenario), len(scenario.seeds))
    return draw, scenario.seeds[place]


def _grid_values(grids: Mapping[str, Sequence[Any]], point: int) -> dict[str, Any]:
    """The values of a grid point; the last axis runs fastest."""
    values: dict[str, Any] = {}
    for path, axis in reversed(list(grids.items())):
        point, place = divmod(point, len(axis))
        values[path] = axis[place]
    return values


def _values(scenario: Scenario, combination: int) -> dict[str, Any]:
    """The varied values of a combination, in the order of the file."""
    chosen = _grid_values(_grids(scenario), combination // _block(scenario))
    draw, seed = _draw_and_seed(scenario, combination)
    for path, axis in scenario.vary.items():
        if isinstance(axis, Range):
            chosen[path] = axis.draw(stream(seed, scenario.id, path, draw))
    return {path: chosen[path] for path in scenario.vary}


def _samples(axis: Any) -> tuple[Any, ...]:
    return axis.samples() if isinstance(axis, Range) else axis


def _case_id(scenario: Scenario, values: Mapping[str, Any], draw: int | None, seed: int) -> str:
    if scenario.case is not None:
        return scenario.case
    parts = [f"{_shortened(path)}={_written(value)}" for path, value in values.items()]
    if draw is not None:
        parts.append(f"draw={draw}")
    varied = f"/{','.join(parts)}" if parts else ""
    return f"{scenario.id}{varied}@{scenario.version}#{seed}"


def _shortened(path: str) -> str:
    return next((path.removeprefix(part) for part in _SHORT if path.startswith(part)), path)


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str | int | None):
        return str(value).lower() if isinstance(value, bool | None) else str(value)
    return json.dumps(value, separators=(",", ":"))


def _varied(document: Document, values: Mapping[str, Any]) -> Block:
    """The document's block with values written to their paths, checked."""
    block = document.block
    for path, value in values.items():
        place, field = locate(document.block, ("vary", path))
        steps = path.split(".")
        if steps[0] in _NOT_VARIED:
            raise problem(place, field, f"'{steps[0]}' cannot be varied")
        block = _written_to(block, steps, value, place, field)
    return block


def _written_to(node: Any, steps: list[str], value: Any, place: Place, field: str) -> Any:
    """A copy of `node` with the value at the end of `steps`; untouched parts are shared."""
    if not steps:
        return value
    head, rest = steps[0], steps[1:]
    if isinstance(node, Block):
        out = node.copy()
        inner = node[head] if head in node else Block(place)
        out.put(head, _written_to(inner, rest, value, place, field), place)
        return out
    if isinstance(node, Items):
        index = _index(node, head, place, field)
        out = node.copy()
        out[index] = _written_to(node[index], rest, value, place, field)
        out.places[index] = place
        return out
    raise problem(place, field, f"there is nothing below '{head}' to vary")


def _index(items: Items, step: str, place: Place, field: str) -> int:
    """Where in a list: by number, or by the `name` of its blocks."""
    names = [str(item.get("name", "")) for item in items if isinstance(item, Block)]
    if step.isdecimal() and int(step) < len(items):
        return int(step)
    if step in names:
        return [isinstance(item, Block) and item.get("name") == step for item in items].index(True)
    valid = [name for name in names if name] or [str(index) for index in range(len(items))]
    raise problem(place, field, f"no item '{step}'; {nearest(step, valid)}")
