"""Solvers on a perfect flow: which keep the modes' mass, the valley empty, the spread right?

    python tools/lab/samplers.py [--json] [--quick] [--out runs/lab]

Euler, midpoint, AB2 and AB2E by calls, for one number and for a chunk of 20, on the exact field of
the averaging trap: whatever is wrong is the solver's. Negative controls: one call of Euler is the
mean whatever the noise; AB2 and midpoint without Euler's last step keep the mass and widen the
modes. Chunks are carried along the axis of the modes, which is exact.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from drivestack.behavior.sampling import SOLVERS, integrate
from drivestack.core.rng import stream
from drivestack.report.markdown import table
from tools.lab.command import Experiment, Result, main
from tools.lab.figure import Line, Panel
from tools.lab.traps import Trap, apart, energy_distance, quantiles, shares

CALLS = 1, 2, 3, 4, 6, 8, 10
"""Of the field for a candidate; 50 more of Euler as the reference."""

PROBLEMS = {"one": (1, 1.0), "chunk": (20, 1.5)}
"""Numbers of a candidate, and the exponent of the grid that suits them."""


def point(trap: Trap, solver: str, power: float, calls: int, samples: int) -> dict[str, Any]:
    """One cell of the table."""
    taken = SOLVERS[solver](calls, power)
    place = integrate(trap.along, quantiles(samples), taken)
    angle = trap.angle(place)
    went = shares(angle)
    noise = stream("samplers", trap.width).standard_normal((samples // 50, trap.width))
    chunks = integrate(trap.velocity, noise, taken)
    across = chunks - (chunks @ trap.axis)[:, None] * trap.axis
    return {
        "solver": solver, "power": power, "calls": calls, "left": went.left, "right": went.right,
        "valley": went.valley, "rms": trap.off(place), "w1_deg": apart(angle),
        "across": float(np.sqrt((across**2).sum() / samples * 50 / max(trap.width - 1, 1))),
        "energy_distance": energy_distance(chunks, trap.chunks(samples // 50, "samplers")),
    }  # fmt: skip


def measure(quick: bool) -> Result:
    """All solvers that take so many calls."""
    samples, every = (20_000, (1, 2, 4)) if quick else (200_000, CALLS)
    found: Result = {"samples": samples, "spread": Trap(1).spread}
    for problem, (width, power) in PROBLEMS.items():
        trap = Trap(width)
        asked = [
            (solver, p, calls)
            for solver in SOLVERS
            for p in sorted({1.0, power})
            for calls in every
            if solver != "midpoint" or calls % 2 == 0
        ]
        found[problem] = [point(trap, *cell, samples) for cell in [*asked, ("euler", 1.0, 50)]]
    return found


def tables(result: Result) -> str:
    """One table a problem."""
    heads = ["solver", "p", "calls", "left", "right", "valley", "rms", "across", "distance [°]",
             "energy distance"]  # fmt: skip
    parts = []
    for problem, (width, _) in PROBLEMS.items():
        rows = [
            [
                cell["solver"], cell["power"], cell["calls"], f"{cell['left']:.3f}",
                f"{cell['right']:.3f}", f"{cell['valley']:.4f}", f"{cell['rms']:.3f}",
                f"{cell['across']:.4f}" if width > 1 else "-", f"{cell['w1_deg']:.2f}",
                f"{cell['energy_distance']:.3f}",
            ]
            for cell in result[problem]
        ]  # fmt: skip
        name = "One number" if width == 1 else f"A chunk of {width} numbers"
        parts.append(f"**{name}**\n\n{table(heads, rows)}")
    spread = f"{result['spread']:.3f}"
    told = "`rms`: distance to the nearer mode along the axis; `across`: spread beside it; "
    return "\n\n".join([*parts, f"{told}both are {spread} in truth."])


def panels(result: Result) -> list[Panel]:
    """Mass, valley and spread by calls."""
    found = []
    for problem, (width, power) in PROBLEMS.items():
        for key, title in (("left", "mass of the left mode"), ("valley", "share in the valley"),
                           ("rms", "distance to the nearer mode")):  # fmt: skip
            lines = []
            for solver in SOLVERS:
                cells = [
                    cell
                    for cell in result[problem]
                    if cell["solver"] == solver and cell["power"] == power and cell["calls"] <= 10
                ]
                calls = [cell["calls"] for cell in cells]
                lines.append(Line(solver, calls, [cell[key] for cell in cells]))
            right = {"left": 0.6, "valley": 0.0, "rms": result["spread"]}[key]
            lines.append(Line("truth", [1, 10], [right, right], broken=True))
            found.append(Panel(f"D = {width}, p = {power}: {title}", "calls", "", lines))
    return found


EXPERIMENT = Experiment("samplers", __doc__ or "", measure, tables, panels)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
