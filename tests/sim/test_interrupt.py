"""Ctrl-C while two processes drive: one sentence, what was sealed is kept, nothing half-written."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from drivestack.cli.main import main
from drivestack.sim.interrupts import (
    interrupts_held,
    signals_ignored,
    terminated_as_interrupted,
)
from drivestack.sim.signals import PREFIX, Signals
from tests.scenes import write_road

KEPT = "drivestack: interrupted; what had finished is in {0}; 'drivestack resume {0}' goes on\n"
NOTHING = "drivestack: interrupted; nothing was written\n"
MANY_EXCLUDED = """
parameters: {u: 0}
vary: {parameters.u: {uniform: [0, 1]}}
count: 1000000
exclude: ["${u < 0.9999999}"]
"""
PATIENCE = 300.0
"""Longest wait for the first sealed part [s]; kernels may have to be compiled first."""


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Jobs in the background ignore Ctrl-C, and so would all that they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def started(words: list[str], folder: Path, deaf: bool = False) -> subprocess.Popen[str]:
    """The program as leader of a process group, which is what a terminal interrupts.

    Args:
        deaf: it ignores Ctrl-C from its start on, as what a script puts into the background.
    """
    command = [sys.executable, "-m", "drivestack", *words]
    if deaf:
        command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=dict(os.environ) | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(run: subprocess.Popen[str], parts: Path, pattern: str) -> None:
    end = time.monotonic() + PATIENCE
    while not list(parts.glob(pattern)):
        assert run.poll() is None, run.communicate()
        assert time.monotonic() < end, "nothing was sealed"
        time.sleep(0.02)


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX's")
def test_ctrl_c_with_two_workers(tmp_path: Path) -> None:
    path = write_road(tmp_path, seeds="0-199", limit=10.0, gap=400.0)
    out = tmp_path / "run"
    run = started(["run", path.name, "--batch", "1", "--workers", "2", "--out", "run"], tmp_path)
    try:
        wait_for(run, out / "parts", "*-events.jsonl")
        os.killpg(run.pid, signal.SIGINT)
        shown, complaints = run.communicate(timeout=PATIENCE)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    assert (run.returncode, shown) == (130, "")
    assert complaints == KEPT.format("run")
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["interrupted"] is True
    others = {"manifest.json", "journal.jsonl", "parts"}
    assert {file.name for file in out.iterdir()} == {*manifest["sha256"], *others}
    file = str(out / "episodes.parquet")
    query = "SELECT episode, outcome FROM read_parquet(?)"
    found = dict(duckdb.execute(query, [file]).fetchall())
    assert 1 <= len(found) < 200
    assert set(found.values()) == {"timeout"}


@pytest.mark.skipif(os.name != "posix", reason="SIGTERM is POSIX's")
def test_sigterm_ends_a_background_run_as_ctrl_c_does_others(tmp_path: Path) -> None:
    path = write_road(tmp_path, seeds="0-199", limit=10.0, gap=400.0)
    run = started(["run", path.name, "--batch", "1", "--out", "run"], tmp_path, deaf=True)
    try:
        wait_for(run, tmp_path / "run" / "parts", "*-events.jsonl")
        run.terminate()
        _, complaints = run.communicate(timeout=PATIENCE)
    finally:
        if run.poll() is None:
            run.kill()
    assert run.returncode == 130, complaints
    assert complaints == KEPT.format("run")
    assert json.loads((tmp_path / "run" / "manifest.json").read_text())["interrupted"] is True


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX's")
def test_finished_episodes_of_unfinished_tiles_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiles of short episodes, some with a long one: the short ones are in the log."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where its processes leave their signals
    limits = "[1, 3000, " + ", ".join(f"1.{k:02d}" for k in range(1, 15)) + "]"
    path = write_road(tmp_path, seeds="0-1", limit=10.0, gap=400.0)
    path.write_text(path.read_text() + f"vary: {{time_limit: {limits}}}\n")
    words = ["run", path.name, "--batch", "64", "--workers", "2", "--out", "run"]
    run = started(words, tmp_path)
    try:
        wait_for(run, tmp_path, f"{PREFIX}*")
        (folder,) = tmp_path.glob(f"{PREFIX}*")
        while len(Signals(folder).episodes(0)) < 14:
            assert run.poll() is None, run.communicate()
            time.sleep(0.1)
        os.killpg(run.pid, signal.SIGINT)
        _, complaints = run.communicate(timeout=PATIENCE)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode == 130, complaints
    assert complaints == KEPT.format("run")
    query = "SELECT count(*), max(ticks) FROM read_parquet(?)"
    found = duckdb.execute(query, [str(tmp_path / "run" / "episodes.parquet")]).fetchall()
    assert found[0][0] >= 14
    assert found[0][1] < 100


def test_held_back_interrupts_strike_after_the_block() -> None:
    done = []

    def interrupted() -> None:
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
            done.append("block")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["block"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_block_within_another_hands_it_what_struck() -> None:
    told: list[str] = []

    def interrupted() -> None:
        with interrupts_held(lambda: told.append("end")):
            with interrupts_held():
                signal.raise_signal(signal.SIGINT)
                assert not told
            told.append("rest")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert told == ["end", "rest"]


def test_a_second_interrupt_ends_a_block_that_was_asked_to_end() -> None:
    told: list[str] = []

    def interrupted() -> None:
        with interrupts_held(lambda: told.append("end")):
            signal.raise_signal(signal.SIGINT)
            with interrupts_held():
                signal.raise_signal(signal.SIGINT)
                told.append("sealed")
            told.append("not reached")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert told == ["end", "sealed"]


def test_what_is_ignored_is_not_held_back() -> None:
    with signals_ignored(), interrupts_held():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)


def test_a_background_job_heeds_sigterm_alone_in_a_held_block_too() -> None:
    told: list[str] = []

    def terminated() -> None:
        with terminated_as_interrupted(), interrupts_held(lambda: told.append("end")):
            signal.raise_signal(signal.SIGINT)
            assert not told
            signal.raise_signal(signal.SIGTERM)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pytest.raises(KeyboardInterrupt):
        terminated()
    assert told == ["end"]


@pytest.mark.skipif(os.name != "posix", reason="signals between processes are POSIX's")
def test_an_interrupt_while_kernels_are_loaded_is_not_lost(tmp_path: Path) -> None:
    """numba's and llvmlite's callbacks swallow exceptions: it used to depend on luck."""
    path = write_road(tmp_path, seeds="0-199", limit=10.0, gap=400.0)
    for attempt in range(3):
        out = tmp_path / f"run{attempt}"
        run = started(["run", path.name, "--batch", "1", "--out", out.name], tmp_path)
        try:
            wait_for(run, tmp_path, out.name)
            time.sleep(0.4 * attempt)
            run.terminate()
            _, complaints = run.communicate(timeout=PATIENCE)
        finally:
            if run.poll() is None:
                run.kill()
        assert run.returncode == 130, complaints
        assert complaints == (KEPT.format(out.name) if out.exists() else NOTHING)


def test_processes_started_meanwhile_ignore_signals_for_life() -> None:
    code = "import os; [os.kill(os.getpid(), n) for n in (2, 15)]; print('alive')"
    with signals_ignored():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "alive\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX's")
def test_sigterm_to_all_processes_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As whoever stops a service does; the workers leave it to the first process."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    path = write_road(tmp_path, seeds="0-199", limit=10.0, gap=400.0)
    run = started(["run", path.name, "--batch", "1", "--workers", "2", "--out", "run"], tmp_path)
    try:
        wait_for(run, tmp_path / "run" / "parts", "*-events.jsonl")
        os.killpg(run.pid, signal.SIGTERM)
        time.sleep(0.3)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGTERM)
        _, complaints = run.communicate(timeout=PATIENCE)
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
    assert (run.returncode, complaints) == (130, KEPT.format("run"))


@pytest.mark.skipif(os.name != "posix", reason="signals between processes are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_scans_many_exclusions_ends_at_once(tmp_path: Path, number: int) -> None:
    path = write_road(tmp_path, seeds="0-0", limit=1.0, gap=400.0)
    path.write_text(path.read_text() + MANY_EXCLUDED)
    run = started(["run", path.name, "--out", "run"], tmp_path)
    time.sleep(6.0)  # longer than loading takes on a busy machine
    run.send_signal(number)
    _, complaints = run.communicate(timeout=PATIENCE)
    assert (run.returncode, complaints) == (130, NOTHING)


WITHIN_EXEC = """
import sys
import drivestack.cli.main as program
def struck(*words, **settings):
    exec("import signal; signal.raise_signal(signal.SIGTERM)")
program.app = struck
sys.exit(program.program())
"""
"""The text that makes a dataclass is being executed when the signal strikes."""


@pytest.mark.skipif(os.name != "posix", reason="SIGTERM is POSIX's")
def test_an_interrupt_while_a_dataclass_is_made_has_its_exit_status_too(tmp_path: Path) -> None:
    """CPython took it for one that nobody had caught, and killed itself: status -2."""
    (tmp_path / "within_exec.py").write_text(WITHIN_EXEC)
    done = subprocess.run(
        [sys.executable, "-m", "within_exec"],
        cwd=tmp_path,
        env=dict(os.environ) | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (130, "drivestack: interrupted\n")


def test_every_verb_tells_of_an_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def struck(*words: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("drivestack.cli.catalogue.show", struck)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "drivestack: interrupted\n"
