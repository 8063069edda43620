"""Kernels compiled in advance: no built-in stack compiles anything afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DRIVE = """
from drivestack.core.compiled import compile_seconds
from drivestack.scenario import load
from drivestack.sim.settings import settings_of
from drivestack.sim.suite import run_starts
for stack in ("pdm_lane", "pdm15", "idm", "constant"):
    run_starts(list(load("scenarios/examples/bend.yaml")), settings_of(stack=stack))
print(compile_seconds())
"""


@pytest.mark.nightly
def test_after_compiling_in_advance_no_run_compiles(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    env = {**os.environ, "DRIVESTACK_CACHE": str(tmp_path)}
    program = [sys.executable, "-m", "drivestack", "compile", "--workers", "2"]
    first = subprocess.run(program, env=env, cwd=root, capture_output=True, text=True, check=True)
    assert first.stdout.startswith("compiled in ")
    again = subprocess.run(program, env=env, cwd=root, capture_output=True, text=True, check=True)
    assert again.stdout == f"nothing to compile: all kernels are in {tmp_path / 'kernels'}\n"
    drive = [sys.executable, "-c", DRIVE]
    then = subprocess.run(drive, env=env, cwd=root, capture_output=True, text=True, check=True)
    assert float(then.stdout) == 0.0
