"""The critic's network, driven without torch: a set of road users, the ego, one number.

Each road user passes two layers; of these the largest and the mean over all of them join the ego's
numbers and pass two more. Float32, one row after the other, so that a row's bits do not depend on
its batch. `learn/critic/network.py` trains the same one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.tensors import Tensors

from .critic_features import OTHER, OWN, Features

EACH, ALL = 48, 64
"""Widths of the layers of each road user and of the whole. Our choice: 31,000 products a row."""


class Network(NamedTuple):
    """Weights (in, out), biases, and what the features are shifted and scaled by; float32."""

    own_mean: NDArray[np.float32]
    own_scale: NDArray[np.float32]
    other_mean: NDArray[np.float32]
    other_scale: NDArray[np.float32]
    each1: NDArray[np.float32]
    each1_bias: NDArray[np.float32]
    each2: NDArray[np.float32]
    each2_bias: NDArray[np.float32]
    all1: NDArray[np.float32]
    all1_bias: NDArray[np.float32]
    all2: NDArray[np.float32]
    all2_bias: NDArray[np.float32]
    last: NDArray[np.float32]
    last_bias: NDArray[np.float32]


SHAPES: dict[str, tuple[int, ...]] = {
    "own_mean": (OWN,),
    "own_scale": (OWN,),
    "other_mean": (OTHER,),
    "other_scale": (OTHER,),
    "each1": (OTHER, EACH),
    "each1_bias": (EACH,),
    "each2": (EACH, EACH),
    "each2_bias": (EACH,),
    "all1": (2 * EACH + OWN, ALL),
    "all1_bias": (ALL,),
    "all2": (ALL, ALL),
    "all2_bias": (ALL,),
    "last": (ALL,),
    "last_bias": (1,),
}
"""Of each tensor."""


def network_of(tensors: Tensors) -> Network:
    """The network of a checkpoint.

    Raises:
        ValueError: a tensor is missing or has another shape.
    """
    for name, shape in SHAPES.items():
        if name not in tensors or tensors[name].shape != shape:
            raise ValueError(f"it has no tensor '{name}' of shape {shape}")
    return Network(**{name: tensors[name] for name in Network._fields})


def log_odds(network: Network, features: Features) -> NDArray[np.float32]:
    """(B,) what the network says; not calibrated."""
    out = np.zeros(len(features.own), np.float32)
    _forward(network, features, out)
    return out


@kernel
def _layer(x: NDArray, weights: NDArray, bias: NDArray, rectified: bool, out: NDArray) -> None:
    """``out = x @ weights + bias``, negative ones replaced by 0 if rectified."""
    out[:] = bias
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            out[j] += x[i] * weights[i, j]
    if rectified:
        for j in range(out.shape[0]):
            if out[j] < 0.0:
                out[j] = 0.0


@kernel
def _forward(net: Network, features: Features, out: NDArray) -> None:
    own, each, most = net.own_mean.shape[0], net.each1.shape[1], features.there.shape[1]
    raw = np.empty(net.other_mean.shape[0], np.float32)
    first, second = np.empty(each, np.float32), np.empty(each, np.float32)
    joined = np.empty(2 * each + own, np.float32)
    third, fourth = np.empty(net.all1.shape[1], np.float32), np.empty(net.all2.shape[1], np.float32)
    share = np.float32(1.0) / np.float32(most)
    for b in range(out.shape[0]):
        joined[: 2 * each] = 0.0
        for n in range(most):
            if not features.there[b, n]:
                continue
            for i in range(raw.shape[0]):
                raw[i] = (features.others[b, n, i] - net.other_mean[i]) * net.other_scale[i]
            _layer(raw, net.each1, net.each1_bias, True, first)
            _layer(first, net.each2, net.each2_bias, True, second)
            for j in range(each):
                joined[j] = max(joined[j], second[j])
                joined[each + j] += second[j] * share
        for i in range(own):
            joined[2 * each + i] = (features.own[b, i] - net.own_mean[i]) * net.own_scale[i]
        _layer(joined, net.all1, net.all1_bias, True, third)
        _layer(third, net.all2, net.all2_bias, True, fourth)
        total = net.last_bias[0]
        for j in range(fourth.shape[0]):
            total += fourth[j] * net.last[j]
        out[b] = total
