"""Runs that stop somewhere and go on: what must be the same in the end."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from drivestack.sim.journal import NAME as JOURNAL
from drivestack.sim.log import TABLES
from drivestack.sim.suite import run
from tests.scenes import write_road

EQUAL = (
    *(f"{name}.parquet" for name in TABLES if name not in ("episodes", "timing")),
    "events.jsonl",
)
"""Tables that are equal byte by byte, however often a run has stopped."""

CHOSEN: dict[str, Any] = {"stack": "constant", "controller": "pid", "batch": 2}
"""A cheap driver, and tiles of four."""


def small_suite(folder: Path, seeds: str = "0-15") -> Path:
    """Sixteen short episodes: four tiles."""
    return write_road(folder, limit=0.2, seeds=seeds)


def facts(folder: Path) -> dict[str, Any]:
    """The manifest."""
    return json.loads((folder / "manifest.json").read_text())


def episodes(folder: Path) -> list[tuple[Any, ...]]:
    """All rows of episodes but for their wall time."""
    table = "read_parquet(?)"
    query = f"SELECT * EXCLUDE (wall_seconds) FROM {table}"
    return duckdb.execute(query, [str(folder / "episodes.parquet")]).fetchall()


def assert_same(folder: Path, whole: Path) -> None:
    """A run that has stopped and gone on is the uninterrupted one."""
    assert facts(folder)["digest"] == facts(whole)["digest"]
    assert facts(folder)["interrupted"] is False
    for name in EQUAL:
        assert (folder / name).read_bytes() == (whole / name).read_bytes(), name
    assert episodes(folder) == episodes(whole)
    left = {file.name for file in folder.iterdir()}
    # the command line also writes a report
    assert left - {"report.html"} == {*facts(folder)["sha256"], "manifest.json", JOURNAL}


def drive(path: Path, out: Path, resume: bool = True, **chosen: Any) -> None:
    """The run of these tests."""
    run(path, out=out, resume=resume, **{**CHOSEN, **chosen})


def forked(target: Callable[..., None], *words: Any) -> Any:
    """A child of this process, in which all is loaded and compiled already."""
    child = multiprocessing.get_context("fork").Process(target=target, args=words)
    child.start()
    return child
