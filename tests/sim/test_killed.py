"""SIGKILL at random instants: nothing is lost, nothing doubled, the same run in the end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sim.resuming import CHOSEN, assert_same, drive, facts, forked, small_suite

SEED = random.SystemRandom().randrange(1 << 30)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="forks and kills are POSIX's")


@pytest.mark.parametrize("kills", [12, pytest.param(100, marks=pytest.mark.nightly)])
def test_killed_at_random_instants(tmp_path: Path, kills: int) -> None:
    print(f"seed {SEED}")
    draws = random.Random(SEED)
    path, whole, out = small_suite(tmp_path), tmp_path / "whole", tmp_path / "out"
    drive(path, whole, resume=False)  # loads and compiles everything
    begin = time.perf_counter()
    forked(drive, path, tmp_path / "timed").join()
    seconds = time.perf_counter() - begin
    killed = runs = 0
    while killed < kills:
        child = forked(drive, path, out)
        child.join(draws.uniform(0.0, seconds))
        if child.is_alive():
            child.kill()
            killed += 1
        child.join()
        if child.exitcode == 0:
            runs += 1
            assert_same(out, whole)
            out = tmp_path / f"out{runs}"
        else:
            assert child.exitcode == -signal.SIGKILL
    drive(path, out)
    assert_same(out, whole)
    print(f"{killed} kills, {runs + 1} runs")


@pytest.mark.slow
def test_killed_with_two_workers(tmp_path: Path) -> None:
    """Orphaned workers may go on for a tick: what they still seal is nobody's."""
    path, whole, out = small_suite(tmp_path, "0-63"), tmp_path / "whole", tmp_path / "out"
    drive(path, whole, resume=False)
    words = ["--stack", "constant", "--controller", "pid", "--batch", "2", "--out", str(out)]
    command = [sys.executable, "-m", "drivestack", "run", str(path), "--resume", *words]
    run = subprocess.Popen([*command, "--workers", "2"])
    while not (out / "journal.jsonl").exists() or len(journal_lines(out)) < 4:
        assert run.poll() is None
        time.sleep(0.01)
    run.kill()
    run.wait()
    assert len(journal_lines(out)) < 17
    done = subprocess.run([sys.executable, "-m", "drivestack", "resume", str(out), "--workers",
                           "2"], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "episodes were there before" in done.stderr
    assert_same(out, whole)


def journal_lines(out: Path) -> list[str]:
    return (out / "journal.jsonl").read_text().splitlines()


def test_a_tile_cut_short_is_read_and_driven_again(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a tile: its finished episodes can be read, and the run goes on."""
    from drivestack.sim.progress import Advance
    from drivestack.sim.suite import run

    path, whole, out = small_suite(tmp_path), tmp_path / "whole", tmp_path / "out"
    drive(path, whole, resume=False)

    def stop(advance: Advance) -> None:
        if advance.done == 6 and advance.ticks:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(path, out=out, progress=stop, **CHOSEN)
    assert facts(out)["interrupted"] is True
    assert facts(out)["scenarios"] == 6
    told: list[int] = []
    result = run(path, out=out, resume=True, progress=lambda a: told.append(a.done), **CHOSEN)
    assert result.resumed == 4
    assert_same(out, whole)
