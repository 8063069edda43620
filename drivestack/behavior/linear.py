"""A linear layer whose bits do not depend on how many rows it is given (torch)."""

from __future__ import annotations

from drivestack.behavior.torch_setup import Tensor, functional, nn

FEWEST = 4
"""Rows below which MKL multiplies in another way even where it is strict; the contract test over
batches of 1 to 96 says that this is enough."""


class Linear(nn.Linear):
    """As torch's; fewer rows than `FEWEST` are multiplied as so many."""

    def forward(self, input: Tensor) -> Tensor:
        """(..., out) of (..., in)."""
        count = input.numel() // self.in_features
        if count >= FEWEST:
            return super().forward(input)
        rows = functional.pad(input.reshape(count, self.in_features), (0, 0, 0, FEWEST - count))
        return super().forward(rows)[:count].reshape(*input.shape[:-1], self.out_features)
