"""What a plan's candidates cost by every head: 16 of 20 numbers each, one scenario and 32.

    python tools/lab/head_latency.py [--json] [--quick] [--out runs/lab]

One thread, the head alone: encoder, roll-out and scorer are not in it. `calls`: of the network.
Wall clock; the median of many. Negative control: `flow50`, the same flow in 50 calls, has to cost
several times as much, or the clock measures something else.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from drivestack.behavior.heads import HEADS, Head, Sizes
from drivestack.behavior.noise import bank
from drivestack.behavior.torch_setup import SETTING, torch
from drivestack.report.markdown import table
from tools.bench.machine import machine
from tools.lab.command import Experiment, Result, main
from tools.lab.figure import Line, Panel

SIZES = Sizes(condition=128, chunk=20)
"""As the behavior planner uses them."""

CANDIDATES, BATCHES = 16, (1, 32)


def timed(head: Head, batch: int, repeats: int) -> dict[str, float]:
    """Milliseconds of `sample`, median and 99th percentile."""
    draw = torch.Generator().manual_seed(0)
    condition = torch.randn((batch, SIZES.condition), generator=draw)
    noise = torch.tensor(bank(CANDIDATES, head.width), dtype=torch.float32).repeat(batch, 1, 1)
    found = []
    with torch.inference_mode():
        for _ in range(repeats + 3):
            start = time.perf_counter()
            head.sample(condition, noise)
            found.append(1e3 * (time.perf_counter() - start))
    p50, p99 = np.percentile(found[3:], (50, 99))
    return {"p50_ms": float(p50), "p99_ms": float(p99), "per_scenario_ms": float(p50) / batch}


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
    heads = ["head", "parameters", "calls", "B", "p50 [ms]", "p99 [ms]", "a scenario [ms]"]
    rows = [
        [row["head"], f"{row['parameters']:,}", row["calls"], row["batch"],
         f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['per_scenario_ms']:.3f}"]
        for row in result["rows"]
    ]  # fmt: skip
    told = f"{result['candidates']} candidates on {result['machine']}, MKL_CBWR={result['cbwr']}."
    return f"{table(heads, rows)}\n\n{told}"


def panels(result: Result) -> list[Panel]:
    """Cost over calls, each head a point."""
    found = []
    for batch in BATCHES:
        rows = [row for row in result["rows"] if row["batch"] == batch and row["calls"] < 50]
        lines = [Line(row["head"], [row["calls"]], [row["per_scenario_ms"]]) for row in rows]
        title = f"{CANDIDATES} candidates, B = {batch}"
        found.append(Panel(title, "calls", "ms a scenario", lines, log=True))
    return found


EXPERIMENT = Experiment("head_latency", __doc__ or "", measure, tables, panels)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
