"""What the very first run costs, and the next one: whole processes with a cache of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from timing import Timed

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "examples" / "merge.yaml"


@dataclass(frozen=True, slots=True)
class Process:
    """One finished child: its time and the most memory it held [MB]."""

    time: Timed
    peak_mb: float


def first_and_second_run() -> tuple[Process, Process]:
    """`drivestack run` of one scenario with an empty cache, then again with what it left there."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [_run(Path(folder), name) for name in ("first", "second")]
    return runs[0], runs[1]


def _run(folder: Path, name: str) -> Process:
    command = [sys.executable, "-m", "drivestack", "run", str(SCENARIO), "--json"]
    command += ["--out", str(folder / name)]
    environment = {**os.environ, "DRIVESTACK_CACHE": str(folder / "cache")}
    begun = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with status {child.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return Process(Timed(cpu, wall), _megabytes(usage.ru_maxrss))


def _megabytes(maxrss: int) -> float:
    """`ru_maxrss` is in kilobytes on Linux, in bytes on macOS."""
    return maxrss / (1e6 if sys.platform == "darwin" else 1e3)
