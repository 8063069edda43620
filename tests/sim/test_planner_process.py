"""A run whose planner has a process of its own: the same results, and faults that can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from drivestack.cli.main import main
from drivestack.core.episode import WATCHED
from drivestack.safety.faults import Fault
from drivestack.sim.suite import run
from drivestack.stack import PLACES
from tests.scenes import write_road


def test_episodes_do_not_depend_on_where_plans_are_made(tmp_path: Path) -> None:
    road = write_road(tmp_path, limit=3.0, seeds="[0, 1, 2]")
    inline = run(road, out=tmp_path / "inline", batch=2)
    apart = run(road, out=tmp_path / "apart", batch=2, planner="process", planner_deadline=60.0)
    digests = [[row["digest"] for row in result.episodes] for result in (inline, apart)]
    assert digests[0] == digests[1]
    assert [row["checks_failed"] for row in apart.episodes] == [0.0] * 3


class Absent:
    """A planner that is late from its fourth question on."""

    def __init__(self, own: Any) -> None:
        self._own, self._asked = own, 0

    def plan(self, *asked: Any) -> Any:
        self._asked += 1
        if self._asked < 4:
            return self._own.plan(*asked)
        *_, faults, _ = asked
        faults[:, Fault.PLANNER_LATE] = True
        return None, np.zeros(0, np.intp)


def acting(failed: str) -> str:
    """Names of failed checks without those that only watch."""
    return ", ".join(name for name in failed.split(", ") if not name.startswith(WATCHED))


def test_faults_are_in_the_log_and_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(PLACES, "process", lambda maker, words, host: Absent(maker()))
    road, folder = write_road(tmp_path, limit=2.0), tmp_path / "run"
    words = ["run", str(road), "--planner", "process", "--out", str(folder), "--no-report"]
    assert main([*words, "--explain", "checks_failed"]) in (0, 1)
    said = capsys.readouterr().out
    assert "planner_late at 17 decisions, first at 0.3 s" in said
    assert "plan_age" in said
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    late = [event for event in events if event["event"] == "fault"]
    assert [(event["tick"], event["fault"]) for event in late[:2]] == [
        (6, "planner_late"),
        (8, "planner_late"),
    ]
    query = f"select failed_checks, plan_source from '{folder}/ticks.parquet' order by tick"
    rows = [(acting(failed), source) for failed, source in duckdb.sql(query).fetchall()]
    assert rows[5:8] == [
        ("", "candidate"),
        ("planner_late", "held"),
        ("", "held"),
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--planner", "proc"], "unknown planner 'proc'; did you mean 'process'?"),
        (["--planner-deadline", "0"], "planner deadline should be 0.001 to 60 s, got 0.0"),
    ],
)
def test_a_wrong_host_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    road = write_road(tmp_path)
    assert main(["run", str(road), "--out", str(tmp_path / "run"), *words]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert why in said
