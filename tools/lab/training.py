"""Trains a head on a problem of the lab: the small start of the reference notes, section 4.7."""

from __future__ import annotations

import copy
from collections.abc import Callable

from drivestack.behavior.heads import HEADS, Head
from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, torch
from tools.lab.traps import SHARE, Trap

Batch = Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
"""So many conditions (B, C) and chunks (B, D), drawn afresh."""


def batches(trap: Trap) -> Batch:
    """Drivers at a trap, exactly `SHARE` of them left; the condition says nothing."""
    axis = torch.tensor(trap.axis, dtype=torch.float32)

    def drawn(count: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        left = torch.arange(count)[:, None] < round(SHARE * count)
        noise = torch.randn((count, trap.width), generator=draw)
        return torch.zeros(count, 1), torch.where(left, *trap.modes) * axis + trap.spread * noise

    return drawn


RATE, CLIP, KEPT = 1e-3, 1.0, 0.999
"""AdamW's rate, falling to 0 as a cosine; the gradient's largest norm; of the moving average."""


def trained(
    name: str,
    sizes: Sizes,
    batch: Batch,
    steps: int,
    seed: int,
    rows: int = 512,
    rate: float = RATE,
) -> Head:
    """The moving average of a head's weights after training; the same bits for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = HEADS[name](sizes)
    average = copy.deepcopy(head).requires_grad_(False)
    draw = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(head.parameters(), rate)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(steps):
        condition, chunk = batch(rows, draw)
        optimizer.zero_grad()
        head.loss(condition, chunk, draw).mean().backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), CLIP)
        optimizer.step()
        falling.step()
        share = min(KEPT, (1.0 + step) / (10.0 + step))  # young averages forget quickly
        for kept, now in zip(average.parameters(), head.parameters(), strict=True):
            kept.lerp_(now.detach(), 1.0 - share)
    return average.eval()
