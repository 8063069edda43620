"""What a planner in its own process costs, and by how much ticks wait longer than its deadline.

    python tools/bench/planner_process.py [--kills 30] [--json]

The worst wait is that of `plan` itself, faults included: killed, stopped and started processes. It
is the deadline plus what packing, starting a process and the system's scheduler take.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import time

import numpy as np

from drivestack.core.start import Rates
from drivestack.core.types import Observation
from drivestack.safety.faults import Fault
from drivestack.stack import STACKS, Setup
from drivestack.stack.planners import pdm15
from drivestack.stack.remote import Patience, RemotePlanner
from tests.scenes import no_goal, observation, two_lanes

DEADLINE = 0.05
ROAD = two_lanes()


def seen(tick: int) -> Observation:
    """A car that follows another one."""
    x = 50.0 + 0.5 * (tick % 900)
    return observation([ROAD], [(x, 0.0, 0.0, 10.0)], [np.array([[x + 60.0, 0, 0, 9.0]])], tick)


def timed(planner: object, ticks: int, disturb: object = None) -> list[float]:
    """Wall times of `plan` [s]."""
    memory = STACKS["pdm15"](Setup(Rates(20, 20, 10))).start(1, no_goal(1))
    taken = []
    for tick in range(ticks):
        if disturb is not None:
            disturb(planner, tick)  # pyright: ignore
        faults = np.zeros((1, len(Fault)), np.bool_)
        begin = time.perf_counter()
        asked = seen(tick), memory.goal, memory.route, memory.plan
        planner.plan(*asked, faults, {})  # pyright: ignore
        taken.append(time.perf_counter() - begin)
        time.sleep(0.01)
    return taken


def main() -> None:
    """Print times in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    inline = timed(pdm15(), 60)[10:]
    planner = RemotePlanner("drivestack.stack.planners:pdm15", Patience(DEADLINE))
    apart = timed(planner, 60)[10:]
    draw, done = random.Random(0), [0]

    def disturb(planner: RemotePlanner, tick: int) -> None:
        ready = planner.pid is not None and tick % 40 == 39
        if ready and done[0] < chosen.kills:
            os.kill(planner.pid, draw.choice([signal.SIGKILL, signal.SIGSTOP]))  # pyright: ignore
            done[0] += 1

    hurt = timed(planner, 40 * chosen.kills + 100, disturb)
    found = {
        "inline_p50_ms": 1e3 * float(np.median(inline)),
        "process_p50_ms": 1e3 * float(np.median(apart)),
        "process_p99_ms": 1e3 * float(np.quantile(apart, 0.99)),
        "deadline_ms": 1e3 * DEADLINE,
        "worst_wait_ms": 1e3 * max(hurt),
        "disturbed": done[0],
        "faults": {fault.name.lower(): count for fault, count in planner.faults.items()},
    }
    if chosen.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name}: {value if isinstance(value, dict) else round(value, 2)}")


if __name__ == "__main__":
    main()
