"""--policy: what is told before anything is driven, and what a run keeps of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drivestack.behavior.checkpoint import shipped
from drivestack.cli.main import main
from tests.scenes import write_road


def test_a_stack_without_a_policy_takes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    road = write_road(tmp_path)
    words = ["run", str(road), "--stack", "idm", "--policy", str(shipped("flow"))]
    assert main(words) == 2
    assert "stack 'idm' has no policy; stacks that have one: flow, flow_only" in (
        capsys.readouterr().err
    )


def test_a_wrong_file_is_told_of_before_anything_is_driven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    road, wrong = write_road(tmp_path), tmp_path / "policy.safetensors"
    wrong.write_bytes(b"nothing")
    assert main(["run", str(road), "--stack", "flow", "--policy", str(wrong)]) == 2
    assert "expected a whole safetensors file" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_copy_of_the_shipped_policy_drives_as_it_does(tmp_path: Path) -> None:
    road, copy = write_road(tmp_path, limit=1.0), tmp_path / "copy.safetensors"
    copy.write_bytes(shipped("flow").read_bytes())
    words = ["run", str(road), "--stack", "flow", "--no-report", "--out"]
    assert main([*words, str(tmp_path / "own")]) == 0
    assert main([*words, str(tmp_path / "told"), "--policy", str(copy)]) == 0
    own, told = (
        json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("own", "told")
    )
    assert "copy.safetensors" in json.dumps(told)
    assert "copy.safetensors" not in json.dumps(own)
