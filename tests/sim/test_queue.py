"""The queue: numbers by arithmetic, scenarios made when their turn comes, failures recorded."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import duckdb
import pytest

from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.scenario import load
from drivestack.scenario.limits import MOST_SCENARIOS, check_files
from drivestack.sim import queue
from drivestack.sim.queue import opened, tiles
from drivestack.sim.settings import Settings, Shard, settings_of
from drivestack.sim.suite import run
from drivestack.sim.summary import SCORES, table
from tests.scenario.writing import document, write
from tests.scenes import write_road
from tests.sim.resuming import CHOSEN

SHARDS = 3


def grid(folder: Path, more: str, name: str = "road.yaml", seeds: str = "0-1") -> Path:
    path = write_road(folder, limit=0.2, seeds=seeds, name=name)
    path.write_text(path.read_text() + more)
    return path


VARIED = (
    "vary: {ego.speed: [10, 12, 14], actors.beside.s: [30, 40]}\n"
    "exclude: [{ego.speed: 12, actors.beside.s: 40}]\n"
)


def test_scenarios_are_those_of_load_in_its_order(tmp_path: Path) -> None:
    path = grid(tmp_path, VARIED)
    found = opened([path], Settings())
    works = [work for _, work, _, _ in tiles(found, Settings(), 4)]
    made = [made for work in works for made in work.made()]
    assert [m.number for m in made] == list(range(10))
    assert [m.start.scenario for m in made] == [start.scenario for start in load(path)]
    assert found.expected == 12, "an estimate: exclusions are not counted beforehand"
    assert [total for *_, total in tiles(found, Settings(), 4)] == [12, 12, 10]


def test_shards_share_the_queue_out(tmp_path: Path) -> None:
    path = grid(tmp_path, VARIED)
    whole = run(path, **CHOSEN).episodes
    found = {}
    for index in range(1, SHARDS + 1):
        part = run(path, shard=f"{index}/{SHARDS}", out=tmp_path / f"run{index}", **CHOSEN)
        numbers = [row["episode"] for row in part.episodes]
        assert numbers == list(range(index - 1, 10, SHARDS))
        found |= {row["episode"]: row["digest"] for row in part.episodes}
    assert found == {row["episode"]: row["digest"] for row in whole}
    files = str(tmp_path / "run*" / "episodes.parquet")  # SQL takes several folders
    query = "SELECT episode, digest FROM read_parquet(?) ORDER BY episode"
    assert dict(duckdb.execute(query, [files]).fetchall()) == found


@pytest.mark.parametrize("total", [0, 1, 7, 12])
def test_shares_add_up(total: int) -> None:
    for count in (1, 2, 5, 13):
        shards = [Shard(index, count) for index in range(1, count + 1)]
        for number in range(total):
            assert sum(shard.holds(number) for shard in shards) == 1
        for shard in shards:
            assert shard.share(total) == sum(map(shard.holds, range(total)))


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "1/99999999", "-1/3", "1/3/5"])
def test_shards_that_there_are_not(text: str) -> None:
    with pytest.raises(InputError, match="shard must be i/n"):
        settings_of(shard=text)


def test_an_empty_shard_is_refused(tmp_path: Path) -> None:
    path = write_road(tmp_path, limit=0.2)
    with pytest.raises(InputError, match="shard 2/2 holds none"):
        run(path, shard="2/2", out=tmp_path / "out", **CHOSEN)
    assert not (tmp_path / "out").exists()


def test_a_scenario_that_cannot_be_made_is_a_failed_episode(tmp_path: Path) -> None:
    """Kind idm takes a target speed, kind stack does not: half of the grid is wrong."""
    more = "vary: {ego.kind: [idm, stack], ego.target_speed: [null, 5]}\nexpect: {contact: false}\n"
    path = grid(tmp_path, more, seeds="0")
    rows = run(path, out=tmp_path / "out", **CHOSEN).episodes
    assert [row["outcome"] for row in rows] == ["timeout", "timeout", "timeout", "failed"]
    bad = rows[3]
    assert bad["scenario"] == "road/ego.kind=stack,ego.target_speed=5@1#0"
    assert "only an ego of kind idm" in bad["failure"]
    assert (bad["ticks"], bad["scene"]) == (0, rows[0]["scene"])
    (_, total) = table(rows, 1.0)
    assert (total.episodes, total.failed) == (4, 1)
    scored = [row for row in rows if row["outcome"] != "failed" and row["pdms_1"] is not None]
    wanted = sum(row["pdms_1"] for row in scored) / (len(scored) + 1)
    assert total.scores["pdms_1"].value == pytest.approx(wanted)
    assert all(total.scores[name].value is not None for name in SCORES)


def test_the_command_line_names_what_failed(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = grid(
        tmp_path, "vary: {ego.kind: [idm, stack], ego.target_speed: [null, 5]}\n", seeds="0"
    )
    words = ["--stack", "constant", "--controller", "pid", "--out", str(tmp_path / "out")]
    assert main(["run", str(path), *words]) == 4
    shown, told = capsys.readouterr()
    assert "failed" in shown
    assert told.count("\n") == 1
    assert "road/ego.kind=stack,ego.target_speed=5@1#0" in told


def test_a_wrong_first_case_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = grid(tmp_path, "vary: {ego.kind: [stack, idm], ego.target_speed: [5]}\n")
    with pytest.raises(InputError, match="only an ego of kind idm"):
        run(path, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_billion_cases_are_refused_by_arithmetic(tmp_path: Path) -> None:
    axes = {f"ego.{name}": list(range(1, 1001)) for name in ("s", "speed", "lateral")}
    path = grid(tmp_path, "vary: {" + ", ".join(f"{k}: {v}" for k, v in axes.items()) + "}\n")
    opened([write_road(tmp_path, name="warm.yaml")], Settings())
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="2,000,000,000 scenarios, and one run takes at most"):
            opened([path], Settings())
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


def test_too_many_in_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_SCENARIOS > 100_000
    monkeypatch.setattr("drivestack.scenario.limits.MOST_SCENARIOS", 15)
    one, other = grid(tmp_path, VARIED), grid(tmp_path, VARIED, name="other.yaml")
    sentence = r"other\.yaml: stands for 12 scenarios"
    with pytest.raises(InputError, match=sentence):
        opened([one, other], Settings())
    with pytest.raises(InputError, match=sentence):
        check_files([one, other], one_seed=False)
    check_files([one, other], one_seed=True)


def test_a_million_cases_are_not_made_beforehand(tmp_path: Path) -> None:
    path = grid(tmp_path, "", seeds="0-999999")
    opened([write_road(tmp_path, name="warm.yaml")], Settings())
    tracemalloc.start()
    try:
        found = opened([path], Settings())
        first = next(tiles(found, Settings(), 64))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert (found.expected, first[3]) == (1_000_000, 1_000_000)


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("", "", "road@1#1"),
        (VARIED, VARIED, "road/ego.speed=10,actors.beside.s=30@1#1"),
        ("vary: {ego.speed: [1, 2]}\n", "vary: {ego.speed: [3, 2]}\n", "road/ego.speed=2@1#1"),
        ("vary: {ego.speed: {uniform: [1, 2]}}\n", "vary: {ego.speed: {uniform: [1, 2]}}\n", ""),
        ("vary: {ego.speed: [1, 2]}\n", "vary: {ego.speed: [3, 4]}\n", None),
        ("vary: {ego.speed: [1, 2]}\n", "", None),
    ],
)
def test_ids_that_two_files_share(tmp_path: Path, one: str, other: str, name: str | None) -> None:
    """Told without making a scenario; random axes are taken to meet."""
    paths = [
        grid(tmp_path, one, "one.yaml", seeds="0-1"),
        grid(tmp_path, other, "two.yaml", seeds="[3, 1]"),
    ]
    if name is None:
        assert opened(paths, Settings()).expected > 0
        return
    with pytest.raises(InputError, match=r"given twice, first in .*one\.yaml") as found:
        opened(paths, Settings())
    assert name in str(found.value)


def test_a_value_given_twice_is_refused(tmp_path: Path) -> None:
    path = grid(tmp_path, "vary: {ego.speed: [1, 2, 1.0]}\n")
    with pytest.raises(InputError, match=r"road\.yaml:\d+: vary.*: 1 is given twice"):
        opened([path], Settings())


def test_a_file_that_changes_meanwhile_ends_the_run(tmp_path: Path) -> None:
    path = grid(tmp_path, "")
    found = opened([path], Settings())
    path.write_text(path.read_text() + "# edited\n")
    (work,) = [work for _, work, _, _ in tiles_of(found)]
    with pytest.raises(InputError, match="changed while the run was going on"):
        list(work.made())


def test_places_in_a_recording_are_scenarios_each(tmp_path: Path) -> None:
    whole = document("2020a")
    problem = "<planningProblem" + whole.split("<planningProblem")[1].split("</commonRoad>")[0]
    text = whole.replace("</commonRoad>", problem.replace('id="21"', 'id="22"') + "</commonRoad>")
    path = write(tmp_path, "r.xml", text)
    found = opened([path], Settings())
    assert found.expected == 2
    made = [m for _, work, _, _ in tiles(found, Settings(), 1) for m in work.made()]
    assert [m.start.scenario for m in made] == [start.scenario for start in load(path)]
    assert [m.number for m in made] == [0, 1]


def tiles_of(found: queue.Queue) -> list[tuple[int, queue.Work, int, int]]:
    queue._documents.cache_clear()
    picks = [queue.Pick(0, 0, 0, 0, 0)]
    return [(0, queue.Picked(found.sources, tuple(picks), Settings()), 1, 1)]


def test_files_that_a_scenario_names_are_pinned_too(tmp_path: Path) -> None:
    write(tmp_path, "r.xml", document("2020a"))
    path = write(tmp_path, "s.yaml", "id: s\nmap: {kind: commonroad, file: r.xml}\n")
    (source,) = opened([path], Settings()).sources
    assert [Path(name).name for name, _ in source.pins] == ["r.xml", "s.yaml"]
