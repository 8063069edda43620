"""The run folder: Parquet through DuckDB, a manifest, events; in parts while running.

A tile of finished episodes is sealed as one part per table and noted in the journal. `finish` joins
the parts into one file per table and writes the manifest last. Parts are removed when the run is
complete; until then it can be resumed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import duckdb

from drivestack.core.errors import EnvironmentFault, InputError

from .considered import Columns, drawn
from .files import append_files, sha256_of, sync_folder, write_text
from .journal import NAME as JOURNAL
from .journal import Part, Sealed
from .parquet import connected, join_maps, join_tables, joined, quoted, stacked, write_table
from .reading import MANIFEST, contents, manifest_in, run_digest
from .rows import EpisodeRows

SCHEMA_VERSION = 6
TABLES = (
    "episodes", "ticks", "agents", "reasons", "candidates", "plans", "routes", "timing", "lights",
    "interventions", "monitors", "maps",
)  # fmt: skip
EVENTS = "events.jsonl"
FILES = (*(f"{table}.parquet" for table in TABLES), EVENTS)
"""All that the manifest vouches for."""

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
        path: of the folder. session: in the names of the parts that are sealed through this object
        and its copies in other processes: what is left of a killed session is never mistaken.
    """

    path: Path
    session: str = field(default_factory=lambda: secrets.token_hex(4))

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

    def is_finished(self) -> bool:
        """Whether a run is complete here."""
        manifest = manifest_in(self.path)
        return manifest is not None and not manifest.get("interrupted", True)

    def seal(self, tile: int, episodes: Sequence[EpisodeRows]) -> tuple[Part, ...]:
        """Write one part per table; called by the process that drove the episodes, in order."""
        if not episodes:
            return ()
        parts = self.parts()
        stem = f"{tile:06d}-{self.session}"
        with self.faults_told():
            parts.mkdir(parents=True, exist_ok=True)
            names = {table: f"{stem}-{table}.parquet" for table in TABLES}
            with connected() as connection:
                for table, columns in _tables(episodes):
                    write_table(connection, parts / names[table], columns)
            lines = [json.dumps(event) + "\n" for rows in episodes for event in rows.events]
            names[EVENTS] = f"{stem}-{EVENTS}"
            write_text(parts / names[EVENTS], "".join(lines))
            return tuple(
                Part(table, name, sha256_of(parts / name)) for table, name in names.items()
            )

    def finish(self, sealed: Mapping[int, Sealed], manifest: dict[str, Any]) -> bool:
        """Join parts and write the manifest; False where nothing was ever sealed.

        Args:
            sealed: whole tiles, by number. manifest: where `interrupted` in it is true, tiles that
            were cut short are in the tables too, for reading, and all parts stay for whoever
            resumes the run: he drives again what was cut short.
        """
        with self.faults_told():
            sets = [(tile, sealed[tile].parts) for tile in sealed]
            if manifest["interrupted"]:
                sets += self._cut_short(sealed)
            if not sets:
                self._leave_nothing()
                return False
            self._join([parts for _, parts in sorted(sets, key=lambda pair: pair[0])])
            self.write_manifest(manifest)
            if not manifest["interrupted"]:
                shutil.rmtree(self.parts())
            return True

    def _leave_nothing(self) -> None:
        """Remove the folder, unless there is more in it: tables of an earlier session."""
        if {file.name for file in self.path.glob("*")} <= {JOURNAL, _PARTS}:
            shutil.rmtree(self.path, ignore_errors=True)

    def _cut_short(self, sealed: Mapping[int, Sealed]) -> list[tuple[int, tuple[Part, ...]]]:
        """Parts of this session that are not those of whole tiles."""
        found = []
        for file in self.parts().glob(f"*-{self.session}-{EVENTS}"):
            tile = int(file.name.split("-")[0])
            if tile not in sealed:
                stem = file.name.removesuffix(EVENTS)
                names = {table: f"{stem}{table}.parquet" for table in TABLES}
                parts = [Part(table, name, "") for table, name in names.items()]
                found.append((tile, (*parts, Part(EVENTS, file.name, ""))))
        return found

    def _join(self, sets: Sequence[Sequence[Part]]) -> None:
        (self.path / MANIFEST).unlink(missing_ok=True)  # what it says is no longer so
        sync_folder(self.path)
        files = [{part.table: self.parts() / part.name for part in parts} for parts in sets]
        with connected() as connection:
            for table in TABLES:
                join = join_maps if table == "maps" else join_tables
                join(connection, [found[table] for found in files], self.path / f"{table}.parquet")
        append_files((found[EVENTS] for found in files), self.path / EVENTS)

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write what the tables were made with, and what they hold: the folder is whole."""
        facts = {
            "schema_version": SCHEMA_VERSION,
            "digest": run_digest(self.path),
            **contents(self.path),
            **manifest,
            "sha256": {name: sha256_of(self.path / name) for name in FILES},
        }
        write_text(self.path / MANIFEST, json.dumps(facts, indent=2) + "\n")

    def parts(self) -> Path:
        """Where the parts are."""
        return self.path / _PARTS

    @contextlib.contextmanager
    def faults_told(self) -> Iterator[None]:
        """A full disk and its like as one sentence."""
        try:
            yield
        except (OSError, duckdb.Error) as error:
            reason = " ".join(str(getattr(error, "strerror", None) or error).split())
            raise EnvironmentFault(f"{self.path}: cannot write the log: {reason}") from error


def explanations_in(folder: Path, measures: Sequence[str]) -> list[Explanation]:
    """What a finished run says of some measures, by episode."""
    names = ", ".join(field.name for field in fields(Explanation))
    tables = [quoted(folder / f"{table}.parquet") for table in ("reasons", "episodes")]
    columns = ", ".join(f"r.{name}" for name in names.split(", ")[1:])
    with connected() as connection:
        found = connection.execute(
            f"SELECT e.scenario, {columns} FROM {tables[0]} r JOIN {tables[1]} e USING (episode) "
            "WHERE list_contains($1, r.measure) ORDER BY episode",
            [list(measures)],
        ).fetchall()
    return [Explanation(*row) for row in found]


def _tables(episodes: Sequence[EpisodeRows]) -> Iterator[tuple[str, Columns]]:
    """Every table of some episodes, one at a time."""
    yield "episodes", stacked([rows.summary for rows in episodes])
    for table in episodes[0].tables:
        yield table, joined([rows.tables[table] for rows in episodes])
    maps = {rows.map.digest: drawn(rows.map) for rows in episodes}
    yield "maps", joined(list(maps.values()))
