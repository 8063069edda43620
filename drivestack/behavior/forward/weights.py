"""A checkpoint's tensors as kernels take them: one array and a table of its parts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.sampling import CALLS, POWER, SOLVER, SOLVERS
from drivestack.behavior.sizes import KINDS, PERIODS
from drivestack.core.tensors import Tensors

from .dense import Weights
from .panels import PANEL, in_panels

_LINE = 16
"""Parts begin at multiples of a vector."""

Singles = NDArray[np.float32]


class Filled:
    """Parts in the order in which they are added."""

    def __init__(self, tensors: Tensors) -> None:
        self.tensors = tensors
        self._pieces: list[Singles] = []
        self._parts: list[tuple[int, int, int, int]] = []
        self._length = 0

    def add_layer(self, name: str, times: float = 1.0) -> None:
        """A linear layer multiplied by a number; without a bias in its file it has none."""
        weight = self.tensors[f"{name}.weight"].T * np.float32(times)
        bias = self.tensors.get(f"{name}.bias", np.zeros(weight.shape[1], np.float32))
        self.add_weight(weight, bias * np.float32(times))

    def add_weight(self, weight: Singles, bias: Singles) -> None:
        """A weight (in, out) and its bias (out,)."""
        panels = in_panels(weight)
        begin, more = self._put(panels), self._put(np.pad(bias, (0, -len(bias) % PANEL)))
        self._parts.append((begin, len(panels), len(weight), more))

    def add_pair(self, first: str, second: str) -> None:
        """Two vectors of equal length."""
        one, other = self.tensors[first], self.tensors[second]
        begin, more = self._put(one), self._put(other)
        self._parts.append((begin, 0, len(one), more))

    def add_rows(self, rows: Singles, more: int = 0) -> None:
        """Rows (N, W), and a number that belongs to them."""
        self._parts.append((self._put(rows), *rows.shape, more))

    def add_block(self, name: str) -> None:
        """An `encoder.Attention`, in the order of `attending.BLOCK`."""
        for norm in ("before", "between"):
            self.add_pair(f"{name}.{norm}.weight", f"{name}.{norm}.bias")
        self.add_layer(f"{name}.asks", PANEL**-0.5)
        for layer in ("shows", "says", "wide", "narrow"):
            self.add_layer(f"{name}.{layer}")

    def weights(self) -> Weights:
        """All of them."""
        return Weights(np.concatenate(self._pieces), np.array(self._parts, np.int64))

    def _put(self, numbers: Singles) -> int:
        """Where they begin."""
        begin = self._length
        self._pieces.append(np.pad(numbers.reshape(-1), (0, -numbers.size % _LINE)))
        self._length += len(self._pieces[-1])
        return begin


def encoder_weights(tensors: Tensors, layers: int) -> Weights:
    """Of an encoder whose latents look at each other so often; parts as `encoding` has them."""
    filled = Filled(tensors)
    for kind in KINDS:
        filled.add_pair(f"encoder.{kind}_mean", f"encoder.{kind}_scale")
    for kind in KINDS:
        filled.add_layer(f"encoder.take.{kind}")
    filled.add_layer("encoder.mix")
    filled.add_pair("encoder.even.weight", "encoder.even.bias")
    latents, whole = tensors["encoder.latents"], tensors["encoder.whole.weight"]
    filled.add_rows(latents, layers)
    filled.add_layer("encoder.begin")
    filled.add_layer("encoder.said")
    each = whole.reshape(len(whole), len(latents), -1)  # what a latent says fills a panel
    each = np.pad(each, ((0, 0), (0, 0), (0, PANEL - each.shape[2])))
    filled.add_weight(each.reshape(len(whole), -1).T, tensors["encoder.whole.bias"])
    filled.add_layer("encoder.short_ego")
    filled.add_layer("encoder.short_route")
    filled.add_block("encoder.look")
    for n in range(layers):
        filled.add_block(f"encoder.think.{n}")
    return filled.weights()


def waves(times: NDArray[np.float64], count: int) -> Singles:
    """Sines and cosines (N, 2 `count`) of times (N,), see `heads.modulated.Modulated`."""
    periods = np.geomspace(*PERIODS, count)
    angle = times[:, None] * (2.0 * math.pi / periods)
    return np.concatenate((np.sin(angle), np.cos(angle)), axis=1).astype(np.float32)


def flow_weights(tensors: Tensors, layers: int) -> Weights:
    """Of a flow with so many hidden layers; parts as `flowing` has them."""
    filled, calls = Filled(tensors), SOLVERS[SOLVER](CALLS, POWER)
    of_times = tensors["head.network.of_times.weight"]
    times = np.array([call.time for call in calls])
    filled.add_layer("head.network.of_condition")
    filled.add_rows(waves(times, of_times.shape[1] // 2) @ of_times.T)
    filled.add_layer("head.network.modulating")
    filled.add_pair("chunk_mean", "chunk_spread")
    solver = [(call.now, call.before) for call in calls]
    filled.add_rows(np.array(solver, np.float32), layers - 1)
    filled.add_layer("head.network.first")
    filled.add_layer("head.network.last")
    for n in range(layers - 1):
        filled.add_layer(f"head.network.hidden.{n}")
    return filled.weights()


def appraiser_weights(tensors: Tensors) -> Weights:
    """Of a scoring model, but its encoder; parts as `appraising` has them."""
    filled = Filled(tensors)
    filled.add_pair("mean", "scale")
    for layer in ("scene", "chunk", "first", "second", "last"):
        filled.add_layer(layer)
    filled.add_pair("slope", "shift")
    return filled.weights()
