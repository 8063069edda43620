"""Memory and rate of a long run: `drivestack run` watched from outside.

    python tools/bench/memory.py [SUITE] [--scenarios 10000] [--workers 2] [--stack idm] [--json]

Without a suite it runs one of its own: short drives behind a slower car, drawn at random. A suite
of files is run in ten rounds, each with a tenth of every file's draws and a seed of its own, so
that the first thousand scenarios and the last are of the same families. The peak is the largest
sum over all processes at a time. Rates are those of the first and the last thousand scenarios, by
what the run's journal says is sealed: by the clock, and a CPU second, which what else runs on the
machine changes less. Counting begins when all processes may have sealed a tile: before that they
load. Exit status 1 where a bound is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

MOST_GB, MOST_CHANGE = 2.0, 0.20
"""Bounds of issue 4."""

_LOOK = 0.25
"""Between two looks [s]."""

_THOUSAND = 1000

_ROUNDS = 10

_SUITE = """
id: short
version: 1
map:
  kind: lanes
  lanes:
    - {{kind: straight, from: a, to: b, start: [0, 4], end: [600, 4], speed_limit: 30}}
    - {{kind: straight, from: a, to: b, start: [0, 0], end: [600, 0], speed_limit: 30}}
ego: {{kind: stack, lane: [a, b, 1], s: 20, speed: 15}}
actors:
  - {{kind: idm, name: lead, lane: [a, b, 1], s: 80, speed: 8}}
  - {{kind: idm, name: beside, lane: [a, b, 0], s: 30, speed: 14}}
time_limit: 2
rates: {{physics: 20, control: 20, plan: 10}}
count: {count}
vary:
  ego.speed: {{uniform: [5, 25]}}
  actors.lead.s: {{uniform: [50, 120]}}
  map.lanes.1.end: {{choice: [[600, 0], [601, 0], [602, 0], [603, 0], [604, 0]]}}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen.

    Attributes:
        scenarios: of the run. seconds: of the whole. peak_gb: of all processes together.
        peak_parent_gb: of the first one. first_rate, last_rate: scenarios a second
        by the clock. first_cpu_rate, last_cpu_rate: a second of processor time.
    """

    scenarios: int
    seconds: float
    peak_gb: float
    peak_parent_gb: float
    first_rate: float
    last_rate: float
    first_cpu_rate: float
    last_cpu_rate: float

    def holds(self) -> bool:
        """Whether the bounds are kept."""
        change = abs(self.last_cpu_rate / self.first_cpu_rate - 1.0)
        return self.peak_gb <= MOST_GB and change <= MOST_CHANGE


def watched(suite: Path, out: Path, given: argparse.Namespace) -> Found:
    """Run a suite and look at the processes until they end."""
    words = ["--workers", given.workers, "--batch", given.batch, *_driver(given)]
    command = [sys.executable, "-m", "drivestack", "run", str(suite), "--out", str(out), *words]
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = peak_parent = 0
    seen: list[_Look] = []
    while child.poll() is None:
        sizes = _sizes(child.pid)
        peak, peak_parent = max(peak, sum(sizes)), max(peak_parent, sizes[0] if sizes else 0)
        done = _sealed(out / "journal.jsonl")
        if done is not None:
            seen.append(_Look(done, time.perf_counter(), _cpu_seconds(child.pid)))
        time.sleep(_LOOK)
    if child.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with status {child.returncode}")
    seconds = time.perf_counter() - begin
    total = json.loads((out / "manifest.json").read_text())["scenarios"]
    loaded = 2 * int(given.batch) * int(given.workers)
    first = _between(seen, loaded, loaded + _THOUSAND)
    last = _between(seen, total - _THOUSAND, total)
    rates = [p.done / s for p, s in ((first, first.wall), (last, last.wall))]
    rates += [p.done / s for p, s in ((first, first.cpu), (last, last.cpu))]
    return Found(total, seconds, peak / 1e9, peak_parent / 1e9, *rates)


def _in_rounds(suite: Path, folder: Path) -> str:
    """A suite of files with counts, in rounds; each has copies of the files, with own ids."""
    lines = [f"suite: {suite.stem}-in-rounds", "version: 1", "scenarios:"]
    for number in range(_ROUNDS):
        for entry in yaml.safe_load(suite.read_text())["scenarios"]:
            copy = folder / f"round{number}" / Path(entry["file"]).name
            copy.parent.mkdir(exist_ok=True)
            text = (suite.parent / entry["file"]).read_text()
            copy.write_text(re.sub(r"(?m)^id: (\S+)", rf"id: \1-{number}", text, count=1))
            count = -(-entry["count"] // _ROUNDS)
            lines.append(f"- {{file: {copy.relative_to(folder)}, count: {count}, seeds: {number}}}")
    return "\n".join(lines) + "\n"


def _sealed(journal: Path) -> int | None:
    """Episodes that a journal says are sealed; None before it begins."""
    try:
        lines = journal.read_bytes().split(b"\n")[1:-1]
    except OSError:
        return None
    return sum(json.loads(line)["episodes"] for line in lines)


def _driver(given: argparse.Namespace) -> list[str]:
    return ["--stack", given.stack, "--controller", given.controller]


@dataclass(frozen=True, slots=True)
class _Look:
    """How many are sealed, at which time [s], after how much work of all processes [s]."""

    done: int
    wall: float
    cpu: float


def _between(seen: list[_Look], start: int, end: int) -> _Look:
    """What lies between two counts, by the first look at which each was reached."""
    first = next(look for look in seen if look.done >= start)
    last = next((look for look in seen if look.done >= end), seen[-1])
    return _Look(last.done - first.done, last.wall - first.wall, last.cpu - first.cpu)


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        below = [int(word) for task in tasks for word in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(other for child in below for other in _tree(child))]


def _sizes(pid: int) -> list[int]:
    """Resident memory [bytes] of a process and all below it."""
    found = []
    for process in _tree(pid):
        with contextlib.suppress(OSError):
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
            found.append(pages * os.sysconf("SC_PAGE_SIZE"))
    return found


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process and all below it."""
    ticks = 0
    for process in _tree(pid):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(words[11]) + int(words[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", nargs="?", type=Path)
    parser.add_argument("--scenarios", type=int, default=10_000)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--batch", default="32")
    parser.add_argument("--stack", default="idm")
    parser.add_argument("--controller", default="pid")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        own, warm = Path(place) / "suite.yaml", Path(place) / "warm.yaml"
        whole = _SUITE.format(count=given.scenarios)
        own.write_text(_in_rounds(given.suite, own.parent) if given.suite else whole)
        warm.write_text(_SUITE.format(count=2))
        once = [sys.executable, "-m", "drivestack", "run", str(warm), "--out", f"{place}/warm"]
        subprocess.run([*once, *_driver(given)], stdout=subprocess.DEVNULL, check=True)
        found = watched(own, Path(place) / "run", given)
    if given.json:
        print(json.dumps(asdict(found)))
    else:
        for name, value in asdict(found).items():
            print(f"{name:16}{value:12,.3f}")
        print("within the bounds" if found.holds() else "a bound is missed")
    return 0 if found.holds() else 1


if __name__ == "__main__":
    sys.exit(main())
