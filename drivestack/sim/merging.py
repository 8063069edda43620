"""Shards of one run put together: the run folder that the whole queue would have given."""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from drivestack.core.errors import InputError

from .files import written_whole
from .journal import header_in
from .log import EVENTS, TABLES, RunFolder
from .parquet import Connection, connected, copy_to, join_maps, quoted
from .reading import manifest_in
from .settings import Shard
from .suite import Run, finished_run
from .vouching import check_whole

_SPILL = ".spill"
"""Folder for what DuckDB cannot sort in memory."""


def merge(*runs: str | Path, out: str | Path) -> Run:
    """Put the shards of a run together.

    Args:
        runs: folders of finished runs, all shards of the same files and settings. out: a new one.

    Raises:
        InputError: one sentence: a shard is missing, unfinished, damaged, given twice, or of
        another run.
    """
    folders, target = [Path(run) for run in runs], RunFolder(Path(out))
    target.check_free()
    manifests = [_finished(folder) for folder in folders]
    _check_complete(folders, _same_but_shards(folders))
    target.path.mkdir(parents=True)
    with target.faults_told():
        with connected(target.path / _SPILL) as connection:
            for table in TABLES:
                parts = [folder / f"{table}.parquet" for folder in folders]
                join = join_maps if table == "maps" else _merge_table
                join(connection, parts, target.path / f"{table}.parquet")
        _merge_events([folder / EVENTS for folder in folders], target.path / EVENTS)
        target.write_manifest(_manifest(manifests))
    return finished_run(target.path, 0)


def _finished(folder: Path) -> dict[str, Any]:
    manifest = manifest_in(folder) if folder.is_dir() else None
    if manifest is None:
        raise InputError(f"{folder}: not the folder of a run, or of one that has not finished")
    check_whole(folder, manifest)
    if manifest["interrupted"]:
        raise InputError(f"{folder}: was interrupted; finish it with 'drivestack resume {folder}'")
    return manifest


def _same_but_shards(folders: Sequence[Path]) -> list[Shard]:
    """Which shards runs are; refuses runs that differ in more."""
    headers = [header_in(folder) for folder in folders]
    shards = [Shard.of(header["settings"].pop("shard")) for header in headers]
    for folder, header in zip(folders, headers, strict=True):
        for what in ("paths", "settings", "files", "versions"):
            if header[what] != headers[0][what]:
                raise InputError(f"{folder}: is no shard of the same run as {folders[0]}: "
                                 f"other {what}")  # fmt: skip
    return shards


def _check_complete(folders: Sequence[Path], shards: Sequence[Shard]) -> None:
    """Refuse shards that are not each there once."""
    seen: dict[int, Path] = {}
    for folder, shard in zip(folders, shards, strict=True):
        if shard.count != shards[0].count:
            raise InputError(f"{folder}: is shard {shard}, and {folders[0]} is {shards[0]}")
        if shard.index in seen:
            raise InputError(f"{folder}: is shard {shard}, and so is {seen[shard.index]}")
        seen[shard.index] = folder
    missing = [str(i) for i in range(1, shards[0].count + 1) if i not in seen]
    if missing:
        raise InputError(f"of {shards[0].count} shards these are missing: {', '.join(missing)}")


def _merge_table(connection: Connection, parts: Sequence[Path], path: Path) -> None:
    """Rows of several files by episode, those of an episode as they stood."""
    listed = ", ".join(quoted(part) for part in parts)
    query = (
        "SELECT * EXCLUDE (file_row_number) "
        f"FROM read_parquet([{listed}], file_row_number = true) ORDER BY episode, file_row_number"
    )
    with written_whole(path) as temporary:
        copy_to(temporary, connection, query)


def _merge_events(parts: Sequence[Path], path: Path) -> None:
    with written_whole(path) as temporary, temporary.open("w", encoding="utf-8") as out:
        lines = heapq.merge(*(_events(part) for part in parts), key=lambda pair: pair[0])
        out.writelines(line for _, line in lines)


def _events(path: Path) -> Iterator[tuple[int, str]]:
    """Every line, and the episode that it is about."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)["episode"], line


def _manifest(manifests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """That of the whole: times are sums over the shards."""
    first = manifests[0]
    stages = dict.fromkeys(itertools.chain(*(m["stage_seconds"] for m in manifests)), 0.0)
    for manifest in manifests:
        for stage, seconds in manifest["stage_seconds"].items():
            stages[stage] += seconds
    sums = ("wall_seconds", "compile_seconds", "reference_seconds")
    kept = (
        "versions", "machine", "interrupted", "files", "paths", "config_hash", "reference", "frame",
    )  # fmt: skip
    return {
        **{name: first[name] for name in kept},
        "command": [manifest["command"] for manifest in manifests],
        "settings": {**first["settings"], "shard": str(Shard())},
        **{name: sum(manifest[name] for manifest in manifests) for name in sums},
        "stage_seconds": stages,
    }
