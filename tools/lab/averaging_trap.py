"""Every head in the averaging trap: does it steer into the obstacle, as the mean of drivers does?

    python tools/lab/averaging_trap.py [--json] [--quick] [--out runs/lab]

60 of 100 drivers steer -20 degrees, 40 steer +20, each with a spread of 1 degree; abs(angle) <= 10
is the valley, where the obstacle is. The negative control is `euler1`: the flow that passes, asked
once by Euler, which returns the mean. Three seeds and two minutes; tools/lab/README.md describes
the JSON.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.heads import HEADS, Head
from drivestack.behavior.heads.flow import Flow
from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import torch
from drivestack.core.rng import stream
from drivestack.report.markdown import table
from tools.lab.command import Experiment, Result, main
from tools.lab.figure import Line, Panel
from tools.lab.training import batches, trained
from tools.lab.traps import Trap, apart, drivers, quantiles, shares

SIZES = Sizes(
    condition=1, chunk=1, hidden=64, layers=3, embedded=64, components=2, bins=80, reach=2.0
)
"""Small networks suffice for one number; a bin is 1 degree wide."""

RATE = 3e-3
"""Of training so small a network (our choice)."""

SAMPLES = 100_000
"""Candidates, of stratified noise; quickly 20,000."""

SEEDS, STEPS = (0, 1, 2), 1_000
"""Of training, and quickly (0,) and 120."""

KEYS = "mean_deg", "sd_deg", "valley_share", "mass_left", "mass_right", "w1_deg"

EDGES = np.linspace(-30.0, 30.0, 61)
"""Of the histogram [degrees]."""


def learned(name: str, seed: int, steps: int, components: int = 2) -> Head:
    """A head trained in the trap; a flow to one number takes six calls on an even grid."""
    sizes = replace(SIZES, components=components)
    head = trained(name, sizes, batches(Trap(1)), steps, seed, rows=250, rate=RATE)
    if type(head) is Flow:
        head.calls, head.power = 6, 1.0
    return head


def angles(head: Head, samples: int = SAMPLES) -> NDArray[np.float64]:
    """What it says, of stratified noise [degrees]."""
    even, draw = quantiles(samples), stream("averaging trap")
    noise = np.stack([draw.permutation(even) for _ in range(head.width)], axis=-1)
    with torch.inference_mode():
        said = head.sample(torch.zeros(1, 1), torch.tensor(noise[None], dtype=torch.float32))
    return Trap(1).angle(said[0, :, 0].double().numpy())


def judged(said: Sequence[NDArray[np.float64]]) -> dict[str, Any]:
    """Means over seeds, each seed, and a histogram of all."""
    each = []
    for angle in said:
        went = shares(angle)
        values = angle.mean(), angle.std(), went.valley, went.left, went.right, apart(angle)
        each.append(dict(zip(KEYS, map(float, values), strict=True)))
    means = {key: float(np.mean([seed[key] for seed in each])) for key in KEYS}
    density = np.histogram(np.concatenate(said), EDGES)[0] / sum(map(len, said))
    return {**means, "by_seed": each, "histogram": density.tolist()}


def measure(quick: bool) -> Result:
    """Train every head with every seed."""
    seeds, steps, samples = ((0,), 120, 20_000) if quick else (SEEDS, STEPS, SAMPLES)
    found, once = {}, []
    for name in HEADS:
        heads = [learned(name, seed, steps) for seed in seeds]
        found[name] = judged([angles(head, samples) for head in heads])
        for head in heads:
            if type(head) is Flow:
                head.solver, head.calls = "euler", 1
                once.append(angles(head, samples))
        print(f"{name}: {found[name]['mean_deg']:.2f} degrees in the mean", file=sys.stderr)
    return {
        **found,
        "euler1": judged(once),
        "heads": found,
        "drivers": judged([drivers(samples)]),
        "edges_deg": EDGES.tolist(),
        "seeds": list(seeds),
        "steps": steps,
        "samples": samples,
    }


def tables(result: Result) -> str:
    """One row a head."""
    names = [*result["heads"], "euler1", "drivers"]
    rows = []
    for name in names:
        said = result[name]
        worst = max(seed["valley_share"] for seed in said["by_seed"])
        left = [seed["mass_left"] for seed in said["by_seed"]]
        rows.append([
            name, f"{said['mean_deg']:.2f}", f"{said['sd_deg']:.2f}", f"{said['mass_left']:.3f}",
            f"{min(left):.3f} to {max(left):.3f}", f"{said['mass_right']:.3f}",
            f"{said['valley_share']:.4f}", f"{worst:.4f}", f"{said['w1_deg']:.2f}",
        ])  # fmt: skip
    heads = ["head", "mean [°]", "sd [°]", "left", "of seeds", "right", "valley", "worst seed",
             "distance [°]"]  # fmt: skip
    return table(heads, rows)


def panels(result: Result) -> list[Panel]:
    """Histograms: what comes in one answer, what keeps both, and the control."""
    edges = np.array(result["edges_deg"])
    middle = (0.5 * (edges[:-1] + edges[1:])).tolist()

    def panel(title: str, names: Sequence[str]) -> Panel:
        lines = [
            Line(name, middle, result[name]["histogram"], broken=name == "drivers")
            for name in (*names, "drivers")
        ]
        return Panel(title, "steering [degrees]", "share a degree", lines, dots=False)

    return [
        panel("One answer: into the obstacle", ["gaussian", "euler1"]),
        panel("Closed form", ["mixture", "autoregressive"]),
        panel("Many small steps", ["diffusion", "flow"]),
        panel("Two calls", ["shortcut"]),
    ]


EXPERIMENT = Experiment("averaging_trap", __doc__ or "", measure, tables, panels)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
