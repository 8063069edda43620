"""Finished runs as they are read for a comparison: whole, undamaged, of a schema that is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from drivestack.core.errors import InputError
from drivestack.sim.journal import NAME as JOURNAL
from drivestack.sim.log import SCHEMA_VERSION
from drivestack.sim.parquet import Connection, quoted
from drivestack.sim.reading import MANIFEST, manifest_in
from drivestack.sim.vouching import check_sum

from .records import Deviation

NEEDED = ("episode", "scenario", "outcome")
"""Columns of episodes without which nothing can be paired."""

_INDIFFERENT = ("batch", "workers", "cluster", "only")
"""Settings that results do not depend on."""


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A run folder whose tables can be read.

    Attributes:
        episodes, ticks: the tables as SQL; ticks empty where the run has none. columns: of
        `episodes`.
    """

    path: Path
    manifest: dict[str, Any]
    episodes: str
    ticks: str
    columns: frozenset[str]


def opened(path: Path, connection: Connection) -> Opened:
    """Check a run folder.

    Raises:
        InputError: it is none, not finished, damaged, or of a newer schema.
    """
    manifest = _manifest(path)
    named = manifest.get("sha256")
    checksums = named if isinstance(named, dict) else {}
    if "episodes.parquet" not in checksums:
        raise InputError(f"{path / MANIFEST}: has no checksum of episodes.parquet")
    tables = {}
    for name in ("episodes", "ticks"):
        file = f"{name}.parquet"
        if file in checksums:
            check_sum(path / file, checksums[file])
            tables[name] = f"read_parquet({quoted(path / file)})"
    try:
        found = connection.execute(f"DESCRIBE SELECT * FROM {tables['episodes']}").fetchall()
    except duckdb.Error as error:
        raise InputError(f"{path / 'episodes.parquet'}: cannot be read ({error})") from None
    columns = frozenset(str(row[0]) for row in found)
    for name in NEEDED:
        if name not in columns:
            raise InputError(f"{path / 'episodes.parquet'}: has no column '{name}'")
    return Opened(path, manifest, tables["episodes"], tables.get("ticks", ""), columns)


def _manifest(path: Path) -> dict[str, Any]:
    """Of a finished run of a schema that is known."""
    if not path.is_dir():
        what = "is not a run folder" if path.exists() else "no such folder"
        raise InputError(f"{path}: {what}; give the folder that 'drivestack run' has written")
    manifest = manifest_in(path)
    if manifest is None and not (path / JOURNAL).exists():
        raise InputError(f"{path}: is not a run folder; there is no {MANIFEST} in it")
    if manifest is None or manifest.get("interrupted", True):
        raise InputError(f"{path}: the run is not finished; 'drivestack resume {path}' goes on")
    version = manifest.get("schema_version")
    if not isinstance(version, int) or not 1 <= version <= SCHEMA_VERSION:
        raise InputError(
            f"{path}: has schema version {version!r:.40}, and this drivestack reads those up to "
            f"{SCHEMA_VERSION}"
        )
    return manifest


def deviations(base: Opened, other: Opened) -> tuple[Deviation, ...]:
    """What two runs were made with and differ in."""
    return tuple(
        Deviation(what, _said(first), _said(second))
        for what, first, second in _facts(base.manifest, other.manifest)
        if first != second
    )


def _facts(base: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name and both values of everything that results may depend on."""
    for name in ("schema_version", "reference"):
        yield name.replace("_", " "), base.get(name), other.get(name)
    for part, prefix in (("settings", ""), ("versions", ""), ("machine", "machine's ")):
        first, second = _table(base, part), _table(other, part)
        for name in dict.fromkeys((*first, *second)):
            if part != "settings" or name not in _INDIFFERENT:
                yield prefix + name, first.get(name), second.get(name)
    first, second = _table(base, "files"), _table(other, "files")
    for name in sorted(first.keys() & second.keys()):
        # a file that only one run has read shows in what cannot be paired
        yield f"contents of {name}", str(first[name])[:12], str(second[name])[:12]


def _table(manifest: dict[str, Any], part: str) -> dict[str, Any]:
    found = manifest.get(part)
    return found if isinstance(found, dict) else {}


def _said(value: object) -> str:
    return "-" if value is None else str(value)
