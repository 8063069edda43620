"""Bins, number after number: each number's bins are chosen knowing the numbers before it.

A neural autoregressive distribution estimator (Larochelle and Murray, 2011): each number that is
known adds its bin's vector to a common state, so a candidate costs one small step a number.
"""

from __future__ import annotations

import math

from drivestack.behavior.linear import Linear
from drivestack.behavior.sizes import Sizes
from drivestack.behavior.torch_setup import Tensor, functional, nn, torch

from .head import Fit, Head


class Autoregressive(Head):
    """A categorical distribution over the bins of each number given those before it.

    Within a bin the density is even; numbers beyond the reach count as of the outermost bin.
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__(sizes)
        self.of_condition = Linear(sizes.condition, sizes.hidden)
        self.known = nn.Embedding(sizes.chunk * sizes.bins, sizes.hidden)
        nn.init.normal_(self.known.weight, std=sizes.chunk**-0.5)
        self.own = nn.Parameter(torch.randn(sizes.chunk, sizes.hidden))
        self.hidden = nn.ModuleList(
            Linear(sizes.hidden, sizes.hidden) for _ in range(sizes.layers - 1)
        )
        self.last = Linear(sizes.hidden, sizes.bins)

    @property
    def size(self) -> float:
        """Width of a bin."""
        return 2.0 * self.sizes.reach / self.sizes.bins

    def fit(self, condition: Tensor, chunk: Tensor, draw: torch.Generator) -> Fit:
        """The cross-entropy of bins, told the true ones before; the estimate is their mean."""
        logits = self.logits(condition, chunk)
        place = self.place(chunk)
        loss = functional.cross_entropy(logits.movedim(-1, 1), place, reduction="none").sum(-1)
        middle = (torch.arange(self.sizes.bins) + 0.5) * self.size - self.sizes.reach
        estimate = (logits.softmax(-1) * middle).sum(-1)
        return Fit(loss, estimate, torch.ones(len(chunk)))

    def sample(self, condition: Tensor, noise: Tensor) -> Tensor:
        """Through the inverse of each number's distribution function, at Phi(noise)."""
        even = torch.special.ndtr(noise)
        state = self.of_condition(condition)[:, None].expand(-1, noise.shape[1], -1)
        found = []
        for number in range(self.sizes.chunk):
            upper = self.answer(state, number).softmax(-1).cumsum(-1)
            at = even[..., number, None] * upper[..., -1:]
            place = (at > upper[..., :-1]).sum(-1, keepdim=True)
            high = upper.gather(-1, place)
            low = torch.where(place > 0, upper.gather(-1, (place - 1).clamp_min(0)), 0.0)
            within = ((at - low) / (high - low).clamp_min(1e-12)).clamp(0.0, 1.0)
            found.append((place + within) * self.size - self.sizes.reach)
            state = state + self.known(place[..., 0] + number * self.sizes.bins)
        return torch.cat(found, dim=-1)

    def surprise(self, condition: Tensor, chunk: Tensor) -> Tensor:
        """The negative log-likelihood, with an even density within each bin."""
        logits = self.logits(condition[:, None], chunk)
        chosen = logits.log_softmax(-1).gather(-1, self.place(chunk)[..., None])
        return -chosen[..., 0].sum(-1) + self.sizes.chunk * math.log(self.size)

    def place(self, chunk: Tensor) -> Tensor:
        """The bin of each number."""
        place = ((chunk.detach() + self.sizes.reach) / self.size).floor()
        return place.clamp(0, self.sizes.bins - 1).long()

    def logits(self, condition: Tensor, chunk: Tensor) -> Tensor:
        """Of all numbers at once, each told those before it (..., D, bins)."""
        first = torch.arange(self.sizes.chunk) * self.sizes.bins
        added = self.known(self.place(chunk) + first)[..., :-1, :].cumsum(-2)
        state = self.of_condition(condition)[..., None, :]
        state = state + functional.pad(added, (0, 0, 1, 0))
        return self.answer(state, slice(None))

    def answer(self, state: Tensor, number: int | slice) -> Tensor:
        """Logits of one number, or of all, from what is known."""
        h = functional.silu(state + self.own[number])
        for layer in self.hidden:
            h = h + functional.silu(layer(h))
        return self.last(h)
