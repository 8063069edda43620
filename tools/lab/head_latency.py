"""What a plan's candidates cost by every head: 16 of 20 numbers each, one scenario and 32.

    python tools/lab/head_latency.py [--json] [--quick] [--out runs/lab]

One thread, the head alone: encoder, roll-out and scorer are not in it. `calls`: of the network.
CPU time, which other programs on the machine change little; the clock on the wall stands beside it.
Negative control: `flow50`, the same flow in 50 calls, has to cost several times as much, or the
clock measures something else.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from drivestack.behavior.heads import HEADS, Head
from drivestack.behavior.noise import bank
from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import SETTING, torch
from drivestack.report.markdown import table
from tools.bench.machine import machine
from tools.lab.command import Experiment, Result, main
from tools.lab.figure import Line, Panel

SIZES = Sizes(condition=128, chunk=20)
"""As the behavior planner uses them."""

CANDIDATES, BATCHES = 16, (1, 32)


KEYS = "cpu_p50_ms", "cpu_per_scenario_ms", "wall_p50_ms", "wall_p99_ms"


def timed(head: Head, batch: int, repeats: int) -> dict[str, float]:
    """Milliseconds of `sample`: median by both clocks, 99th percentile by that on the wall."""
    draw = torch.Generator().manual_seed(0)
    condition = torch.randn((batch, SIZES.condition), generator=draw)
    noise = torch.tensor(bank(CANDIDATES, head.width), dtype=torch.float32).repeat(batch, 1, 1)
    found = []
    with torch.inference_mode():
        for _ in range(repeats + 3):
            wall, cpu = time.perf_counter(), time.process_time()
            head.sample(condition, noise)
            found.append((time.process_time() - cpu, time.perf_counter() - wall))
    cpu, wall = 1e3 * np.array(found[3:]).T
    p50 = float(np.median(cpu))
    walls = {"wall_p50_ms": float(np.median(wall)), "wall_p99_ms": float(np.percentile(wall, 99))}
    return {"cpu_p50_ms": p50, "cpu_per_scenario_ms": p50 / batch, **walls}


def measure(quick: bool) -> Result:
    """Every head, and the flow in 50 calls."""
    repeats = 12 if quick else 400
    rows = []
    for name in (*HEADS, "flow50"):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            head = HEADS[name.removesuffix("50")](SIZES)
        if name == "flow50":
            head.calls = 50
        calls = SIZES.chunk if name == "autoregressive" else head.calls
        parameters = sum(part.numel() for part in head.parameters())
        for batch in BATCHES:
            times = timed(head, batch, repeats if batch == 1 else repeats // 4)
            rows.append({"head": name, "batch": batch, "calls": calls,
                         "parameters": parameters, **times})  # fmt: skip
    told = {"machine": machine(), "cbwr": os.environ[SETTING]}
    return {"rows": rows, "candidates": CANDIDATES, **told}


def tables(result: Result) -> str:
    """One row for each head and batch."""
    heads = ["head", "parameters", "calls", "B", "CPU p50 [ms]", "a scenario [ms]",
             "wall p50 [ms]", "wall p99 [ms]"]  # fmt: skip
    rows = [
        [row["head"], f"{row['parameters']:,}", row["calls"], row["batch"],
         *(f"{row[key]:.2f}" if "per" not in key else f"{row[key]:.3f}" for key in KEYS)]
        for row in result["rows"]
    ]  # fmt: skip
    told = f"{result['candidates']} candidates on {result['machine']}, MKL_CBWR={result['cbwr']}."
    return f"{table(heads, rows)}\n\n{told}"


def panels(result: Result) -> list[Panel]:
    """Cost over calls, each head a point."""
    found = []
    for batch in BATCHES:
        rows = [row for row in result["rows"] if row["batch"] == batch and row["calls"] < 50]
        lines = [Line(row["head"], [row["calls"]], [row["cpu_per_scenario_ms"]]) for row in rows]
        title = f"{CANDIDATES} candidates, B = {batch}"
        found.append(Panel(title, "calls", "CPU ms a scenario", lines, log=True))
    return found


EXPERIMENT = Experiment("head_latency", __doc__ or "", measure, tables, panels)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
