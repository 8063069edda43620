"""From a document to its concrete scenarios, lazily: grids, random draws, seeds, exclusions."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivestack.core.errors import InputError, nearest
from drivestack.core.rng import stream

from .files import Roots
from .loader import Document
from .places import Block, Items, Place, locate, problem
from .schema import Scenario
from .validation import validated
from .variation import Range

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
        facts = self.scenario.model_dump(mode="json", by_alias=True, exclude=varied)
        facts["seed"] = self.seed
        return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)


def cases(document: Document) -> Iterator[Case]:
    """The concrete scenarios in order: grid points, then draws, then seeds.

    A random value depends on the seed, the scenario's id, the path and the number of the draw.

    Raises:
        InputError: a variation leads to something invalid, here or when it is come to.
    """
    check_axes(document)
    return _cases(document)


def check_axes(document: Document) -> None:
    """Check every axis value (of random ranges: the ends), and that exclusions name axes."""
    vary = document.scenario.vary
    first = {path: _samples(axis)[0] for path, axis in vary.items()}
    for path, axis in vary.items():
        for value in _samples(axis):
            _varied(document, first | {path: value})
    for index, exclusion in enumerate(document.scenario.exclude):
        for path in exclusion:
            if path not in vary:
                place, field = locate(document.block, ("exclude", index, path))
                raise problem(place, field, f"not a varied path; {nearest(path, vary)}")


def _cases(document: Document) -> Iterator[Case]:
    scenario = document.scenario
    grids = {path: axis for path, axis in scenario.vary.items() if not isinstance(axis, Range)}
    ranges = {path: axis for path, axis in scenario.vary.items() if isinstance(axis, Range)}
    draws = range(scenario.count if ranges else 1)
    for point in itertools.product(*grids.values()):
        for draw, seed in itertools.product(draws, scenario.seeds):
            drawn = {
                path: axis.draw(stream(seed, scenario.id, path, draw))
                for path, axis in ranges.items()
            }
            chosen = dict(zip(grids, point, strict=True)) | drawn
            values = {path: chosen[path] for path in scenario.vary}
            if any(_matches(exclusion, values) for exclusion in scenario.exclude):
                continue
            block = _varied(document, values)
            name = _case_id(scenario, values, draw if len(draws) > 1 else None, seed)
            concrete = validated(Scenario, block)
            yield Case(name, seed, concrete, block, document.folder, document.roots)


def _samples(axis: Any) -> tuple[Any, ...]:
    return axis.samples() if isinstance(axis, Range) else axis


def _matches(exclusion: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(
        values[path] in wanted if isinstance(wanted, list | tuple) else values[path] == wanted
        for path, wanted in exclusion.items()
    )


def _case_id(scenario: Scenario, values: Mapping[str, Any], draw: int | None, seed: int) -> str:
    parts = [f"{path}={_written(value)}" for path, value in values.items()]
    if draw is not None:
        parts.append(f"draw={draw}")
    varied = f"/{','.join(parts)}" if parts else ""
    return f"{scenario.id}{varied}@{scenario.version}#{seed}"


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
    validated(Scenario, block)
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
