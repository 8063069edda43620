"""From tokens to the condition of a policy head (torch): encoded once a plan.

Sixteen latents, which begin as what they are and what the ego is, look at all tokens once and at
each other twice (Perceiver, 2103.03206): the cost grows with the tokens, not with their square.
What matters always, the ego and its route, also takes a short way past them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.torch_setup import Tensor, functional, nn, torch

from .linear import Linear
from .sizes import KINDS, Shape
from .tokens import ROUTE_POINTS, Ego, Point, Tokens

LEAST_SPREAD = 1e-3
"""A column that varies less was never seen to vary: nothing is learned of it. Our choice."""


class Given(NamedTuple):
    """`Tokens` as tensors."""

    ego: Tensor
    route: Tensor
    route_there: Tensor
    lanes: Tensor
    lanes_there: Tensor
    agents: Tensor
    agents_there: Tensor

    @classmethod
    def of(cls, tokens: Tokens) -> Self:
        """The same memory, which nobody writes to."""
        return cls(*(tensor_of(getattr(tokens, name)) for name in cls._fields))

    def rows(self, rows: Tensor) -> Given:
        """Those of some scenarios."""
        return Given(*(tensor[rows] for tensor in self))


def tensor_of(array: NDArray) -> Tensor:
    """An array as a tensor; a copy where nobody may write to it, of which torch would warn."""
    return torch.from_numpy(array if array.flags.writeable else array.copy())


Statistics = Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Mean and scale (one over the spread) of every column, by kind."""


def statistics_of(tokens: Tokens) -> Statistics:
    """Of the tokens that are there; what never varied has the scale 0."""
    found = {}
    for kind in KINDS:
        rows = getattr(tokens, kind)
        if kind != "ego":
            rows = rows[getattr(tokens, f"{kind}_there")]
        rows = rows if len(rows) else np.zeros((1, rows.shape[-1]), np.float32)
        mean, spread = rows.mean(0, dtype=np.float64), rows.std(0, dtype=np.float64)
        varies = spread > LEAST_SPREAD
        scale = np.where(varies, 1.0 / np.where(varies, spread, 1.0), 0.0)
        found[kind] = mean.astype(np.float32), scale.astype(np.float32)
    return found


class Attention(nn.Module):
    """Latents look at tokens, or at each other, and think about it; normalised beforehand."""

    def __init__(self, width: int, heads: int, shown: int) -> None:
        super().__init__()
        self.heads, self.scale = heads, (width // heads) ** -0.5
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.asks = Linear(width, width)
        self.shows = Linear(shown, 2 * width)
        self.says = Linear(width, width)
        self.wide, self.narrow = Linear(width, 2 * width), Linear(2 * width, width)

    def forward(self, latents: Tensor, tokens: Tensor | None, bias: Tensor | None) -> Tensor:
        """(B, L, W); tokens: (B, T, ·), None: the latents. bias: (B, 1, 1, T) of attention."""
        normal = self.before(latents)
        shown = normal if tokens is None else tokens
        asked = self._split(self.scale * self.asks(normal))
        keys, values = (self._split(half) for half in self.shows(shown).chunk(2, dim=-1))
        # torch's own attention takes twice as long for so few of them
        likeness = asked @ keys.transpose(-1, -2)
        share = (likeness if bias is None else likeness + bias).softmax(-1)
        latents = latents + self.says((share @ values).transpose(1, 2).flatten(2))
        return latents + self.narrow(functional.silu(self.wide(self.between(latents))))

    def _split(self, rows: Tensor) -> Tensor:
        """(B, heads, ·, W / heads)."""
        return rows.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class Encoder(nn.Module):
    """Tokens to a condition (B, C)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, width, tokens = shape, shape.width, shape.tokens
        for kind, columns in KINDS.items():
            self.register_buffer(f"{kind}_mean", torch.zeros(columns))
            self.register_buffer(f"{kind}_scale", torch.zeros(columns))
        self.take = nn.ModuleDict({kind: Linear(n, tokens) for kind, n in KINDS.items()})
        self.mix, self.even = Linear(tokens, tokens), nn.LayerNorm(tokens)
        self.latents = nn.Parameter(torch.randn(shape.latents, width))
        self.begin = Linear(tokens, width)
        self.look = Attention(width, shape.heads, tokens)
        self.think = nn.ModuleList(
            Attention(width, shape.heads, width) for _ in range(shape.layers)
        )
        self.said = Linear(width, shape.said)
        self.whole = Linear(shape.said * shape.latents, shape.condition)
        self.short_ego = Linear(len(Ego), shape.condition, bias=False)
        self.short_route = Linear(ROUTE_POINTS * len(Point), shape.condition, bias=False)

    def normalise(self, statistics: Statistics) -> None:
        """Take the statistics of what is learned from."""
        for kind, (mean, scale) in statistics.items():
            getattr(self, f"{kind}_mean").copy_(torch.from_numpy(mean))
            getattr(self, f"{kind}_scale").copy_(torch.from_numpy(scale))

    def forward(self, given: Given) -> Tensor:
        """(B, C)."""
        normal = {kind: self._normal(kind, getattr(given, kind)) for kind in KINDS}
        normal["ego"] = normal["ego"][:, None]
        route = normal["route"] * given.route_there[..., None]
        taken = torch.cat([self.take[kind](normal[kind]) for kind in KINDS], dim=1)
        tokens = self.even(self.mix(functional.silu(taken)))
        first = torch.ones_like(given.route_there[:, :1])
        there = torch.cat([first, given.route_there, given.lanes_there, given.agents_there], dim=1)
        bias = torch.zeros_like(there, dtype=torch.float32).masked_fill_(~there, -torch.inf)
        latents = self.latents + self.begin(functional.silu(taken[:, :1]))
        latents = self.look(latents, tokens, bias[:, None, None])
        for layer in self.think:
            latents = layer(latents, None, None)
        condition = self.whole(self.said(latents).flatten(1))
        return condition + self.short_ego(normal["ego"][:, 0]) + self.short_route(route.flatten(1))

    def _normal(self, kind: str, rows: Tensor) -> Tensor:
        return (rows - getattr(self, f"{kind}_mean")) * getattr(self, f"{kind}_scale")
