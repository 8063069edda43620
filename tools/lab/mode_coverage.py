"""How many candidates it takes to see a mode: the bank of noise against independent draws.

    python tools/lab/mode_coverage.py [--json] [--quick] [--out runs/lab]

A mode of chance p is a half-space of the noise, whose direction nobody knows: 2,000 directions are
tried, and for the default sampler on the exact field the two modes of the trap. K independent draws
see it with 1 - (1 - p)^K; pairs of opposite sign with 1 - (1 - 2 p)^(K / 2). Negative control: a
bank whose rows are all alike sees with p, whatever K.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import NormalDist

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.noise import bank
from drivestack.behavior.sampling import ab2e, integrate
from drivestack.core.rng import stream
from drivestack.report.markdown import table
from tools.lab.command import Experiment, Result, main
from tools.lab.figure import Line, Panel
from tools.lab.traps import RIGHT, VALLEY, Trap

WIDTH = 20
"""Numbers of a chunk."""

COUNTS = 2, 4, 8, 16, 32, 64
CHANCES = 0.4, 0.2, 0.1, 0.05

Floats = NDArray[np.float64]


def seen(noise: Floats, chance: float, ways: Floats) -> float:
    """Share of directions in which a mode of this chance gets a candidate."""
    edge = NormalDist().inv_cdf(1.0 - chance)
    return float(((ways @ noise.T).max(axis=1) > edge).mean())


def both_modes(noise: Floats) -> bool:
    """Whether the default sampler says left and right, on the exact field of the trap."""
    trap = Trap(WIDTH)
    angle = trap.angle(integrate(trap.velocity, noise, ab2e(4, 1.5)) @ trap.axis)
    edge = VALLEY * 2.0 * RIGHT
    return bool((angle < -edge).any() and (angle > edge).any())


def measure(quick: bool) -> Result:
    """Shares of many banks, of the bank in use, of independent draws, of the control."""
    banks, count = (5, 500) if quick else (40, 2_000)
    ways = stream("mode coverage", "ways").standard_normal((count, WIDTH))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    rows = []
    for k in COUNTS:
        stratified = [bank(k, WIDTH, f"mode coverage {n}") for n in range(banks)]
        drawn = [stream("mode coverage", n).standard_normal((k, WIDTH)) for n in range(banks)]
        alike = [np.repeat(noise[:1], k, axis=0) for noise in drawn]
        both = {
            "both_bank": float(np.mean([both_modes(noise) for noise in stratified])),
            "both_drawn": float(np.mean([both_modes(noise) for noise in drawn])),
        }
        for chance in CHANCES:
            shares = {
                name: float(np.mean([seen(noise, chance, ways) for noise in noises]))
                for name, noises in (("bank", stratified), ("drawn", drawn), ("alike", alike))
            }
            expected = 1.0 - (1.0 - chance) ** k
            paired = 1.0 - (1.0 - 2.0 * chance) ** (k // 2)
            in_use = seen(bank(k, WIDTH), chance, ways)
            rows.append({"candidates": k, "chance": chance, "independent": expected,
                         "paired": paired, "in_use": in_use, **shares, **both})  # fmt: skip
    return {"rows": rows, "banks": banks, "ways": count}


def tables(result: Result) -> str:
    """One row for each number of candidates and chance."""
    heads = ["K", "p", "1 - (1 - p)^K", "drawn", "1 - (1 - 2p)^(K/2)", "bank", "bank in use",
             "alike (control)", "both modes of the trap: bank", "drawn"]  # fmt: skip
    keys = "independent", "drawn", "paired", "bank", "in_use", "alike", "both_bank", "both_drawn"
    rows = [
        [row["candidates"], row["chance"], *(f"{row[key]:.3f}" for key in keys)]
        for row in result["rows"]
    ]
    return table(heads, rows)


def panels(result: Result) -> list[Panel]:
    """One for each chance."""
    found = []
    for chance in CHANCES:
        rows = [row for row in result["rows"] if row["chance"] == chance]
        counts = [row["candidates"] for row in rows]
        lines = [
            Line(name, counts, [row[key] for row in rows], broken)
            for name, key, broken in (
                ("bank", "bank", False),
                ("drawn", "drawn", False),
                ("all alike", "alike", False),
                ("independent", "independent", True),
                ("in pairs", "paired", True),
            )
        ]
        title = f"A mode of chance {chance} is seen"
        found.append(Panel(title, "candidates", "share of directions", lines, log=True))
    return found


EXPERIMENT = Experiment("mode_coverage", __doc__ or "", measure, tables, panels)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
