"""A trained flow on chunks: ten waypoints past an obstacle, 60 of 100 to the left.

    python tools/lab/swerve.py [--json] [--quick] [--out runs/lab]

What solvers make of a learned field, where `samplers.py` has the exact one: flow and shortcut
training, each by its solvers and calls; the reference notes on learning (section 4.3) have the same
table of another network. A chunk passes where masses are within 0.04, at most 3 % are in the
valley, the energy distance is at most four times that of two samples of drivers, and the roughness
within 10 % of theirs. Negative control: one call of Euler fails. Three seeds, six minutes.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from scipy.spatial.distance import cdist

from drivestack.behavior.heads import Head
from drivestack.behavior.heads.flow import Flow
from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, torch
from drivestack.report.markdown import table
from tools.lab.command import Experiment, Result, main
from tools.lab.figure import Line, Panel
from tools.lab.training import trained
from tools.lab.traps import SHARE, Floats

POINTS, ASIDE = 10, 3.5
"""Waypoints of 0.4 s, and how far to the side a swerve goes [m]: a lane."""

SIZES = Sizes(condition=1, chunk=2 * POINTS, hidden=256, layers=3, embedded=64)

SPEED, SPEEDS, WIDTHS, BUMPS = 10.0, 1.0, 0.15, 0.025
"""Mean and spread of speeds [m/s], spread of swerves [m], of each waypoint [m] (our choice)."""

ASKED = [
    ("flow", "euler", 1.0, 1),
    ("flow", "euler", 1.0, 2),
    ("flow", "euler", 1.0, 4),
    ("flow", "ab2e", 1.0, 4),
    ("flow", "ab2e", 1.5, 4),
    ("flow", "ab2", 1.5, 4),
    ("flow", "midpoint", 1.5, 4),
    ("flow", "ab2e", 1.5, 6),
    ("flow", "euler", 1.0, 10),
    ("flow", "euler", 1.0, 50),
    ("shortcut", "euler", 1.0, 1),
    ("shortcut", "euler", 1.0, 2),
    ("shortcut", "euler", 1.0, 4),
]
"""Training, solver, exponent of the grid, calls."""

SAMPLES, SEEDS, STEPS = 4_000, (0, 1, 2), 2_000


def drivers(count: int, draw: torch.Generator, obstacle: Tensor) -> Tensor:
    """Waypoints (B, 20): longitudinal, then lateral [m]; straight on where nothing is ahead."""
    share = torch.arange(1, POINTS + 1) / POINTS
    speed = SPEED + SPEEDS * torch.randn((count, 1), generator=draw)
    left = torch.rand((count, 1), generator=draw) < SHARE
    aside = torch.where(left, ASIDE, -ASIDE) + WIDTHS * torch.randn((count, 1), generator=draw)
    smooth = share**2 * (3.0 - 2.0 * share)
    bumps = BUMPS * torch.randn((count, POINTS), generator=draw)
    lateral = torch.where(obstacle, aside, 0.0) * smooth + bumps
    return torch.cat((0.4 * POINTS * speed * share, lateral), dim=-1)


def scale() -> tuple[Tensor, Tensor]:
    """Mean and deviation of each number over both conditions."""
    draw = torch.Generator().manual_seed(-1)
    chunk = drivers(20_000, draw, torch.arange(20_000)[:, None] % 2 == 0)
    return chunk.mean(0), chunk.std(0)


def learned(name: str, seed: int, steps: int) -> Head:
    """A head trained on both conditions."""
    mean, deviation = scale()

    def batch(count: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        obstacle = torch.arange(count)[:, None] % 2 == 0
        return obstacle.float(), (drivers(count, draw, obstacle) - mean) / deviation

    return trained(name, SIZES, batch, steps, seed)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of chunks that were said where an obstacle is ahead."""

    left: float
    right: float
    valley: float
    energy_distance: float
    roughness: float
    floor: float
    driven: float

    @property
    def passes(self) -> bool:
        """The gate of the reference notes, section 4.3."""
        return (
            max(abs(self.left - SHARE), abs(self.right - 1.0 + SHARE)) <= 0.04
            and self.valley <= 0.03
            and self.energy_distance <= 4.0 * self.floor
            and abs(self.roughness / self.driven - 1.0) <= 0.1
        )


def judged(head: Head, seed: int, samples: int = SAMPLES) -> Judgement:
    """Of fresh noise, against drivers."""
    draw = torch.Generator().manual_seed(1_000 + seed)
    noise = torch.randn((1, samples, SIZES.chunk), generator=draw)
    ahead = torch.ones((samples, 1), dtype=torch.bool)
    mean, deviation = scale()
    with torch.inference_mode():
        said = head.sample(torch.ones(1, 1), noise)[0]
    one, other = ((drivers(samples, draw, ahead) - mean) / deviation for _ in range(2))
    end = (said * deviation + mean)[:, -1]
    return Judgement(
        float((end > ASIDE / 2.0).double().mean()),
        float((end < -ASIDE / 2.0).double().mean()),
        float((end.abs() <= ASIDE / 2.0).double().mean()),
        _distance(said.numpy(), one.numpy()),
        _roughness(said * deviation + mean),
        _distance(other.numpy(), one.numpy()),
        _roughness(one * deviation + mean),
    )


def _distance(one: Floats, other: Floats) -> float:
    """Energy distance of the samples themselves: two of the same drivers are not at 0 either."""
    both, own, others = (cdist(*pair).mean() for pair in ((one, other), (one, one), (other, other)))
    return float(2.0 * both - own - others)


def _roughness(chunk: Tensor) -> float:
    """Mean absolute second difference of the lateral offset [m]."""
    return float(chunk[:, POINTS:].diff(n=2).abs().mean())


def measure(quick: bool) -> Result:
    """Train each kind with each seed, sample in every way."""
    seeds, steps = ((0,), 20) if quick else (SEEDS, STEPS)
    cells: dict[tuple[Any, ...], list[Judgement]] = {cell: [] for cell in ASKED}
    for seed in seeds:
        for name in ("flow", "shortcut"):
            head = learned(name, seed, steps)
            assert isinstance(head, Flow)
            for cell in [cell for cell in ASKED if cell[0] == name]:
                _, head.solver, head.power, head.calls = cell
                cells[cell].append(judged(head, seed, 300 if quick else SAMPLES))
    rows = []
    for (name, solver, power, calls), found in cells.items():
        each = [{**asdict(one), "passes": one.passes} for one in found]
        cell = {"training": name, "solver": solver, "power": power, "calls": calls}
        means = {key: float(np.mean([one[key] for one in each])) for key in each[0]}
        passed = sum(one.passes for one in found)
        rows.append({**cell, **means, "passes": passed, "by_seed": each})
    return {"rows": rows, "seeds": list(seeds), "steps": steps}


def tables(result: Result) -> str:
    """One row a way to sample; means over seeds."""
    heads = ["training", "solver", "p", "calls", "left", "right", "valley", "energy distance",
             "roughness [m]", "seeds that pass"]  # fmt: skip
    rows = [
        [
            row["training"], row["solver"], row["power"], row["calls"], f"{row['left']:.3f}",
            f"{row['right']:.3f}", f"{row['valley']:.4f}", f"{row['energy_distance']:.4f}",
            f"{row['roughness']:.3f}", f"{row['passes']} of {len(row['by_seed'])}",
        ]
        for row in result["rows"]
    ]  # fmt: skip
    first = result["rows"][0]
    told = f"Drivers among themselves: energy distance {first['floor']:.4f}, roughness"
    return f"{table(heads, rows)}\n\n{told} {first['driven']:.3f} m."


def panels(result: Result) -> list[Panel]:
    """Valley and distance by calls."""
    found = []
    for key, title in (("valley", "share in the valley"), ("energy_distance", "energy distance")):
        lines = []
        for training, solver, power in dict.fromkeys(cell[:3] for cell in ASKED):
            rows = [
                row
                for row in result["rows"]
                if (row["training"], row["solver"], row["power"]) == (training, solver, power)
            ]
            name = f"{solver} p={power:g}" if training == "flow" else training
            lines.append(Line(name, [row["calls"] for row in rows], [row[key] for row in rows]))
        found.append(Panel(title, "calls", "", lines, log=True))
    return found


EXPERIMENT = Experiment("swerve", __doc__ or "", measure, tables, panels)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
