"""Every head in the averaging trap: does it steer into the obstacle, as the mean of drivers does?

    python tools/lab/averaging_trap.py [--json] [--figure FILE.svg] [--seeds 3] [--steps 3000]

Prints a table, or the result as JSON; tools/lab/README.md describes its keys.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from drivestack.behavior.heads import Head, Sizes
from drivestack.core.rng import stream
from tools.lab.training import batches, trained
from tools.lab.traps import Trap, quantiles

SIZES = Sizes(
    condition=1, chunk=1, hidden=64, layers=3, embedded=64, components=2, bins=80, reach=2.0
)
"""Small networks suffice for one number; a bin is 1 degree wide."""

RATE = 3e-3
"""Of training so small a network (our choice)."""

SAMPLES = 100_000


def learned(name: str, seed: int, steps: int, components: int = 2) -> Head:
    """A head trained in the trap."""
    sizes = replace(SIZES, components=components)
    return trained(name, sizes, batches(Trap(1)), steps, seed, rows=250, rate=RATE)


def angles(head: Head, samples: int = SAMPLES) -> NDArray[np.float64]:
    """What it says, of stratified noise [degrees]."""
    even, draw = quantiles(samples), stream("averaging trap")
    noise = np.stack([draw.permutation(even) for _ in range(head.width)], axis=-1)
    with torch.inference_mode():
        said = head.sample(torch.zeros(1, 1), torch.tensor(noise[None], dtype=torch.float32))
    return Trap(1).angle(said[0, :, 0].double().numpy())
