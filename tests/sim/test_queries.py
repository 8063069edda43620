"""Every query of docs/queries.md on real runs: it gives the columns that the page says."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

import drivestack
from tests.scenes import write_road

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "queries.md").read_text()
SECTION = re.compile(r"^## (.+?)\n\n(`.+?`)\n.*?```sql\n(.+?)```", re.DOTALL | re.MULTILINE)
QUERIES = {title: (columns, query) for title, columns, query in SECTION.findall(PAGE)}

EMPTY = ("What was not exercised", "Close calls between candidates")
"""Find nothing in these runs: their stack scores nothing, their road has no script."""

GOAL = "goal: {lane: [a, b, 1], s: 500}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two runs: an ego much too close to its lead, and one far behind it."""
    folder = tmp_path_factory.mktemp("runs")
    crash = write_road(folder, speed=29.0, gap=34.0, limit=2.0, name="crash.yaml")
    crash.write_text(
        crash.read_text().replace("id: road", "id: crash")
        + "expect: {contact: false, mean_speed: {min: 99}}\n"
    )
    road = write_road(folder, speed=25.0, gap=60.0, limit=2.0, seeds="0-1", goal=GOAL)
    for name, controller in (("base", "mpc"), ("other", "pid")):
        drivestack.run(crash, road, out=folder / name, controller=controller)
    (folder / "run").symlink_to(folder / "base")
    return folder


def test_the_page_has_queries_and_every_block_is_one_of_them() -> None:
    assert len(QUERIES) == PAGE.count("```sql") == PAGE.count("\n## ")
    assert set(EMPTY) <= set(QUERIES)


@pytest.mark.parametrize("title", QUERIES)
def test_query(runs: Path, monkeypatch: pytest.MonkeyPatch, title: str) -> None:
    monkeypatch.chdir(runs)
    columns, query = QUERIES[title]
    with duckdb.connect() as connection:
        found = connection.execute(query)
        names = [name for name, *_ in found.description or ()]
        rows = found.fetchall()
    assert names == re.findall(r"`(\w+)`", columns)
    assert bool(rows) == (title not in EMPTY)


def test_the_call_from_python_works(
    runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(runs)
    (code,) = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    exec(compile(code, "docs/queries.md", "exec"), {})  # noqa: S102 our own page
    assert "outcome" in capsys.readouterr().out


def test_answers(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the ego hit is the lead, and the table of families counts that."""
    monkeypatch.chdir(runs)
    contacts = duckdb.execute(QUERIES["Contacts: with what, where on the ego, how fast"][1])
    (hit,) = contacts.fetchall()
    assert hit[0] == "crash@1#0"
    assert (hit[2], hit[3]) == ("front", "car")
    families = duckdb.execute(QUERIES["A table of families"][1]).fetchall()
    assert {(row[0], row[1], row[2]) for row in families} == {("crash", 1, 1), ("road", 2, 0)}
