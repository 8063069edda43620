"""--policy: what is told before anything is driven, and what a run keeps of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drivestack.behavior.checkpoint import checkpoint_bytes
from drivestack.behavior.encoder import statistics_of
from drivestack.behavior.features import tokens_of
from drivestack.behavior.policy import Policy
from drivestack.behavior.torch_setup import torch
from drivestack.cli.main import main
from drivestack.route import ROUTERS
from drivestack.sim.suite import run
from tests.contracts.situations import all_of_them
from tests.scenes import no_goal, write_road


def untrained() -> Policy:
    """One that has seen a few situations and learned nothing from them."""
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    torch.manual_seed(2)
    made = Policy.of("flow")
    route = ROUTERS["lanes"]().route(seen, goal)
    made.encoder.normalise(statistics_of(tokens_of(seen, route, goal)))
    return made


def test_a_stack_without_a_policy_takes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    road = write_road(tmp_path)
    words = ["run", str(road), "--stack", "idm", "--policy", "flow.safetensors"]
    assert main(words) == 2
    assert "stack 'idm' has no policy; stacks that have one: flow" in capsys.readouterr().err


def test_a_wrong_file_is_told_of_before_anything_is_driven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    road, wrong = write_road(tmp_path), tmp_path / "policy.safetensors"
    wrong.write_bytes(b"nothing")
    assert main(["run", str(road), "--stack", "flow", "--policy", str(wrong)]) == 2
    assert "expected a whole safetensors file" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_run_drives_by_it_and_keeps_its_name(tmp_path: Path) -> None:
    road, file = write_road(tmp_path, limit=1.0), tmp_path / "untrained.safetensors"
    file.write_bytes(checkpoint_bytes(untrained(), {}))
    words = ["run", str(road), "--stack", "flow_ruled", "--no-report", "--out"]
    assert main([*words, str(tmp_path / "told"), "--policy", str(file)]) == 0
    assert "untrained.safetensors" in (tmp_path / "told" / "manifest.json").read_text()


def test_a_planner_in_its_own_process_is_told_of_it(tmp_path: Path) -> None:
    road, file = write_road(tmp_path, limit=1.0), tmp_path / "a:b.safetensors"
    file.write_bytes(checkpoint_bytes(untrained(), {}))
    told: dict[str, Any] = {"stack": "flow_ruled", "policy": str(file)}
    inline = run(road, out=tmp_path / "inline", **told)
    apart = run(road, out=tmp_path / "apart", planner="process", planner_deadline=60.0, **told)
    assert [row["digest"] for row in inline.episodes] == [row["digest"] for row in apart.episodes]
    assert [row["checks_failed"] for row in apart.episodes] == [0.0]
