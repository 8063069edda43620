"""Single scenarios of a suite, by id: with their numbers and to the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from drivestack.core.errors import InputError
from drivestack.sim.suite import resumed, run
from tests.scenario.writing import document, write
from tests.scenes import write_road
from tests.sim.resuming import CHOSEN, episodes, facts

VARIED = "vary: {ego.speed: [10, 12, 14], actors.beside.s: [30, 40]}\n"
CHOICE = "road/ego.speed=12,actors.beside.s=30@1#1"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = write_road(tmp_path, limit=0.2, seeds="0-1")
    path.write_text(path.read_text() + VARIED)
    return path


def test_an_episode_alone_is_that_of_the_suite(suite: Path, tmp_path: Path) -> None:
    run(suite, out=tmp_path / "whole", **CHOSEN)
    other = "road/ego.speed=14,actors.beside.s=40@1#0"
    run(suite, out=tmp_path / "some", only=[other, CHOICE], **CHOSEN)
    rows = {row[:2]: row for row in episodes(tmp_path / "whole")}
    found = episodes(tmp_path / "some")
    assert [row[:2] for row in found] == [(5, CHOICE), (10, other)]
    assert found == [rows[row[:2]] for row in found]
    for table in ("ticks", "agents", "reasons"):
        query = "SELECT * FROM read_parquet(?) WHERE episode IN (5, 10)"
        one, all_ = (
            duckdb.execute(query, [str(tmp_path / name / f"{table}.parquet")]).fetchall()
            for name in ("some", "whole")
        )
        assert one == all_ != []


def test_what_is_configured_has_one_name(suite: Path, tmp_path: Path) -> None:
    """Which share of it is run, and by how many at once, is no part of that."""

    def named(name: str, *paths: Path, **more: Any) -> str:
        run(*(paths or (suite,)), out=tmp_path / name, **(CHOSEN | more))
        return facts(tmp_path / name)["config_hash"]

    whole = named("whole")
    assert named("part", shard="1/5", batch=1) == named("one", only=[CHOICE]) == whole
    moved = tmp_path / "moved" / "other.yaml"
    moved.parent.mkdir()
    moved.write_text(suite.read_text())
    assert named("moved_run", moved, only=[CHOICE]) == whole
    assert named("stack", only=[CHOICE], controller="mpc") != whole
    moved.write_text(suite.read_text() + "# another\n")
    assert named("changed", moved, only=[CHOICE]) != whole
    assert facts(tmp_path / "whole")["paths"] == [str(suite)]
    assert facts(tmp_path / "one")["settings"]["only"] == [CHOICE]
    assert len(resumed(tmp_path / "one").episodes) == 1


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("road/ego.speed=12,actors.beside.s=3@1#1", CHOICE),
        ("raod/ego.speed=12,actors.beside.s=30@1#1", CHOICE),
        ("road/ego.speed=12,actors.beside.s=30@2#1", CHOICE),
    ],
)
def test_an_id_that_there_is_not(suite: Path, tmp_path: Path, wrong: str, near: str) -> None:
    with pytest.raises(InputError) as caught:
        run(suite, out=tmp_path / "run", only=[CHOICE, wrong], **CHOSEN)
    assert str(caught.value) == f"--only: no scenario '{wrong}'; did you mean '{near}'?"
    assert not (tmp_path / "run").exists()


def test_one_of_the_problems_of_a_recording(tmp_path: Path) -> None:
    path = write(tmp_path, "r.xml", document("2020a"))
    whole = run(path, **CHOSEN).episodes
    last = whole[-1]
    (row,) = run(path, only=[last["scenario"]], **CHOSEN).episodes
    assert (row["episode"], row["scenario"]) == (last["episode"], last["scenario"])
    assert row["digest"] == last["digest"]
