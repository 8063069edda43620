"""The network of heads that answer in closed form: a residual perceptron of the condition."""

from __future__ import annotations

from drivestack.behavior.linear import Linear
from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, functional, nn


class Perceptron(nn.Module):
    """From conditions (..., C) to `said` numbers (..., said)."""

    def __init__(self, sizes: Sizes, said: int) -> None:
        super().__init__()
        self.first = Linear(sizes.condition, sizes.hidden)
        self.hidden = nn.ModuleList(
            Linear(sizes.hidden, sizes.hidden) for _ in range(sizes.layers - 1)
        )
        self.last = Linear(sizes.hidden, said)

    def forward(self, condition: Tensor) -> Tensor:
        """Of each row."""
        h = functional.silu(self.first(condition))
        for layer in self.hidden:
            h = h + functional.silu(layer(h))
        return self.last(h)
