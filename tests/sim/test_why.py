"""Where it failed: which stage, made perfect, mends a failure; known answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drivestack.cli.main import main
from drivestack.core.errors import InputError
from drivestack.sim.driver import Driver
from drivestack.sim.perfect import Stage
from drivestack.sim.settings import settings_of
from drivestack.sim.suite import run
from drivestack.sim.why import EVERYTHING, Why, arm_of, evenly, failed, why

WALL = """
id: wall
version: 1
map:
  kind: lanes
  lanes:
    - {{kind: straight, from: a, to: b, start: [0, 4], end: [600, 4], speed_limit: 20}}
    - {{kind: straight, from: a, to: b, start: [0, 0], end: [600, 0], speed_limit: 20}}
ego: {{kind: stack, lane: [a, b, 1], s: 20, speed: 20}}
actors:
  - {{kind: obstacle, lane: [a, b, 1], s: 150, length: 4, width: 3}}
{sensing}
time_limit: 10
rates: {{physics: 20, control: 20, plan: 10}}
"""


def driven(tmp_path: Path, sensing: str = "", **chosen: Any) -> Path:
    path, out = tmp_path / "wall.yaml", tmp_path / "run"
    path.write_text(WALL.format(sensing=sensing))
    run(path, out=out, **chosen)
    return out


def looked_into(tmp_path: Path, sensing: str = "", **chosen: Any) -> Why:
    return why(driven(tmp_path, sensing, **chosen))


def mended(found: Why) -> dict[str, int]:
    return {arm.stage: arm.mended.hits for arm in found.arms}


def test_who_looks_at_nobody_is_mended_by_a_perfect_layer_alone(tmp_path: Path) -> None:
    found = looked_into(tmp_path, stack="constant")
    assert found.failures == found.looked_at == ("wall@1#0",)
    assert mended(found) == {
        "sensing": 0, "proposals": 0, "choice": 0, "tracking": 0, "safety": 1, EVERYTHING: 1,
    }  # fmt: skip
    assert found.arms[-1].episodes == found.failures
    assert (found.arms[-1].change.value or 0.0) > 0.0


def test_who_sees_too_late_is_mended_by_perfect_sensors(tmp_path: Path) -> None:
    found = looked_into(tmp_path, "sensing: {range: 12}", stack="idm", checks=[])
    assert found.episodes == len(found.failures) == 1
    assert mended(found)["sensing"] == 1


def test_without_failures_nothing_is_driven(tmp_path: Path) -> None:
    found = looked_into(tmp_path, stack="pdm_lane")
    assert (found.episodes, found.failures, found.arms) == (1, (), ())


def test_the_command_says_it_in_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", str(driven(tmp_path, stack="constant"))]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "constant: 1 of 1 episodes failed by at_fault"
    assert any(line.startswith("safety") and "1/1 21-100%" in line for line in told)
    assert any(line.startswith("choice") and "0/1 0-79%" in line for line in told)


def test_mistakes_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", str(tmp_path)]) == 2
    assert "has no journal" in capsys.readouterr().err
    assert main(["why", str(tmp_path), "--of", "comfrt"]) == 2
    assert "unknown measure 'comfrt'; did you mean 'comfort'?" in capsys.readouterr().err
    with pytest.raises(InputError, match="only 'engine' can"):
        settings_of(stack="oracle", backend="highway_env")
    with pytest.raises(InputError, match="no stages"):
        Driver("oracle", perfect=Stage.CHOICE)


def row(name: str, at_fault: bool, score: float | None, outcome: str = "timeout") -> dict[str, Any]:
    return {"scenario": name, "outcome": outcome, "at_fault": at_fault, "pdms_1": score}


def test_what_counts_as_a_failure() -> None:
    assert failed(row("a", True, 0.0), "at_fault")
    assert not failed(row("a", False, 0.5), "at_fault")
    assert failed(row("a", False, 0.5), "pdms_1")
    assert not failed(row("a", False, 1.0), "pdms_1")
    assert not failed(row("a", False, None), "pdms_1")
    assert failed(row("a", False, None, outcome="failed"), "at_fault")


def test_an_arm_is_paired() -> None:
    before = [row("a", True, 0.0), row("b", True, 0.2)]
    after = [row("a", False, 0.9), row("b", True, 0.1)]
    arm = arm_of("choice", before, after, "at_fault")
    assert (arm.mended.hits, arm.mended.trials, arm.episodes) == (1, 2, ("a",))
    assert arm.change.value == pytest.approx(0.4)


def test_evenly_chosen() -> None:
    assert evenly("abcdefghij", 5) == ("a", "c", "e", "g", "i")
    assert evenly("abc", 5) == ("a", "b", "c")
