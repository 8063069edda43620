"""The run folder: tables, checksums, whole or absent, kept when interrupted."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest

import drivestack
from drivestack.core.errors import InputError
from drivestack.metrics.judge import COMPOSED, MEASURES
from drivestack.roads.outline import outline
from drivestack.sim.claiming import claimed
from drivestack.sim.files import write_text, written_whole
from drivestack.sim.log import TABLES as TABLES_OF_A_RUN
from drivestack.sim.log import RunFolder
from drivestack.sim.progress import Advance
from drivestack.sim.rows import EpisodeRows
from drivestack.sim.settings import Settings
from drivestack.sim.suite import run, run_starts
from tests.scenes import starts_of, two_lanes, write_road

PARQUET = TABLES_OF_A_RUN
TABLES = {*(f"{table}.parquet" for table in PARQUET), "events.jsonl", "manifest.json"}
FINISHED = {*TABLES, "journal.jsonl"}


def rows(folder: Path, query: str) -> list[tuple]:
    with duckdb.connect() as connection:
        files = {t: str(folder / f"{t}.parquet") for t in PARQUET}
        for table, file in files.items():
            pattern = "".join(f"[{c}]" if c in "*?[" else c for c in file)
            connection.from_parquet([pattern]).create_view(table)
        return connection.execute(query).fetchall()


def test_a_run_is_logged_whole(tmp_path: Path) -> None:
    out = tmp_path / "runs" / "it's [1]"
    result = run(write_road(tmp_path, seeds="0-2", limit=1.0), batch=2, out=out)
    assert {file.name for file in out.iterdir()} == FINISHED
    assert rows(out, "SELECT count(*), min(ticks), max(ticks) FROM episodes") == [(3, 20, 20)]
    assert rows(out, "SELECT DISTINCT physics, ego_kind, backend, stack FROM episodes") == [
        ("clamped", "stack", "engine", "idm")
    ]
    logged = rows(out, "SELECT digest FROM episodes ORDER BY episode")
    assert [digest for (digest,) in logged] == [row["digest"] for row in result.episodes]
    # the ego at ticks 0 to 20, a decision at 0 to 19, two agents at the 11 planning ticks
    assert rows(out, "SELECT count(*), count(*) FILTER (decided) FROM ticks") == [(63, 60)]
    assert rows(out, "SELECT count(*), count(DISTINCT id) FROM agents") == [(66, 2)]
    assert rows(out, "SELECT count(*) FROM ticks JOIN episodes USING (episode)") == [(63,)]
    # one reason for each measure, with the value that stands in its column
    found = rows(out, "SELECT measure, value FROM reasons WHERE episode = 1")
    names = [name for name, _ in found]
    assert names == [*MEASURES, *COMPOSED]
    columns = ", ".join(f"{name}::DOUBLE" for name in names)
    (values,) = rows(out, f"SELECT {columns} FROM episodes WHERE episode = 1")
    assert list(values) == [value for _, value in found]


def test_manifest_says_how_it_was_made(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(write_road(tmp_path, limit=0.5), out=out, batch=4)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["schema_version"] == 6
    assert manifest["versions"]["drivestack"] == drivestack.__version__
    assert manifest["settings"]["batch"] == 4
    assert manifest["reference"] == "pdm15/mpc"
    assert manifest["seeds"] == [0]
    assert manifest["interrupted"] is False
    assert manifest["machine"]["processor"]
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    lines = (out / "events.jsonl").read_text().splitlines()
    assert json.loads(lines[-1]) == {
        "episode": 0,
        "tick": 10,
        "event": "end",
        "outcome": "timeout",
    }


def test_what_was_considered_is_logged(tmp_path: Path) -> None:
    """16 candidates at each of 10 plans, one of them chosen; each map once for all its episodes."""
    out = tmp_path / "run"
    run(write_road(tmp_path, seeds="0-2", limit=1.0), batch=2, stack="pdm15", out=out)
    found = rows(out, "SELECT count(*), count(*) FILTER (chosen), min(len(x)) FROM candidates")
    assert found == [(3 * 10 * 16, 3 * 10, 20)]
    query = "SELECT count(*), count(DISTINCT tick), min(len(predicted_x)) FROM plans"
    assert rows(out, query) == [(30, 10, 11)]
    # the chosen candidate is the plan in force, within half a grain
    query = """SELECT max(abs(c.x[5] - p.x[5])) FROM candidates c JOIN plans p
               USING (episode, tick) WHERE c.chosen"""
    assert rows(out, query) == [(0.0,)]
    query = """SELECT string_split(any_value(score_terms), ', ')[1], any_value(len(terms)),
               len(string_split(any_value(score_terms), ', ')) FROM candidates
               JOIN episodes USING (episode)"""
    ((first, terms, names),) = rows(out, query)
    assert (first, terms) == ("no_collision", names)
    assert rows(out, "SELECT count(DISTINCT episode), min(tick) FROM routes") == [(3, 0)]
    assert rows(out, "SELECT count(*), min(slots) FROM timing WHERE seconds > 0") == [(60, 1)]
    query = "SELECT count(DISTINCT map), count(DISTINCT lane) FROM maps JOIN episodes USING (map)"
    assert rows(out, query) == [(1, 2)]
    assert rows(out, "SELECT count(*) FROM maps") == [(4,)]


def test_interventions_say_what_decided_them(tmp_path: Path) -> None:
    """Much too fast towards the lead, whose id is 1: the filter brakes, and the log says why."""
    out = tmp_path / "run"
    run(write_road(tmp_path, speed=25.0, gap=40.0, limit=1.0), out=out, checks=["what_if"])
    events = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    braking = next(event for event in events if event["event"] == "emergency_brake")
    assert braking["check"] == "what_if"
    assert braking["object"] == 1
    assert braking["value"] > braking["limit"]
    assert braking["filtered"][0] < braking["commanded"][0]
    quiet = "filtering = 'passed'"
    assert rows(out, f"SELECT count(*) FROM ticks WHERE {quiet} AND check_value IS NOT NULL") == [
        (0,)
    ]
    assert rows(out, f'SELECT DISTINCT "check" FROM ticks WHERE {quiet}') == [("",)]
    (found,) = rows(
        out,
        f'SELECT "check", check_value, check_limit, check_object FROM ticks'
        f" WHERE tick = {braking['tick']}",
    )
    assert found == ("what_if", braking["value"], braking["limit"], 1)


def test_interrupt_keeps_what_has_finished(tmp_path: Path) -> None:
    starts = starts_of(write_road(tmp_path, seeds="0-4", limit=0.5))

    def stop(advance: Advance) -> None:
        if advance.references:
            return
        assert (advance.total, advance.ticks) == (5, 10 if advance.done else 0)
        if advance.done == 3:
            raise KeyboardInterrupt

    folder = RunFolder(tmp_path / "run")
    with pytest.raises(KeyboardInterrupt):
        run_starts(starts, Settings(batch=1), folder, stop)
    assert {file.name for file in folder.path.iterdir()} == {*FINISHED, "parts"}
    assert rows(folder.path, "SELECT episode FROM episodes ORDER BY 1") == [(0,), (1,), (2,)]
    assert json.loads((folder.path / "manifest.json").read_text())["interrupted"] is True


def test_nothing_appears_before_there_is_something_to_write(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "none")
    assert not folder.finish({}, {"interrupted": True})
    with pytest.raises(InputError, match="no such file"):
        run(tmp_path / "missing.yaml", out=folder.path)
    assert not folder.path.exists()


def test_what_an_earlier_session_left_stays(tmp_path: Path) -> None:
    """Whose parts have all been lost, and the next session was interrupted at once."""
    folder = RunFolder(tmp_path / "run")
    with claimed(folder, {"paths": []}, resume=False):
        pass
    folder.parts().mkdir()
    (folder.path / "episodes.parquet").write_text("of the first session")
    assert not folder.finish({}, {"interrupted": True})
    assert (folder.path / "episodes.parquet").read_text() == "of the first session"
    (folder.path / "episodes.parquet").unlink()
    assert not folder.finish({}, {"interrupted": True})
    assert not folder.path.exists()


@pytest.mark.parametrize("name", ["there", "file", "file/below"])
def test_places_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=name.split("/")[0]):
        RunFolder(tmp_path / name).check_free()


def test_files_are_whole_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "x.json"
    write_text(target, "old")

    def fail() -> None:
        with written_whole(target) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert target.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["x.json"]


def test_a_folder_belongs_to_one_run(tmp_path: Path) -> None:
    """Of two runs that found it free the second is refused, and spoils nothing."""
    first, second = RunFolder(tmp_path / "run"), RunFolder(tmp_path / "run")
    first.check_free()
    second.check_free()
    with claimed(first, {}, resume=False):
        with (
            pytest.raises(InputError, match="has just taken this folder"),
            claimed(second, {}, resume=False),
        ):
            pass


def test_a_dangling_link_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "run").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists"):
        RunFolder(tmp_path / "run").check_free()


def test_a_full_disk_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Files may not grow beyond a kilobyte, which is how a disk fills up."""
    path = write_road(tmp_path, seeds="0-2", limit=1.0)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024));"
        "from drivestack.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    words = [sys.executable, "-c", code, "run", str(path), "--out", str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("\n") == 1
    assert "cannot write the log" in done.stderr
    assert not (tmp_path / "out").exists()


def test_what_an_episode_does_not_have_is_null(tmp_path: Path) -> None:
    """Also where a whole part of the run lacks it."""
    columns = {"episode": np.zeros(1, np.int32)}
    tables = {name: columns for name in PARQUET if name not in ("episodes", "maps")}
    drawn = outline(two_lanes())
    known = {"scenario": "a", "seed": 0, "outcome": "timeout", "digest": "", "source": ""}
    made = [
        EpisodeRows(number, {"episode": number, **known, "min_ttc_s": time}, tables, drawn, [])
        for number, time in enumerate([2.5, None, None])
    ]
    folder = RunFolder(tmp_path / "run")
    for tile, rows_of_tile in enumerate((made[:2], made[2:])):
        folder.seal(tile, rows_of_tile)
    assert folder.finish({}, {"interrupted": True})
    found = rows(folder.path, "SELECT episode, min_ttc_s FROM episodes ORDER BY episode")
    assert found == [(0, 2.5), (1, None), (2, None)]
