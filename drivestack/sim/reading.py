"""Reading a run folder's episodes row by row, however many they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

from drivestack.core.errors import InputError

from .parquet import connected, quoted

MANIFEST = "manifest.json"

_ROWS = 500
"""Fetched at a time; a row has some 3 kB."""


class LoggedEpisodes(Sequence[dict[str, Any]]):
    """The rows of episodes.parquet in queue order, read from the file when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self._table = quoted(folder / "episodes.parquet")
        with connected() as connection:
            query = f"SELECT count(*) FROM read_parquet({self._table})"
            ((self._count,),) = connection.execute(query).fetchall()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._rows("")

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(self._count))]
        place = range(self._count)[index]
        return next(self._rows(f"LIMIT 1 OFFSET {place}"))

    def _rows(self, part: str) -> Iterator[dict[str, Any]]:
        with connected() as connection:
            found = connection.execute(f"SELECT * FROM read_parquet({self._table}) {part}")
            names = [column[0] for column in found.description or ()]
            while rows := found.fetchmany(_ROWS):
                for row in rows:
                    yield dict(zip(names, row, strict=True))


def run_digest(folder: Path) -> str:
    """One name for the results of a run: its episodes' digests in queue order.

    Equal for any batch, number of processes and interruptions; wall times are not in it.
    """
    digest = hashlib.sha256()
    with connected() as connection:
        table = quoted(folder / "episodes.parquet")
        columns = "episode, scenario, outcome, digest"
        found = connection.execute(f"SELECT {columns} FROM read_parquet({table})")
        while rows := found.fetchmany(10 * _ROWS):
            for row in rows:
                digest.update(json.dumps(row).encode() + b"\n")
    return digest.hexdigest()


_MOST_LISTED = 1000
"""Seeds and sources that the manifest lists; the table has all of them."""


def contents(folder: Path) -> dict[str, Any]:
    """What the episodes of a folder are of: how many, from which sources, with which seeds."""
    table = quoted(folder / "episodes.parquet")
    found: dict[str, Any] = {}
    with connected() as connection:
        query = f"SELECT count(*) FROM read_parquet({table})"
        ((found["scenarios"],),) = connection.execute(query).fetchall()
        for column in ("source", "seed"):
            query = (f"SELECT DISTINCT {column} FROM read_parquet({table}) ORDER BY 1 "
                     f"LIMIT {_MOST_LISTED}")  # fmt: skip
            found[f"{column}s"] = [value for (value,) in connection.execute(query).fetchall()]
    return found


def manifest_in(folder: Path) -> dict[str, Any] | None:
    """The manifest of a run folder; None if it has none yet.

    Raises:
        InputError: it cannot be read.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / MANIFEST}: cannot be read ({error})") from None
    if not isinstance(found, dict):
        raise InputError(f"{folder / MANIFEST}: expected a mapping")
    return found
