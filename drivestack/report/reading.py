"""Opens a run folder for looking at; says in one sentence why it cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drivestack.core.errors import InputError
from drivestack.sim.log import EVENTS, SCHEMA_VERSION, TABLES
from drivestack.sim.parquet import Connection, connected, quoted
from drivestack.sim.reading import manifest_in
from drivestack.sim.vouching import check_whole

Columns = dict[str, NDArray]


@dataclass(frozen=True, slots=True, eq=False)
class RunLog:
    """A run folder with everything in it that a report is made of.

    Attributes:
        folder: of the run. manifest: its facts.
    """

    folder: Path
    manifest: dict[str, Any]

    def episodes(self) -> list[dict[str, Any]]:
        """The rows of episodes in queue order, without the long columns that no page shows."""
        with connected() as connection:
            query = "SELECT * EXCLUDE (resolved, digest) FROM {episodes} ORDER BY episode"
            found = connection.execute(query.format_map(self.tables()))
            names = [column[0] for column in found.description or ()]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def columns(self, query: str, connection: Connection, *values: Any) -> Columns:
        """What a query finds, column by column; tables are named in braces."""
        found = connection.execute(query.format_map(self.tables()), list(values))
        return {name: np.asarray(column) for name, column in found.fetchnumpy().items()}

    def tables(self) -> dict[str, str]:
        """The tables as DuckDB reads them."""
        return {t: f"read_parquet({quoted(self.folder / f'{t}.parquet')})" for t in TABLES}

    def events(self, numbers: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        """Events of some episodes, in order."""
        found: dict[int, list[dict[str, Any]]] = {number: [] for number in numbers}
        for event in self._lines():
            if event["episode"] in found:
                found[event.pop("episode")].append(event)
        return found

    def acted(self) -> dict[int, int]:
        """How often the safety layer stepped in, by episode; spells, not ticks."""
        with connected() as connection:
            query = """SELECT episode, count(*) FROM (
                SELECT episode, filtering, lag(filtering, 1, 'passed') OVER
                (PARTITION BY episode ORDER BY tick) AS before FROM {ticks} WHERE decided)
                WHERE filtering NOT IN ('passed', before) GROUP BY episode"""
            rows = connection.execute(query.format_map(self.tables())).fetchall()
        return dict(rows)

    def _lines(self) -> Iterator[dict[str, Any]]:
        with (self.folder / EVENTS).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


def opened(folder: Path) -> RunLog:
    """A run folder that is complete and undamaged.

    Raises:
        InputError: it is none, has no tables yet, is damaged, or written by another version of
        drivestack.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such run folder")
    manifest = manifest_in(folder)
    if manifest is None:
        raise InputError(f"{folder}: no manifest.json, so this is no run that has ended")
    version = manifest.get("schema_version")
    if version not in (None, SCHEMA_VERSION):
        raise InputError(
            f"{folder}: its log has schema {version!r}, and reports are made of schema "
            f"{SCHEMA_VERSION}, which also has what was considered; run the suite again"
        )
    check_whole(folder, manifest)
    return RunLog(folder, manifest)
