"""First states kept on disk, and maps shared in the process.

A reset of highway-env costs 2-56 ms and its import seconds; a hit costs a small file. A file that
cannot be read, or that another arithmetic, numpy or version of these sources wrote, is not used.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import math
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from drivestack.core import tables
from drivestack.core.compiled import user_cache
from drivestack.core.lights import Colour, Light
from drivestack.core.map import MAP_TABLES, Map
from drivestack.core.pruning import mark_used, prune_at_exit
from drivestack.core.script import SCRIPT_TABLES, Script
from drivestack.core.sensor import Radar, Sensor
from drivestack.core.sources import source_digest
from drivestack.core.start import (
    Duty,
    DutyRule,
    EgoKind,
    Physics,
    Rates,
    Reference,
    SceneRule,
    Start,
)

_START_ARRAYS: dict[str, DTypeLike] = {
    "bodies": tables.BODY,
    "routes": np.int32,
    "slot": tables.SLOT,
    "replay": tables.REPLAY,
    "goal": np.float64,
    "log": np.float64,
}
_MAP_ARRAYS: dict[str, DTypeLike] = {name: dtype for name, (_, dtype) in MAP_TABLES.items()}
_SCRIPT_ARRAYS: dict[str, DTypeLike] = {name: dtype for name, (_, dtype) in SCRIPT_TABLES.items()}
_ARRAYS = _START_ARRAYS | _MAP_ARRAYS | _SCRIPT_ARRAYS
_UNREADABLE = (
    OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RuntimeError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What numpy and zipfile raise for damaged files (RuntimeError: an encryption bit has flipped)."""

_ALIGNMENT = 16
"""Tables in a file begin at multiples of this [bytes], so that records in them are aligned."""

_PACKAGE = Path(__file__).resolve().parents[1]

_MOST_BYTES = 10**9
"""Size that first states on disk are pruned to; our choice: some ten thousand of them."""

_MOST_MAPS = 256
"""Maps shared at a time; a suite may have one for every scenario."""

_maps: dict[str, Map] = {}


def cached_start(source: Path, key: dict[str, Any], build: Callable[[], Start]) -> Start:
    """The start that `build` would make, read from the cache if it is there.

    Args:
        source: the file that holds `build`; an edit of it, or of what it imports, makes anew.
        key: everything else the start depends on, besides this machine's arithmetic.
    """
    made_by = [sources(source), arithmetic()]
    whole = json.dumps({**key, "made_by": made_by}, sort_keys=True)
    name = hashlib.sha256(whole.encode()).hexdigest()[:32]
    path = user_cache() / "starts" / f"{name}.npz"
    found = _read(path, whole)
    if found is not None:
        return found
    arrays = packed(build())
    _write(path, arrays | {"key": np.array(whole)})
    return unpacked(arrays)


def interned(map: Map) -> Map:
    """The one map object of this process that has this content."""
    digest = hashlib.sha256(f"{map.name} {map.y_right} {map.connected} {map.nodes}".encode())
    for table in _map_tables(map).values():
        digest.update(_without_gaps(table).tobytes())
    found = _maps.setdefault(digest.hexdigest(), map)
    if len(_maps) > _MOST_MAPS:
        del _maps[next(iter(_maps))]
    return found


def packed(start: Start) -> dict[str, NDArray]:
    """A start as two arrays for `numpy.savez`: the bytes of its tables, the rest as JSON text."""
    script = {name: getattr(start.script, name) for name in _SCRIPT_ARRAYS}
    whole = {k: getattr(start, k) for k in _START_ARRAYS} | _map_tables(start.map) | script
    blocks, shapes, at = [], {}, 0
    for name, table in whole.items():
        data = _without_gaps(table).tobytes()
        data += b"\0" * (-len(data) % _ALIGNMENT)
        shapes[name] = (at, table.shape)
        at += len(data)
        blocks.append(data)
    skipped = {*_START_ARRAYS, "duty", "lights", "map", "rates", "reference", "script", "sensing"}
    facts = {f.name: getattr(start, f.name) for f in fields(start) if f.name not in skipped}
    facts["rates"] = asdict(start.rates)
    facts["sensing"] = asdict(start.sensing)
    facts["duty"] = [start.duty.rule, start.duty.cue, start.duty.agent]
    if start.lights:
        facts["lights"] = [asdict(light) for light in start.lights]
    facts["reference"] = None if start.reference is None else asdict(start.reference)
    facts["cues"] = start.script.names
    road_map = start.map
    facts["map"] = [road_map.name, road_map.y_right, road_map.connected, road_map.nodes]
    text = json.dumps({"facts": facts, "shapes": shapes, "layout": _layout()})
    return {"start": np.array(text), "tables": np.frombuffer(b"".join(blocks), np.uint8)}


def content_digest(start: Start) -> str:
    """A name for everything that a start holds."""
    arrays = packed(start)
    digest = hashlib.sha256(str(arrays["start"]).encode())
    digest.update(arrays["tables"].tobytes())
    return digest.hexdigest()


def unpacked(arrays: Any) -> Start:
    """The start that `packed` has written; `arrays` maps names to arrays.

    Raises:
        KeyError, TypeError, ValueError: not written by `packed` with these table layouts.
    """
    text = json.loads(str(arrays["start"]))
    if text["layout"] != _layout():
        raise ValueError("the tables had another layout when this start was written")
    data, facts = arrays["tables"], text["facts"]
    found = {}
    for name, dtype in _ARRAYS.items():
        at, shape = text["shapes"][name]
        size = math.prod(shape) * np.dtype(dtype).itemsize
        found[name] = data[at : at + size].view(dtype).reshape(shape)
    name, y_right, connected, nodes = facts.pop("map")
    road_map = Map(
        name=name,
        y_right=y_right,
        connected=connected,
        nodes=tuple(nodes),
        **{k: found.pop(k) for k in _MAP_ARRAYS},
    )
    script = Script(**{k: found.pop(k) for k in _SCRIPT_ARRAYS}, names=tuple(facts.pop("cues")))
    reference = facts.pop("reference")
    typed = {
        "ego_kind": EgoKind(facts.pop("ego_kind")),
        "physics": Physics(facts.pop("physics")),
        "rule": SceneRule(facts.pop("rule")),
        "rates": Rates(**facts.pop("rates")),
        "sensing": _sensor(**facts.pop("sensing")),
        "duty": _duty(*facts.pop("duty")),
        "lights": tuple(_light(light) for light in facts.pop("lights", ())),
        "reference": None if reference is None else Reference(**reference),
    }
    return Start(map=interned(road_map), script=script, **typed, **found, **facts)


def _sensor(radar: dict[str, Any], **own: Any) -> Sensor:
    return Sensor(radar=Radar(**radar), **own)


def _duty(rule: str, cue: int, agent: int) -> Duty:
    return Duty(DutyRule(rule), cue, agent)


def _light(facts: dict[str, Any]) -> Light:
    phases = tuple((Colour(colour), ticks) for colour, ticks in facts["phases"])
    lines = tuple((lane, s) for lane, s in facts["lines"])
    return Light(facts["name"], phases, facts["offset"], lines)


def _map_tables(map: Map) -> dict[str, NDArray]:
    return {name: getattr(map, name) for name in _MAP_ARRAYS}


def _without_gaps(table: NDArray) -> NDArray:
    """A copy whose bytes between fields are zero, not whatever was in memory there."""
    whole = np.zeros(table.shape, table.dtype)
    for field in table.dtype.names or (...,):
        whole[field] = table[field]
    return whole


@functools.cache
def _layout() -> str:
    """A name for the layout of all tables."""
    dtypes = [np.dtype(dtype).descr for dtype in _ARRAYS.values()]
    return hashlib.sha256(repr(dtypes).encode()).hexdigest()[:16]


def _read(path: Path, key: str) -> Start | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = unpacked(arrays) if str(arrays["key"]) == key else None
    except _UNREADABLE:
        return None
    mark_used(path)
    return found


def _write(path: Path, arrays: dict[str, Any]) -> None:
    """Write a file at once or not at all; a cache that cannot be written is no error."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    prune_at_exit(path.parent, "*", _MOST_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(buffer.getvalue())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        return


@functools.cache
def sources(source: Path) -> str:
    """A name for a file of the package and all that it imports of it."""
    return source_digest(source.resolve(), _PACKAGE)


@functools.cache
def arithmetic() -> str:
    """A name for this machine's arithmetic.

    The last bits of numpy's and its linear algebra library's results depend on the processor and on
    environment variables, so results on fixed numbers are the name.
    """
    digest = hashlib.sha256(np.__version__.encode())
    x = np.random.Generator(np.random.PCG64(0)).uniform(-1.0, 1.0, (400, 2))
    for function in (np.arcsin, np.arctan, np.tan, np.sin, np.exp):
        digest.update(function(x).tobytes())
    digest.update(np.arctan2(x[:, 0], x[:, 1]).tobytes() + np.power(x[:, 0] + 2.0, 4.1).tobytes())
    digest.update(np.array([np.dot(a, b) for a, b in zip(x, x[::-1], strict=True)]).tobytes())
    return digest.hexdigest()[:16]
