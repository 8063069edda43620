"""The run folder: Parquet through DuckDB, a manifest, events; in parts while running.

A tile of finished episodes is sealed as one part per table. `finish` joins the parts into one file
per table, writes the manifest last and removes the parts, so a folder with a manifest is complete.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import EnvironmentFault, InputError

from .considered import Columns, drawn
from .files import sha256_of, write_text, written_whole
from .rows import EpisodeRows

SCHEMA_VERSION = 3
TABLES = (
    "episodes", "ticks", "agents", "reasons", "candidates", "plans", "routes", "timing", "maps",
)  # fmt: skip
EVENTS = "events.jsonl"
MANIFEST = "manifest.json"
_PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A row of the table of reasons.

    Attributes:
        scenario: id. measure: name. value: None where there was nothing to measure. tick, time,
        object, kind, measured, bound: what decided it, None or empty where nothing of the kind did.
    """

    scenario: str
    measure: str
    value: float | None
    tick: int | None
    time: float | None
    object: int | None
    kind: str
    measured: float | None
    bound: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder that one run claims for itself.

    Attributes:
        path: of the folder.
    """

    path: Path

    def check_free(self) -> None:
        """Raise InputError unless the folder can be made here and is not there yet."""
        try:
            taken = os.path.lexists(self.path)
            parent = self.path.absolute().parent
            while not parent.exists():
                parent = parent.parent
            if not taken and len(self.path.name.encode()) > os.pathconf(parent, "PC_NAME_MAX"):
                raise InputError(f"{self.path}: the name is too long for a folder")
        except (OSError, ValueError) as error:
            raise InputError(f"{self.path!s:.100}: not a path for a folder ({error})") from None
        if taken:
            what = "folder" if self.path.is_dir() else "file"
            raise InputError(f"{self.path}: this {what} exists; give another one for the run")
        if not parent.is_dir():
            raise InputError(f"{self.path}: {parent} is a file, so no folder can be made in it")
        try:
            with tempfile.TemporaryFile(dir=parent):
                pass
        except OSError as error:
            sentence = f"{self.path}: cannot write in {parent} ({error.strerror})"
            raise InputError(sentence) from None

    def claim(self) -> None:
        """Make the folder; of two runs that want the same one the second raises InputError."""
        try:
            self.path.mkdir(parents=True)
        except FileExistsError:
            raise InputError(f"{self.path}: another run has just taken this folder") from None
        except OSError as error:
            raise InputError(f"{self.path}: cannot be made ({error.strerror})") from None

    def seal(self, tile: int, episodes: Sequence[EpisodeRows]) -> None:
        """Write one part per table; called by the process that drove the episodes."""
        if not episodes:
            return
        ordered = sorted(episodes, key=lambda rows: rows.number)
        parts = self.path / _PARTS
        with self._faults_told():
            parts.mkdir(parents=True, exist_ok=True)
            with duckdb.connect(config={"threads": 1}) as connection:
                for table, columns in _tables(ordered):
                    _write_table(connection, _part(parts, tile, table), columns)
            lines = [json.dumps(event) + "\n" for rows in ordered for event in rows.events]
            write_text(parts / f"{tile:06d}-{EVENTS}", "".join(lines))

    def finish(self, manifest: dict[str, Any]) -> bool:
        """Join the parts and write the manifest; False where nothing was ever sealed."""
        with self._faults_told():
            return self._finish(manifest)

    @contextlib.contextmanager
    def _faults_told(self) -> Iterator[None]:
        """A full disk and its like as one sentence."""
        try:
            yield
        except (OSError, duckdb.Error) as error:
            reason = " ".join(str(getattr(error, "strerror", None) or error).split())
            raise EnvironmentFault(f"{self.path}: cannot write the log: {reason}") from error

    def _finish(self, manifest: dict[str, Any]) -> bool:
        parts = self.path / _PARTS
        tiles = sorted(parts.glob(f"*-{EVENTS}")) if parts.is_dir() else []
        if not tiles:
            shutil.rmtree(self.path, ignore_errors=True)
            return False
        connection = duckdb.connect(config={"threads": 1})
        for table in TABLES:
            found = [tile.with_name(tile.name.replace(EVENTS, f"{table}.parquet"))
                     for tile in tiles]  # fmt: skip
            join = _join_maps if table == "maps" else _join_parts
            join(connection, found, self.path / f"{table}.parquet")
        connection.close()
        write_text(self.path / EVENTS, "".join(tile.read_text("utf-8") for tile in tiles))
        names = [*(f"{table}.parquet" for table in TABLES), EVENTS]
        checksums = {name: sha256_of(self.path / name) for name in names}
        facts = {"schema_version": SCHEMA_VERSION, **manifest, "sha256": checksums}
        write_text(self.path / MANIFEST, json.dumps(facts, indent=2) + "\n")
        shutil.rmtree(parts)
        return True


def explanations_in(folder: Path, measures: Sequence[str]) -> list[Explanation]:
    """What a finished run says of some measures, by episode."""
    names = ", ".join(field.name for field in fields(Explanation))
    tables = [_quoted(Path(_literal(str(folder / f"{table}.parquet"))))
              for table in ("reasons", "episodes")]  # fmt: skip
    columns = ", ".join(f"r.{name}" for name in names.split(", ")[1:])
    with duckdb.connect(config={"threads": 1}) as connection:
        found = connection.execute(
            f"SELECT e.scenario, {columns} FROM {tables[0]} r JOIN {tables[1]} e USING (episode) "
            "WHERE list_contains($1, r.measure) ORDER BY episode",
            [list(measures)],
        ).fetchall()
    return [Explanation(*row) for row in found]


def _part(parts: Path, tile: int, table: str) -> Path:
    return parts / f"{tile:06d}-{table}.parquet"


def _stacked(rows: Sequence[dict[str, Any]]) -> Columns:
    """Rows as columns; strings become object arrays, None is a masked number."""
    columns: Columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        absent = [value is None for value in values]
        if any(absent):
            numbers = [0.0 if value is None else value for value in values]
            columns[name] = np.ma.MaskedArray(numbers, absent)
        else:
            columns[name] = np.array(values, dtype=object if isinstance(values[0], str) else None)
    return columns


def _tables(episodes: Sequence[EpisodeRows]) -> Iterator[tuple[str, Columns]]:
    """Every table of some episodes, one at a time."""
    yield "episodes", _stacked([rows.summary for rows in episodes])
    for table in episodes[0].tables:
        yield table, _joined([rows.tables[table] for rows in episodes])
    maps = {rows.map.digest: drawn(rows.map) for rows in episodes}
    yield "maps", _joined(list(maps.values()))


def _joined(parts: Sequence[Columns]) -> Columns:
    """Tables end to end; empty ones are left out, since they do not know the length of lists."""
    filled = [part for part in parts if len(part["episode" if "episode" in part else "map"])]
    some = filled or parts[:1]
    return {name: np.ma.concatenate([part[name] for part in some])
            if isinstance(some[0][name], np.ma.MaskedArray)
            else np.concatenate([part[name] for part in some])
            for name in some[0]}  # fmt: skip


def _write_table(connection: duckdb.DuckDBPyConnection, path: Path, columns: Columns) -> None:
    """Write columns as one Parquet file."""
    flat: Columns = {}
    for name, array in columns.items():
        if array.ndim == 2:
            flat |= {f"{name} {i}": np.ascontiguousarray(part) for i, part in enumerate(array.T)}
        else:
            flat[name] = array
    chosen = ", ".join(_chosen(name, array) for name, array in columns.items())
    with written_whole(path) as temporary:
        connection.register("columns", flat)
        _copy(connection, f"SELECT {chosen} FROM columns", temporary)
        connection.unregister("columns")


def _chosen(name: str, array: NDArray) -> str:
    """How a column is selected: two axes become a list in every row."""
    if array.dtype == object:  # DuckDB guesses the type of an empty object array wrongly
        return f'"{name}"::VARCHAR AS "{name}"'
    if array.ndim == 1:
        return f'"{name}"'
    parts = ", ".join(f'"{name} {i}"' for i in range(array.shape[1]))
    return f'[{parts}]::FLOAT[] AS "{name}"'


def _join_parts(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path], path: Path) -> None:
    """Write several Parquet files after each other as one, in order."""
    with written_whole(path) as temporary:
        listed = ", ".join(_quoted(Path(_literal(str(part)))) for part in parts)
        _copy(connection, f"SELECT * FROM read_parquet([{listed}])", temporary)


def _join_maps(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path], path: Path) -> None:
    """The same for the table of maps, of which each tile knows its own: each map once."""
    with written_whole(path) as temporary:
        listed = ", ".join(_quoted(Path(_literal(str(part)))) for part in parts)
        found = f"read_parquet([{listed}], filename = true)"
        first = f"SELECT map, min(filename) FROM {found} GROUP BY map"
        query = f"SELECT * EXCLUDE filename FROM {found} WHERE (map, filename) IN ({first})"
        _copy(connection, query, temporary)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    target = _quoted(path)
    connection.execute(f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd)")


def _literal(pattern: str) -> str:
    """A path in which no character stands for others when DuckDB reads it as a pattern."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in pattern)


def _quoted(path: Path) -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"
