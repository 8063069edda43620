"""The command line: output, exit statuses, help, start-up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from drivestack.cli.catalogue import catalogue
from drivestack.cli.main import main
from drivestack.metrics.judge import SUB_METRICS
from drivestack.stack import STACKS
from tests.scenes import write_road

Invoke = Callable[..., tuple[int, str, str]]


@pytest.fixture
def invoke(capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Status, standard output and standard error of a command."""

    def call(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(word) for word in words])
        return status, *capsys.readouterr()

    return call


def test_run_prints_a_table_and_writes_the_log(tmp_path: Path, invoke: Invoke) -> None:
    out = tmp_path / "run"
    status, shown, complaints = invoke("run", write_road(tmp_path, limit=0.5), "--out", out)
    assert (status, complaints) == (0, "")
    for word in ("contact", "fault", "progress", "speed", "steps/s", "total", "road", "pdms@1"):
        assert word in shown
    assert "as expected" not in shown
    assert max(len(line) for line in shown.splitlines() if str(out) not in line) <= 80
    assert (out / "episodes.parquet").is_file()


def test_run_prints_json(tmp_path: Path, invoke: Invoke) -> None:
    words = (write_road(tmp_path, limit=0.5, seeds="0-1"), "--out", tmp_path / "run", "--json")
    status, shown, _ = invoke("run", *words)
    facts = json.loads(shown)
    assert status == 0
    assert [row["seed"] for row in facts["episodes"]] == [0, 1]
    assert facts["table"][-1]["scene"] == "total"
    assert facts["table"][-1]["episodes"] == 2


def test_explain_says_what_decided(tmp_path: Path, invoke: Invoke) -> None:
    """A car that brakes at once for a lead: the jerk of the first tick is above its bound."""
    path, out = write_road(tmp_path, limit=1.0, speed=25.0, gap=45.0), tmp_path / "run"
    words = ("--explain", "comfort", "--explain", "traffic_lights", "--explain", "drivable_area")
    status, shown, complaints = invoke("run", path, "--out", out, "--controller", "pid", *words)
    assert (status, complaints) == (0, "")
    query = "SELECT value, time, measured, bound, sentence FROM read_parquet(?) WHERE measure = ?"
    file = str(out / "reasons.parquet")
    ((value, time, measured, bound, sentence),) = duckdb.execute(
        query, [file, "comfort"]
    ).fetchall()
    assert (value, abs(measured) >= abs(bound)) == (0.0, True)
    assert f"{time:.2f} s" in sentence
    assert f"comfort:\n  road@1#0: 0: {sentence}\n" in shown
    assert "traffic_lights:\n  absent in 1: there are no traffic lights\n" in shown
    assert "1 in every episode: drivable_area\n" in shown


def test_explain_all_and_composed_scores_as_json(tmp_path: Path, invoke: Invoke) -> None:
    words = ("--explain", "all", "--explain", "pdms@1", "--explain", "min_ttc_s", "--json")
    status, shown, _ = invoke(
        "run", write_road(tmp_path, limit=0.5), "--out", tmp_path / "r", *words
    )
    found = {reason["measure"]: reason for reason in json.loads(shown)["reasons"]}
    assert status == 0
    assert found["traffic_lights"]["value"] is None
    assert found["min_ttc_s"]["kind"] == "car"
    assert set(found) <= {*SUB_METRICS, "pdms_1", "min_ttc_s"}


def test_explain_refuses_what_is_no_measure_before_anything_runs(
    tmp_path: Path, invoke: Invoke
) -> None:
    out = tmp_path / "run"
    words = ("run", write_road(tmp_path), "--out", out, "--explain", "comfrt")
    assert invoke(*words) == (
        2, "", "drivestack: unknown measure 'comfrt'; did you mean 'comfort'?\n"
    )  # fmt: skip
    assert not out.exists()


def test_values_of_the_file_are_replaced(tmp_path: Path, invoke: Invoke) -> None:
    words = ("--ego", "idm", "--physics", "highway_env", "--seed", 9, "--json")
    status, shown, _ = invoke(
        "run", write_road(tmp_path, limit=0.5, seeds="0-1"), "--out", tmp_path / "run", *words
    )
    (row,) = json.loads(shown)["episodes"]
    assert status == 0
    assert (row["ego_kind"], row["physics"], row["seed"]) == ("idm", "highway_env", 9)


def test_failed_expectations_are_a_failed_gate(tmp_path: Path, invoke: Invoke) -> None:
    path = write_road(tmp_path, limit=0.5)
    met = tmp_path / "met.yaml"
    met.write_text(path.read_text().replace("id: road", "id: met") + "expect: {contact: false}\n")
    path.write_text(path.read_text() + "expect: {goal_reached: true, mean_speed: {min: 99}}\n")
    out = tmp_path / "run"
    status, shown, complaints = invoke("run", path, met, "--out", out)
    assert status == 1
    assert "as expected: 1 of 2 episodes" in shown
    assert max(len(line) for line in shown.splitlines() if str(out) not in line) <= 80
    assert complaints.count("\n") == 1
    assert "road@1#0: goal_reached is false, not true; mean_speed" in complaints
    query = "SELECT expectations, unmet = '' FROM read_parquet(?) ORDER BY episode"
    file = str(out / "episodes.parquet")
    assert duckdb.execute(query, [file]).fetchall() == [("failed", False), ("met", True)]
    assert invoke("run", met, "--out", tmp_path / "again")[0] == 0


def test_contact_that_had_to_be_avoided_is_a_failed_gate(tmp_path: Path, invoke: Invoke) -> None:
    """The table counts what the cases were; only the suite that has duties says so."""
    path = write_road(tmp_path, speed=30.0, gap=27.0, limit=3.0)
    path.write_text(path.read_text() + "duty: {rule: must_avoid}\n")
    (tmp_path / "b").mkdir()
    free = write_road(tmp_path / "b", limit=0.5)
    free.write_text(free.read_text().replace("id: road", "id: free"))
    words = ("run", path, free, "--stack", "constant")
    status, shown, complaints = invoke(*words, "--out", tmp_path / "run")
    assert status == 1
    assert "duty: must avoid 1, met 0 0-79%; exempt 0; not exercised 0\n" in shown
    assert complaints == "drivestack: not as expected: road@1#0: contact had to be avoided\n"
    _, shown, _ = invoke(*words, "--out", tmp_path / "json", "--no-report", "--json")
    road, *_ = json.loads(shown)["table"]
    assert road["duties"] == {
        "met": {"hits": 0, "trials": 1, "low": 0.0, "high": pytest.approx(0.793, abs=1e-3)},
        "exempt": 0,
        "not_exercised": 0,
    }
    _, shown, _ = invoke("run", free, "--out", tmp_path / "free", "--no-report")
    assert "duty" not in shown
    assert "exercised" not in shown


def test_list_names_what_there_is(invoke: Invoke) -> None:
    status, shown, _ = invoke("list", "--json")
    found = json.loads(shown)
    assert status == 0
    assert found["stacks"] == list(STACKS)
    assert {"comfort", "pdms_1"} <= set(found["measures"])
    assert "highway-v0" in found["highway-env scenes"]
    assert invoke("list")[1].count("\n") == len(found)
    assert "properties" in invoke("list", "--schema")[1]


def test_help_names_the_choices_and_the_exit_statuses(invoke: Invoke) -> None:
    status, shown, _ = invoke("run", "--help")
    assert status == 0
    found = catalogue()
    for kind in ("stacks", "backends", "ego kinds", "physics"):
        assert ", ".join(found[kind]) in " ".join(shown.split())
    assert "{" not in shown.split("Options:")[1]
    for text in (shown, invoke()[1], invoke("--help")[1]):
        assert "1 an expectation or a duty of a scenario failed" in " ".join(text.split())


def test_help_and_import_load_nothing_heavy() -> None:
    code = (
        "import sys, drivestack, drivestack.cli.main as m\n"
        "assert m.main(['--help']) == 0\n"
        "bad = {'torch', 'gymnasium', 'highway_env', 'numba', 'numpy', 'duckdb', 'pydantic',\n"
        "       'joblib', 'rich'}\n"
        "print('LOADED', sorted(bad & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("LOADED []\n")


def test_running_loads_neither_torch_nor_gymnasium(tmp_path: Path) -> None:
    path = write_road(tmp_path, limit=0.2)
    code = (
        "import sys, drivestack\n"
        f"run = drivestack.run({str(path)!r})\n"
        "assert len(run.episodes) == 1\n"
        "print('LOADED', sorted({'torch', 'gymnasium', 'highway_env'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("LOADED []\n")
