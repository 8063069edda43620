"""Runs to report on: real ones, and what becomes of them when their tables are changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from drivestack.sim.files import sha256_of
from drivestack.sim.suite import run
from tests.report.browser import Browser
from tests.scenes import write_road


@pytest.fixture(scope="session")
def road_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drives towards a slower car, in which the safety layer has to step in."""
    folder = tmp_path_factory.mktemp("report")
    path = write_road(folder, speed=20.0, gap=40.0, seeds="0-2", limit=3.0)
    run(path, stack="pdm15", out=folder / "run")
    return folder / "run"


@pytest.fixture(scope="session")
def other_run(road_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same drives by another stack, the second of which is made to end by contact."""
    folder = tmp_path_factory.mktemp("other")
    run(road_run.parent / "road.yaml", stack="idm", out=folder / "driven")
    query = (
        "SELECT * REPLACE (contact OR episode = 1 AS contact, at_fault OR episode = 1 AS at_fault, "
        "CASE WHEN episode = 1 THEN 'contact' ELSE outcome END AS outcome, "
        "CASE WHEN episode = 1 THEN 0.0 ELSE pdms_1 END AS pdms_1) FROM t"
    )
    return Changed(folder / "driven", folder / "run").table("episodes", query).sealed()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.fixture
def quiet(browser: Browser) -> Iterator[None]:
    """A test ends without an error in the console and without a request but for the file."""
    browser.errors.clear()
    browser.requests.clear()
    yield
    assert browser.errors == []
    outside = [url for url in browser.requests if not url.startswith(("file:", "about:", "data:"))]
    assert outside == []
    assert len([url for url in browser.requests if url.startswith("file:")]) <= 4


@pytest.fixture
def changed(road_run: Path, tmp_path: Path) -> Changed:
    return Changed(road_run, tmp_path / "changed")


class Changed:
    """A copy of a run whose tables can be replaced by what queries make of them."""

    def __init__(self, run: Path, folder: Path) -> None:
        shutil.copytree(run, folder)
        self.folder = folder

    def table(self, name: str, query: str) -> Changed:
        """Replace a table by a query on ``t``, which is that table; the manifest knows of it."""
        path, new = self.folder / f"{name}.parquet", self.folder / "new.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE t AS SELECT * FROM '{path}'")
            connection.execute(f"COPY ({query}) TO '{new}' (FORMAT parquet)")
        new.replace(path)
        self.sealed()
        return self

    def sealed(self) -> Path:
        """The folder, whose manifest vouches for the tables as they are now."""
        path = self.folder / "manifest.json"
        facts = json.loads(path.read_text())
        facts["sha256"] = {name: sha256_of(self.folder / name) for name in facts["sha256"]}
        path.write_text(json.dumps(facts))
        return self.folder

    def without_agents(self) -> Changed:
        return self.table("agents", "SELECT * FROM t WHERE false")

    def without_ticks(self, number: int) -> Changed:
        """An episode that raised before its first tick."""
        for name in ("ticks", "agents", "candidates", "plans", "routes", "timing"):
            self.table(name, f"SELECT * FROM t WHERE episode <> {number}")
        query = (
            "SELECT * REPLACE (CASE WHEN episode = {0} THEN 'failed' ELSE outcome END AS outcome, "
            "CASE WHEN episode = {0} THEN 'ValueError: no world' ELSE failure END AS failure, "
            "CASE WHEN episode = {0} THEN 0 ELSE ticks END AS ticks) FROM t"
        )
        return self.table("episodes", query.format(number))

    def lit(self) -> Changed:
        """A light at x = 45 m in episode 0: green, and red from tick 20 on."""
        rows = ", ".join(
            f"(0, 'main', 0, 1, {tick}, '{colour}', 45.0, 2.0, 45.0, -2.0)"
            for tick, colour in ((0, "green"), (20, "red"))
        )
        return self.table("lights", f"SELECT * FROM t UNION ALL SELECT * FROM (VALUES {rows})")

    def crashed_at_once(self, number: int) -> Changed:
        """An episode with a contact in its only tick."""
        for name in ("ticks", "agents"):
            self.table(name, f"SELECT * FROM t WHERE episode <> {number} OR tick = 0")
        for name in ("candidates", "plans", "routes", "timing"):
            self.table(name, f"SELECT * FROM t WHERE episode <> {number}")
        query = f"SELECT * REPLACE (contact OR episode = {number} AS contact) FROM t"
        self.table("ticks", query)
        query = (
            f"SELECT * REPLACE (CASE WHEN episode = {number} THEN 'contact' ELSE outcome END "
            f"AS outcome, CASE WHEN episode = {number} THEN 0 ELSE ticks END AS ticks) FROM t"
        )
        return self.table("episodes", query)

    def moved_by(self, metres: float) -> Changed:
        """The same, far from the origin."""
        plain = f"SELECT * REPLACE (x + {metres} AS x) FROM t"
        shifted = f"list_transform(x, lambda p: p + {metres})::FLOAT[] AS x"
        for name in ("ticks", "agents", "routes"):
            self.table(name, plain)
        self.table("candidates", f"SELECT * REPLACE ({shifted}) FROM t")
        ahead = f"list_transform(predicted_x, lambda p: p + {metres})::FLOAT[] AS predicted_x"
        self.table("plans", f"SELECT * REPLACE ({shifted}, {ahead}) FROM t")
        edges = ", ".join(f"{name} + {metres} AS {name}" for name in ("x", "left_x", "right_x"))
        return self.table("maps", f"SELECT * REPLACE ({edges}) FROM t")
