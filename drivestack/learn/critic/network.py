"""The critic's network for training; `safety/critic_network.py` drives the same one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.torch_setup import Tensor, nn, torch
from drivestack.safety.critic_features import MOST, OTHER, OWN, Features
from drivestack.safety.critic_network import ALL, EACH, Network


class Trained(nn.Module):
    """Two layers for each road user, their largest and mean, two layers for the whole."""

    own_mean: Tensor
    own_scale: Tensor
    other_mean: Tensor
    other_scale: Tensor

    def __init__(self, features: Features) -> None:
        super().__init__()
        there = features.there
        self.register_buffer("own_mean", torch.tensor(features.own.mean(axis=0)))
        self.register_buffer("own_scale", torch.tensor(_scale(features.own)))
        others = features.others[there]
        self.register_buffer("other_mean", torch.tensor(others.mean(axis=0)))
        self.register_buffer("other_scale", torch.tensor(_scale(others)))
        self.each1, self.each2 = nn.Linear(OTHER, EACH), nn.Linear(EACH, EACH)
        self.all1, self.all2 = nn.Linear(2 * EACH + OWN, ALL), nn.Linear(ALL, ALL)
        self.last = nn.Linear(ALL, 1)

    def forward(self, own: Tensor, others: Tensor, there: Tensor) -> Tensor:
        """Log-odds (B,) of float32 features; not calibrated."""
        each = (others - self.other_mean) * self.other_scale
        each = torch.relu(self.each2(torch.relu(self.each1(each)))) * there[:, :, None]
        joined = [each.amax(dim=1), each.sum(dim=1) / MOST, (own - self.own_mean) * self.own_scale]
        whole = torch.relu(self.all1(torch.cat(joined, dim=1)))
        return self.last(torch.relu(self.all2(whole)))[:, 0]

    def exported(self) -> Network:
        """The weights as they are driven."""

        def array(tensor: Tensor) -> NDArray[np.float32]:
            return np.ascontiguousarray(tensor.detach().numpy(), np.float32)

        layers = {}
        for name in ("each1", "each2", "all1", "all2"):
            layer: nn.Linear = getattr(self, name)
            layers[name], layers[f"{name}_bias"] = array(layer.weight.T), array(layer.bias)
        means = {
            name: array(getattr(self, name))
            for name in ("own_mean", "own_scale", "other_mean", "other_scale")
        }
        last = array(self.last.weight[0])
        return Network(**means, **layers, last=last, last_bias=array(self.last.bias))


def _scale(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """One over the standard deviations; 0 for what never varied, of which nothing was learned."""
    spread = values.std(axis=0)
    return np.where(spread > 1e-6, 1.0 / np.maximum(spread, 1e-6), 0.0).astype(np.float32)
