"""Tables of a run folder as rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drivestack.sim.parquet import connected, quoted

Rows = Sequence[dict[str, Any]]

_LEFT_OUT = {"episodes": ("resolved",)}
"""Long columns, by table."""


def rows_in(folder: Path, table: str) -> Rows:
    """A whole table, in its order; what is masked is None."""
    gone = ", ".join(_LEFT_OUT.get(table, ()))
    columns = f"* EXCLUDE ({gone})" if gone else "*"
    with connected() as connection:
        name = quoted(folder / f"{table}.parquet")
        found = connection.execute(f"SELECT {columns} FROM read_parquet({name})")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
