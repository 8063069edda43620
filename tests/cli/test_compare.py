"""The verb `compare`: what it shows, exit statuses, mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drivestack.cli.main import main
from tests.scenes import write_road
from tests.sim.hand_made import episode, write_run

Call = tuple[int, str, str]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    """Status, standard output and standard error of a command."""

    def invoke(*words: object) -> Call:
        capsys.readouterr()
        status = main(["compare", *map(str, words)])
        return status, *capsys.readouterr()

    return invoke


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs of 20 scenarios and one that the other run lacks; eight contacts in the second."""
    rows = [episode(f"road@1#{seed}") for seed in range(21)]
    hit = {"contact": True, "at_fault": True, "outcome": "contact", "pdms_1": 0.0}
    other = [row | (hit if row["seed"] < 8 else {}) for row in rows[:20]]
    made = {"settings": {"stack": "pdm15"}}
    return write_run(tmp_path / "a", rows), write_run(tmp_path / "b [x]", other, **made)


def test_a_regression_is_shown_and_fails_where_asked_to(call: Any, runs: Any) -> None:
    status, shown, complaints = call(*runs)
    assert (status, complaints) == (0, "")
    for part in (
        "20 scenarios in both",
        "stack: idm in the base, pdm15 in the other",
        "only in the base: 1 (road@1#20)",
        "+40.0 pp (",
        "0.0078  REGRESSION",
        "road@1#0 (episode 0): now contact at fault, contact; pdms@1 -1.00",
        f"drivestack replay {runs[0]} --episode 0",
        f"drivestack replay '{runs[1]}' --episode 0",
        "8 episodes came out otherwise",
    ):
        assert part in shown, part
    lines = shown.splitlines()
    assert lines[-1] == "regressions: contact (total), at_fault (total), pdms_1 (total)"
    assert call(*runs, "--fail-on-regression")[0] == 1
    assert call(*runs[::-1], "--fail-on-regression")[0] == 0, "a gain"


def test_a_run_against_itself(call: Any, runs: Any) -> None:
    status, shown, _ = call(runs[0], runs[0], "--fail-on-regression")
    assert status == 0
    assert "no episode came out otherwise" in shown
    assert shown.endswith("regressions: none\n")
    assert shown.count("equal in every pair") == 1


def test_json_has_the_record(call: Any, runs: Any) -> None:
    status, shown, _ = call(*runs, runs[0], "--json", "--fail-on-regression")
    facts = json.loads(shown)
    assert (status, facts["regressed"], facts["base"]) == (1, True, str(runs[0]))
    worse, same = facts["against"]
    assert worse["total"]["differences"][0]["measure"] == "contact"
    assert worse["total"]["differences"][0]["sign"] == "worse"
    assert worse["base_only"] == {"count": 1, "first": ["road@1#20"]}
    assert len(worse["changes"]) == worse["changed"] == 8
    assert same["changed"] == 0


def test_measures_and_tolerances(call: Any, runs: Any) -> None:
    gate = "--fail-on-regression"
    assert call(*runs, gate, "--measure", "comfort", "--measure", "epdms@1")[0] == 0
    assert call(*runs, gate, "--measure", "contact")[0] == 1
    assert call(*runs, gate, "--measure", "contact", "--tolerance", "contact=0.7")[0] == 0
    assert call(*runs, gate, "--tolerance", "contact=0.7")[0] == 1, "scores"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("a", "give two or more run folders"),
        ("a nowhere", "no such folder"),
        ("a .", "is not a run folder"),
        ("a road.yaml", "is not a run folder"),
        ("a a --measure contct", "did you mean 'contact'?"),
        ("a a --tolerance contact", "NAME=VALUE"),
        ("a a --tolerance contact=much", "NAME=VALUE"),
        ("a a --tolerance contact=-1", "from 0"),
        ("a a --tolerance contct=1", "did you mean 'contact'?"),
        ("", "missing argument"),
    ],
)
def test_mistakes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: Any,
    words: str,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "a", [episode("road@1#0")])
    write_road(tmp_path)
    status, shown, complaints = call(*words.split())
    assert (status, shown) == (2, "")
    assert complaints.startswith("drivestack: ")
    assert sentence in complaints
    assert complaints.count("\n") == 1


def test_families_are_told_where_there_are_several(tmp_path: Path, call: Any) -> None:
    rows = [episode(f"{family}@1#{seed}") for family in ("cut-in", "stop") for seed in range(20)]
    other = [row | {"contact": row["scenario"].startswith("stop")} for row in rows]
    paths = write_run(tmp_path / "a", rows), write_run(tmp_path / "b", other)
    shown = call(*paths)[1]
    assert "established of 2 families" in shown
    assert any(line.split()[:3] == ["stop", "20", "contact"] for line in shown.splitlines())
    quiet = call(paths[0], paths[0])[1]
    assert "of 2 families nothing is established" in quiet


def test_help_says_what_the_gate_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 a regression is established (with --fail-on-" in shown


def test_an_interrupt_is_told(call: Any, runs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB makes an error of its own of Ctrl-C."""

    def struck(*_: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("drivestack.sim.comparing.compare.groups_of", struck)
    status, shown, complaints = call(*runs)
    assert (status, shown) == (130, "")
    assert complaints == "drivestack: interrupted; nothing was written\n"
