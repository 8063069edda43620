"""Ray as the engine of a run, where it is installed: the same run."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sim.resuming import assert_same, drive, facts, small_suite

HAS_RAY = importlib.util.find_spec("ray") is not None
ROOT = Path(__file__).resolve().parents[2]
WORDS = ("--stack", "constant", "--controller", "pid", "--batch", "2", "--cluster", "ray")

needs_ray = [
    pytest.mark.skipif(not HAS_RAY, reason="ray, the extra `cluster`, is not installed"),
    pytest.mark.nightly,
]


def started(path: Path, out: Path) -> subprocess.Popen[str]:
    words = ["run", str(path), "--out", str(out), *WORDS, "--workers", "2"]
    env = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-m", "drivestack", *words], env=env, text=True,
                            stderr=subprocess.PIPE, start_new_session=True)  # fmt: skip


@pytest.mark.skipif(HAS_RAY, reason="ray is installed")
def test_without_ray_it_is_refused(tmp_path: Path) -> None:
    run = started(small_suite(tmp_path), tmp_path / "out")
    _, told = run.communicate()
    assert run.returncode == 3
    assert (
        told
        == "drivestack: --cluster ray needs the package ray; pip install 'drivestack[cluster]'\n"
    )
    assert not (tmp_path / "out").exists()


class TestRay:
    pytestmark = needs_ray

    def test_it_is_the_same_run(self, tmp_path: Path) -> None:
        path, whole, out = small_suite(tmp_path), tmp_path / "whole", tmp_path / "out"
        drive(path, whole)
        run = started(path, out)
        _, told = run.communicate()
        assert run.returncode == 0, told
        assert_same(out, whole)

    def test_it_can_be_interrupted_and_goes_on(self, tmp_path: Path) -> None:
        path, whole, out = small_suite(tmp_path, "0-199"), tmp_path / "whole", tmp_path / "out"
        run = started(path, out)
        while not list(out.glob("parts/*-events.jsonl")):
            assert run.poll() is None, run.communicate()
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate()
        assert run.returncode == 130, told
        assert f"'drivestack resume {out}' goes on" in told
        assert facts(out)["interrupted"] is True
        drive(path, out)
        drive(path, whole)
        assert_same(out, whole)
