"""Columns to Parquet and Parquet to Parquet, through DuckDB; nothing large is held in memory."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from .considered import Columns
from .files import written_whole

Connection = duckdb.DuckDBPyConnection

_ROW_GROUP = 20_480
"""Rows that DuckDB holds before it writes them; a row of episodes has some 3 kB."""

_CONFIG: dict[str, Any] = {
    "threads": 1, "memory_limit": "512MB", "enable_external_file_cache": False
}  # fmt: skip
"""One thread, so that equal parts give equal bytes; files change, so nothing of them is kept."""


def connected(spill: Path | None = None) -> Connection:
    """A connection to a database in memory that has nothing in it.

    Args:
        spill: folder for what does not fit into memory; DuckDB makes and removes it. That is a
        database of its own, and making one takes some 25 ms.
    """
    if spill is None:
        return _database(os.getpid()).cursor()
    return duckdb.connect(config={**_CONFIG, "temp_directory": str(spill)})


@functools.cache
def _database(process: int) -> Connection:
    """The one of this process: a forked one must not go on with that of its parent."""
    return duckdb.connect(config=_CONFIG)


def stacked(rows: Sequence[dict[str, Any]]) -> Columns:
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


def joined(parts: Sequence[Columns]) -> Columns:
    """Columns of several tables after each other.

    Empty tables are left out unless all are: they do not know the length of their lists.
    """
    some = [part for part in parts if len(next(iter(part.values())))] or parts[:1]
    return {name: np.ma.concatenate([part[name] for part in some])
            if isinstance(some[0][name], np.ma.MaskedArray)
            else np.concatenate([part[name] for part in some])
            for name in some[0]}  # fmt: skip


def write_table(connection: Connection, path: Path, columns: Columns) -> None:
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
        copy_to(temporary, connection, f"SELECT {chosen} FROM columns")


def _chosen(name: str, array: NDArray) -> str:
    """How a column is selected: one of two axes becomes a list in every row."""
    if array.dtype == object:  # DuckDB guesses the type of an empty object array wrongly
        return f'"{name}"::VARCHAR AS "{name}"'
    if array.ndim == 1:
        return f'"{name}"'
    parts = ", ".join(f'"{name} {i}"' for i in range(array.shape[1]))
    return f'[{parts}]::FLOAT[] AS "{name}"'


def join_tables(connection: Connection, parts: Sequence[Path], path: Path) -> None:
    """Write several Parquet files after each other as one, in order."""
    with written_whole(path) as temporary:
        listed = ", ".join(quoted(part) for part in parts)
        copy_to(temporary, connection, f"SELECT * FROM read_parquet([{listed}])")


def join_maps(connection: Connection, parts: Sequence[Path], path: Path) -> None:
    """The same for tables of maps, of which each part knows its own: each map once, by name."""
    with written_whole(path) as temporary:
        listed = ", ".join(quoted(part) for part in parts)
        found = f"read_parquet([{listed}], filename = true, file_row_number = true)"
        first = f"SELECT map, min(filename) FROM {found} GROUP BY map"
        query = (
            f"SELECT * EXCLUDE (filename, file_row_number) FROM {found} "
            f"WHERE (map, filename) IN ({first}) ORDER BY map, file_row_number"
        )
        copy_to(temporary, connection, query)


def copy_to(path: Path, connection: Connection, query: str) -> None:
    """Write what a query finds as one Parquet file."""
    target = "'" + str(path).replace("'", "''") + "'"
    connection.execute(
        f"COPY ({query}) TO {target} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )


def quoted(path: Path) -> str:
    """A path as an SQL string that is no pattern when DuckDB reads it."""
    name = "".join(f"[{char}]" if char in "*?[" else char for char in str(path))
    return "'" + name.replace("'", "''") + "'"
