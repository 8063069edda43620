"""Columns to Parquet and Parquet to Parquet, through DuckDB; nothing large is held in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from .files import written_whole
from .rows import Columns

Connection = duckdb.DuckDBPyConnection

_ROW_GROUP = 20_480
"""Rows that DuckDB holds before it writes them; a row of episodes has some 3 kB."""

_CONFIG: dict[str, Any] = {"threads": 1, "memory_limit": "512MB"}
"""One thread, so that equal parts give equal bytes."""


def connected(spill: Path | None = None) -> Connection:
    """A database in memory that has nothing in it; making one takes some 20 ms.

    Args:
        spill: folder for what does not fit into memory; DuckDB makes and removes it.
    """
    more = {} if spill is None else {"temp_directory": str(spill)}
    return duckdb.connect(config={**_CONFIG, **more})


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
    """Columns of several tables after each other."""
    return {name: np.ma.concatenate([part[name] for part in parts])
            if isinstance(parts[0][name], np.ma.MaskedArray)
            else np.concatenate([part[name] for part in parts])
            for name in parts[0]}  # fmt: skip


def write_table(connection: Connection, path: Path, columns: Columns) -> None:
    """Write columns as one Parquet file."""
    # DuckDB guesses the type of an empty object array wrongly; strings are cast explicitly.
    chosen = ", ".join(
        f'"{name}"::VARCHAR AS "{name}"' if array.dtype == object else f'"{name}"'
        for name, array in columns.items()
    )
    with written_whole(path) as temporary:
        connection.register("columns", columns)
        copy_to(temporary, connection, f"SELECT {chosen} FROM columns")


def join_tables(connection: Connection, parts: Sequence[Path], path: Path) -> None:
    """Write several Parquet files after each other as one, in order."""
    with written_whole(path) as temporary:
        listed = ", ".join(quoted(part) for part in parts)
        copy_to(temporary, connection, f"SELECT * FROM read_parquet([{listed}])")


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
