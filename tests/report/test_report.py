"""Reports of odd runs, hostile names, folders that moved, runs that have none; the recipe."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.metrics.judge import COMPOSED
from drivestack.report import write, write_comparison, write_one
from drivestack.report.again import command_again
from drivestack.report.pages.look import family_of, suite_of
from drivestack.report.writing import chosen
from drivestack.sim.comparing.compare import compare
from tests.conftest import ROOT
from tests.report.blocks import blocks_of, data_of, unpacked
from tests.report.conftest import Changed


def test_a_report_forbids_the_network_and_needs_none(road_run: Path, tmp_path: Path) -> None:
    page = write(road_run, tmp_path / "page.html").read_text()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", page)
    assert "eval(" not in page
    assert "innerHTML" not in page


def test_overview_says_what_the_log_says(road_run: Path, tmp_path: Path) -> None:
    data = data_of(write(road_run, tmp_path / "page.html").read_text())["pages"]
    total = data["overview"]["total"]
    assert total["episodes"] == 3
    assert data["overview"]["interventions"]["episodes"] == 3
    manifest = json.loads((road_run / "manifest.json").read_text())
    assert data["overview"]["made"]["config"] == manifest["config_hash"] != ""
    assert data["overview"]["who"] == ["pdm15 / mpc on engine"]
    assert [row["episode"] for row in data["episodes"]["rows"]] == [0, 1, 2]
    for measure in data["histograms"]["measures"]:
        counted = sum(sum(counts) for counts in measure["counts"].values())
        assert counted + measure["absent"] == 3
    latency = data["histograms"]["latency"]
    assert sum(latency["counts"]) == latency["decisions"] == 3 * 60
    assert latency["deadline_ms"] == 50.0


HOSTILE = """</script><script>alert(1)</script> "quoted" 'single' ../../etc/passwd <!-- &amp; {x}"""


def test_hostile_names_are_inert(changed: Changed, tmp_path: Path) -> None:
    text = HOSTILE.replace("'", "''")
    replaced = ", ".join(f"'{text}' AS {name}" for name in ("scenario", "source", "failure"))
    changed.table("episodes", f"SELECT * REPLACE ({replaced}) FROM t")
    changed.table("reasons", f"SELECT * REPLACE ('{text}' AS sentence) FROM t")
    page = write(changed.folder, tmp_path / "page.html").read_text()
    assert "<script>alert" not in page
    assert page.count("<script") == page.count("</script>")
    rows = data_of(page)["pages"]["episodes"]["rows"]
    assert rows[0]["scenario"] == HOSTILE
    assert unpacked(blocks_of(page)["episode-0"])["reasons"][0]["sentence"] == HOSTILE
    assert not (tmp_path / "etc").exists()


def test_failures_are_embedded_first(changed: Changed) -> None:
    rows = [
        {"episode": i, "outcome": outcome, "expectations": expected, "duty_met": ""}
        | dict.fromkeys(COMPOSED, 1.0)
        for i, (outcome, expected) in enumerate(
            [("goal", "none"), ("goal", "none"), ("contact", "none"), ("goal", "failed"),
             ("timeout", "met"), ("failed", "none")]
        )
    ]  # fmt: skip
    acted = {1: 2}
    assert chosen(rows, acted, 3) == [2, 3, 5]
    assert chosen(rows, acted, 4) == [1, 2, 3, 5]
    assert chosen(rows, acted, 5) == [0, 1, 2, 3, 5]
    assert chosen(rows, acted, 0) == []
    page = write(changed.without_ticks(1).folder, episodes=1).read_text()
    assert [name for name in blocks_of(page) if name.startswith("episode")] == ["episode-1"]


def test_a_score_of_0_went_wrong_and_is_named(changed: Changed) -> None:
    zero = "CASE episode WHEN 1 THEN 0.0 ELSE 0.5 END"
    query = (
        f"SELECT * REPLACE ({zero} AS pdms_1, {zero} AS epdms_1, 0.5 AS nuplan_cls_1, "
        "'timeout' AS outcome, 'none' AS expectations, '' AS duty_met) FROM t"
    )
    page = data_of(write(changed.table("episodes", query).folder).read_text())["pages"]
    told = [(row["episode"], row["why"]) for row in page["overview"]["wrong"]]
    assert told == [(1, "pdms@1 and epdms@1: 0")]


def test_the_command_names_what_is_not_usual() -> None:
    settings = {"stack": "pdm15", "controller": "mpc", "plan_latency": 2, "smoothed": True,
                "seed": None, "shard": "2/3", "only": ["x"], "batch": 4}  # fmt: skip
    found = command_again({"paths": ["a b.yaml", "c.yaml"], "settings": settings})
    expected = "drivestack run 'a b.yaml' c.yaml --stack pdm15 --plan-latency 2 --smoothed --only"
    assert found == expected
    assert command_again({"paths": [], "settings": settings}) == ""


def test_duties_are_counted_by_family(changed: Changed) -> None:
    """Contact that had to be avoided went wrong and says so; where it need not be, it says that."""
    query = (
        "SELECT * REPLACE (CASE episode WHEN 1 THEN 'exempt' ELSE 'must_avoid' END AS duty, "
        "CASE episode WHEN 0 THEN 'yes' WHEN 1 THEN '' ELSE 'no' END AS duty_met, "
        "CASE episode WHEN 0 THEN 'timeout' ELSE 'contact' END AS outcome, 'yes' AS exercised) "
        "FROM t"
    )
    page = data_of(write(changed.table("episodes", query).folder).read_text())["pages"]
    (family,) = page["overview"]["families"]
    assert (family["duties"]["met"]["hits"], family["duties"]["met"]["trials"]) == (1, 2)
    assert (family["duties"]["exempt"], family["exercised"]["trials"]) == (1, 3)
    told = [(row["episode"], row["why"]) for row in page["overview"]["wrong"]]
    assert told == [(1, "exempt: it need not be avoided"), (2, "contact had to be avoided")]


def test_rows_of_the_log_may_stand_in_any_order(road_run: Path, changed: Changed) -> None:
    for name in ("ticks", "agents", "candidates", "plans", "routes", "timing"):
        changed.table(name, "SELECT * FROM t ORDER BY hash(rowid)")
    as_logged, shuffled = (
        blocks_of(write(folder, folder / "again.html").read_text())
        for folder in (road_run, changed.folder)
    )
    assert len(as_logged) > 3
    assert shuffled == as_logged


def test_odd_episodes_are_written(changed: Changed) -> None:
    changed.without_agents().without_ticks(1).crashed_at_once(2)
    found = blocks_of(write(changed.folder).read_text())
    assert unpacked(found["episode-0"])["ids"] == []
    assert unpacked(found["episode-1"])["ticks"] == 0
    assert unpacked(found["episode-2"])["ticks"] == 1
    assert unpacked(found["episode-2"])["contact"].tolist() == [1]


def test_stop_lines_are_embedded_with_their_colours(changed: Changed) -> None:
    found = blocks_of(write(changed.lit().folder).read_text())
    assert unpacked(found["episode-0"])["stop_lines"] == [
        {"light": "main", "ends": [[45.0, 2.0], [45.0, -2.0]],
         "shown": [[0, "green"], [20, "red"]]}
    ]  # fmt: skip
    assert unpacked(found["episode-1"])["stop_lines"] == []


def test_an_empty_run_is_written(changed: Changed) -> None:
    changed.table("episodes", "SELECT * FROM t WHERE false")
    for name in ("ticks", "agents", "reasons", "candidates", "plans", "routes", "timing"):
        changed.table(name, "SELECT * FROM t WHERE false")
    (changed.folder / "events.jsonl").write_text("")
    data = data_of(write(changed.sealed()).read_text())
    assert data["pages"]["overview"]["total"] is None


def test_a_moved_folder_is_reported_on(road_run: Path, tmp_path: Path) -> None:
    moved = tmp_path / "it's [moved]"
    shutil.copytree(road_run, moved)
    assert data_of(write(moved).read_text())["pages"]["episodes"]["folder"] == moved.name
    assert blocks_of((moved / "report.html").read_text())


def test_what_is_no_run_is_refused_in_a_sentence(road_run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such run folder"):
        write(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"no manifest\.json"):
        write(tmp_path)
    old = tmp_path / "old"
    shutil.copytree(road_run, old)
    (old / "maps.parquet").unlink()
    with pytest.raises(InputError, match=r"maps\.parquet: cannot be read"):
        write(old)
    manifest = json.loads((old / "manifest.json").read_text())
    (old / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 2}))
    with pytest.raises(InputError, match="schema 2"):
        write(old)


@pytest.mark.parametrize("name", [".", "there", "there/..", "there/../.", "x" * 300])
def test_a_target_that_is_no_file_is_refused(
    road_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    for make in (
        lambda: write(road_run, name),
        lambda: write_one(road_run, 0, name),
        lambda: write_comparison(compare(road_run, road_run), name, 0),
    ):
        with pytest.raises(InputError, match=r"is a folder|not a path of a file"):
            make()
    assert [path.name for path in tmp_path.rglob("*")] == ["there"]


def test_one_episode_and_the_nearest_one(road_run: Path, tmp_path: Path) -> None:
    page = write_one(road_run, 2, tmp_path / "one.html").read_text()
    assert [name for name in blocks_of(page) if name.startswith("episode")] == ["episode-2"]
    with pytest.raises(InputError, match="the nearest is 2"):
        write_one(road_run, 17, tmp_path / "one.html")


def test_suites_and_families() -> None:
    row = {"source": "scenarios/r157/cut_in.yaml", "env_id": "", "scenario": "cut-in/v=1@2#3"}
    assert (suite_of(row), family_of(row)) == ("r157", "cut-in")
    row = {"source": 'highway-env 1.12.1 exit-v1 {"a":"b/c"}', "env_id": "exit-v1",
           "scenario": "exit-v1@1#0"}  # fmt: skip
    assert (suite_of(row), family_of(row)) == ("highway-env", "exit-v1")


def test_the_recipe_to_add_a_page(road_run: Path, tmp_path: Path) -> None:
    """What README.md says, carried out on a copy: two files and a line, all in one folder."""
    copied = tmp_path / "drivestack"
    shutil.copytree(ROOT / "drivestack", copied, ignore=shutil.ignore_patterns("__pycache__"))
    recipe = (copied / "report" / "README.md").read_text()
    blocks = re.findall(r"```(\w+) (\S+)\n(.*?)```", recipe, re.S)
    assert [name for _, name, _ in blocks] == ["pages/speeds.py", "pages/speeds.js"]
    for _, name, text in blocks:
        (copied / "report" / name).write_text(text)
    (line,) = re.findall(r'^ +("speeds": .*)$', recipe, re.M)
    registry = copied / "report" / "pages" / "__init__.py"
    text = registry.read_text().replace("from . import cases,", "from . import speeds, cases,")
    registry.write_text(text.replace("] = {\n", "] = {\n    " + line + "\n", 1))
    out = tmp_path / "page.html"
    words = [sys.executable, "-m", "drivestack", "report", str(road_run), "--out", str(out)]
    subprocess.run(words, cwd=tmp_path, check=True, env=_environment(tmp_path))
    data = data_of(out.read_text())
    assert data["tabs"][0] == {"name": "speeds", "title": "Speeds"}
    assert len(data["pages"]["speeds"]) == 3
    assert "pages.speeds = " in out.read_text()


def _environment(folder: Path) -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(folder)}
