"""From a path to checked scenario documents: a scenario, a suite, or a recording given directly."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from drivestack.core.errors import InputError

from .commonroad.contents import read_contents
from .files import Roots, require_file
from .openscenario.axes import Variations
from .parameters import written_out
from .places import Block, Items, Place, problem
from .schema import FileEntry, Scenario, Suite
from .validation import validated
from .yaml_reader import read_yaml

OPENSCENARIO = ".xosc"
RECORDINGS = (".xml", ".xml.gz")
SCENARIOS = (".yaml", ".yml")

_MERGED = ("ego", "rates", "expect", "vary", "parameters")
"""Blocks in which a suite's defaults fill single keys."""


@dataclass(frozen=True, slots=True)
class Document:
    """One scenario as written, before it is varied.

    Attributes:
        block: the scenario's keys with their places. scenario: the same, checked.
        folder: where its relative paths begin. roots: where they may lead. leaves_out: says of
        varied values by path whether their combination is left out, besides `exclude`. notes: what
        of a file has no effect here, with places.
    """

    block: Block
    scenario: Scenario
    folder: Path
    roots: Roots
    leaves_out: Callable[[Mapping[str, Any]], bool] | None = None
    notes: tuple[str, ...] = ()


def documents(path: Path) -> list[Document]:
    """All scenarios that a file given by the user stands for; everything in it is checked.

    A word that can only be the id of a highway-env scene stands for that scene.

    Raises:
        InputError: one sentence with the place.
    """
    if path.name.endswith(RECORDINGS):
        return [_recording_document(path)]
    if path.suffix == OPENSCENARIO:
        return [openscenario_document(path)]
    if path.suffix == ".xodr":
        sentence = "a road network without a scenario; use it as map: {kind: opendrive, file: ...}"
        raise InputError(f"{path}: {sentence}")
    if is_scene(path):
        return [_scene_document(path.name)]
    if path.suffix not in SCENARIOS:
        if not os.path.lexists(path):
            require_file(path)
        valid = ", ".join((*SCENARIOS, *RECORDINGS, OPENSCENARIO))
        raise InputError(f"{path}: not a scenario file; valid endings: {valid}")
    roots = Roots.of(path)
    block = read_yaml(path)
    if "suite" in block or "scenarios" in block:
        return list(_suite_documents(block, path.parent, roots))
    return [_document(block, path.parent, roots)]


def is_scene(path: Path) -> bool:
    """Whether it is no path but a word that can only be the id of a highway-env scene."""
    return not path.suffix and len(path.parts) == 1 and not os.path.lexists(path)


def _document(block: Block, folder: Path, roots: Roots) -> Document:
    return Document(block, checked(block), folder, roots)


def checked(block: Block) -> Scenario:
    """The scenario that a block gives, its expressions written out; raises InputError."""
    return validated(Scenario, written_out(block))


def openscenario_document(path: Path) -> Document:
    """An OpenSCENARIO file that the user names; a variation file's axes become ours."""
    real = _real(path)
    variations = Variations.of(path)
    variations.check()
    place = Place(str(path), 0)
    block, road_map, vary = Block(place), Block(place), Block(place)
    road_map.put("kind", "openscenario", place)
    road_map.put("file", real.name, place)
    for name, values in variations.axes().items():
        vary.put(name, values, place)
    block.put("id", _id_from(path.name), place)
    block.put("map", road_map, place)
    block.put("vary", vary, place)
    document = _document(block, real.parent, Roots.of(real))
    return replace(document, leaves_out=variations.leaves_out, notes=variations.notes())


def _recording_document(path: Path) -> Document:
    """A recording that the user names is read wherever it lies, also through symbolic links."""
    place = Place(str(path), 0)
    real = _real(path)
    read_contents(real)
    block = Block(place)
    block.put("recording", real.name, place)
    block.put("id", _id_from(path.name), place)
    return _document(_spelled_out(block), real.parent, Roots.of(real))


def _real(path: Path) -> Path:
    """Where a path leads through symbolic links, whether there is a file or not."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:  # a circle; a zero byte
        raise InputError(f"{path!s:.100}: not a path of a file ({error})") from None


def _scene_document(env_id: str) -> Document:
    """A highway-env scene that the user names; `resolve` tells whether there is one."""
    place, folder = Place(env_id, 0), Path()
    block = Block(place)
    block.put("env", env_id, place)
    return _document(_spelled_out(block), folder, Roots.of(folder))


def _suite_documents(block: Block, folder: Path, roots: Roots) -> Iterator[Document]:
    merged = _with_defaults(block)
    suite = validated(Suite, _entries_written_out(merged))
    seen: dict[str, Place] = {}
    entries: Items = merged["scenarios"]
    for entry, written, place in zip(suite.scenarios, entries, entries.places, strict=True):
        if isinstance(entry, FileEntry):
            document = _named_document(entry, written, folder, roots)
        else:
            document = _document(_spelled_out(written), folder, roots)
        name = document.scenario.id
        if name in seen:
            raise problem(place, "id", f"'{name}' is given twice, first in {seen[name]}")
        seen[name] = place
        yield document


def _entries_written_out(merged: Block) -> Block:
    """The suite as it is checked as a whole; documents keep their expressions."""
    entries = merged.get("scenarios")
    if not isinstance(entries, Items):
        return merged
    written = Items(entries.place)
    for entry, place in zip(entries, entries.places, strict=True):
        written.add(written_out(entry) if isinstance(entry, Block) else entry, place)
    out = merged.copy()
    out["scenarios"] = written
    if isinstance(merged.get("defaults"), Block):
        out["defaults"] = written_out(merged["defaults"])
    return out


def _named_document(entry: FileEntry, written: Block, folder: Path, roots: Roots) -> Document:
    """The scenario in another file, with the entry's seeds, count and axes if it has any."""
    place = written.places["file"]
    try:
        path = roots.find(folder, entry.file)
    except InputError as error:
        raise problem(place, "file", str(error)) from None
    if path.suffix not in SCENARIOS:
        raise problem(place, "file", f"expected a .yaml or .yml file, got '{entry.file}'")
    block = read_yaml(path)
    for key in ("seeds", "count"):
        if key in written:
            block.put(key, written[key], written.places[key])
    if isinstance(written.get("vary"), Block):
        axes, given = block.get("vary"), written["vary"]
        merged = axes.copy() if isinstance(axes, Block) else Block(given.place)
        for name, axis in given.items():
            merged.put(name, axis, given.places[name])
        block.put("vary", merged, written.places["vary"])
    return _document(block, path.parent, roots)


def _with_defaults(block: Block) -> Block:
    """The suite with its defaults written into every entry but those that name a file."""
    defaults, entries = block.get("defaults"), block.get("scenarios")
    if not isinstance(defaults, Block) or not isinstance(entries, Items):
        return block
    filled = Items(entries.place)
    for entry, place in zip(entries, entries.places, strict=True):
        open_to_defaults = isinstance(entry, Block) and "file" not in entry
        filled.add(_filled(entry, defaults) if open_to_defaults else entry, place)
    out = block.copy()
    out.put("scenarios", filled, block.places["scenarios"])
    return out


def _filled(entry: Block, defaults: Block) -> Block:
    out = entry.copy()
    for key, value in defaults.items():
        if key not in entry:
            out.put(key, value, defaults.places[key])
        elif key in _MERGED and isinstance(entry[key], Block) and isinstance(value, Block):
            out.put(key, _filled(entry[key], value), entry.places[key])
    return out


def _spelled_out(entry: Block) -> Block:
    """The short forms with `env` or `recording` as scenarios with a `map`."""
    out = entry.copy()
    for short, kind, key in (("env", "highway_env", "env"), ("recording", "commonroad", "file")):
        if short not in entry:
            continue
        place = entry.places[short]
        name = out.pop(short)
        road_map = Block(place)
        road_map.put("kind", kind, place)
        road_map.put(key, name, place)
        if "config" in out:
            road_map.put("config", out.pop("config"), entry.places["config"])
        out.put("map", road_map, place)
        if out.get("id") is None:
            out.put("id", _id_from(name), place)
    return out


def _id_from(name: str) -> str:
    """A file's name without folders and endings, or an environment id, as a scenario's id."""
    base = str(name).rsplit("/", maxsplit=1)[-1]
    for ending in sorted((*RECORDINGS, OPENSCENARIO), key=len, reverse=True):
        base = base.removesuffix(ending)
    return re.sub(r"[^A-Za-z0-9_.\-]|^[_.\-]", "-", base).lstrip("-")[:100] or "recording"
