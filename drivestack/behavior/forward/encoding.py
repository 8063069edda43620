"""From tokens to the condition of a head: `encoder.Encoder`, compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.tokens import AGENTS, LANE_PIECES, ROUTE_POINTS, Tokens
from drivestack.core.compiled import hot_kernel, kernel

from .attending import BLOCK, attend, desk
from .dense import BEGIN, COUNT, DEPTH, MORE, Weights, activate, add_dense, dense, even, scaled
from .panels import PANEL

TILE = 4
"""Scenarios that are encoded side by side: weights are read once for all of them. Our choice."""

_ROUTE, _LANES, _AGENTS = 1, 1 + ROUTE_POINTS, 1 + ROUTE_POINTS + LANE_PIECES
_ALL = 1 + ROUTE_POINTS + LANE_PIECES + AGENTS
"""Where each kind's tokens begin; the ego is the first one."""


(
    SCALE_EGO, SCALE_ROUTE, SCALE_LANES, SCALE_AGENTS, TAKE_EGO, TAKE_ROUTE, TAKE_LANES,
    TAKE_AGENTS, MIX, EVEN, LATENTS, BEGIN_LATENTS, SAID, WHOLE, SHORT_EGO, SHORT_ROUTE, LOOK,
) = range(17)  # fmt: skip
"""Parts of an encoder's weights: means and scales, layers, see `encoder.Encoder`. To `LATENTS`
belongs how often they look at each other; from `LOOK` on blocks follow each other."""


class Given(NamedTuple):
    """The arrays of `Tokens`."""

    ego: NDArray
    route: NDArray
    route_there: NDArray
    lanes: NDArray
    lanes_there: NDArray
    agents: NDArray
    agents_there: NDArray

    @classmethod
    def of(cls, tokens: Tokens) -> Given:
        """In the layout that kernels are compiled for."""
        return cls(*(np.ascontiguousarray(getattr(tokens, name)) for name in cls._fields))


@hot_kernel
def _take(
    weights: Weights, given: Given, b: int, normal: NDArray, line: NDArray, taken: NDArray,
    there: NDArray, condition: NDArray,
) -> None:  # fmt: skip
    """One scenario's tokens, and what goes past the latents: ego and route.

    Args:
        normal: (A, ·), line: (1, ·) scratch. taken: (T, ·), there: (T,), condition: (1, C):
        written.
    """
    there[0] = True
    for i in range(ROUTE_POINTS):
        there[_ROUTE + i] = given.route_there[b, i]
    for i in range(LANE_PIECES):
        there[_LANES + i] = given.lanes_there[b, i]
    for i in range(AGENTS):
        there[_AGENTS + i] = given.agents_there[b, i]
    scaled(given.ego[b : b + 1], weights, SCALE_EGO, normal)
    dense(normal[:1], weights, TAKE_EGO, taken[:_ROUTE])
    dense(normal[:1], weights, SHORT_EGO, condition)
    scaled(given.lanes[b], weights, SCALE_LANES, normal)
    dense(normal[:LANE_PIECES], weights, TAKE_LANES, taken[_LANES:_AGENTS])
    scaled(given.agents[b], weights, SCALE_AGENTS, normal)
    dense(normal[:AGENTS], weights, TAKE_AGENTS, taken[_AGENTS:])
    scaled(given.route[b], weights, SCALE_ROUTE, normal)
    dense(normal[:ROUTE_POINTS], weights, TAKE_ROUTE, taken[_ROUTE:_LANES])
    columns = given.route.shape[2]
    for i in range(ROUTE_POINTS):
        for j in range(columns):
            told = normal[i, j] if there[_ROUTE + i] else np.float32(0.0)
            line[0, i * columns + j] = told
    add_dense(line, weights, SHORT_ROUTE, condition)


@hot_kernel
def _move_up(tokens: NDArray, there: NDArray, first: int, to: int) -> int:
    """Move one scenario's tokens (N, ·) that are there from row `first` on up to row `to`, which is
    no later; returns the row behind them. Nobody sees the others."""
    for i in range(there.shape[0]):
        if there[i]:
            for j in range(tokens.shape[1]):
                tokens[to, j] = tokens[first + i, j]
            to += 1
    return to


@hot_kernel
def _begin(weights: Weights, ego: NDArray, told: NDArray, latents: NDArray) -> None:
    """Write one scenario's latents (L, W) as they begin; ego: (1, ·); told: (1, W) scratch."""
    own = weights.flat[weights.parts[LATENTS, BEGIN] :]
    dense(ego, weights, BEGIN_LATENTS, told)
    for i in range(latents.shape[0]):
        for j in range(latents.shape[1]):
            latents[i, j] = own[i * latents.shape[1] + j] + told[0, j]


@kernel
def encode(weights: Weights, given: Given, out: NDArray) -> None:
    """Conditions (B, C), `TILE` scenarios at a time; each number is that of its scenario alone."""
    shape, kind = weights.parts[LATENTS], np.float32
    many, width, narrow = shape[COUNT], shape[DEPTH], weights.parts[MIX, DEPTH]
    on, each_other = desk(TILE, many, width, _ALL), desk(TILE, many, width, many)
    taken, tokens = np.empty((TILE * _ALL, narrow), kind), np.empty((TILE * _ALL, narrow), kind)
    normal = np.zeros((max(LANE_PIECES, AGENTS), PANEL), kind)
    line = np.zeros((1, given.route.shape[1] * given.route.shape[2]), kind)
    there, begin = np.empty(_ALL, np.bool_), np.zeros(TILE + 1, np.int64)
    own_begin = np.arange(TILE + 1) * many
    latents, told = np.empty((TILE * many, width), kind), np.empty((1, width), kind)
    said = np.empty((TILE * many, PANEL), kind)
    for first in range(0, out.shape[0], TILE):
        n = min(TILE, out.shape[0] - first)
        for i in range(n):
            own, b = slice(i * _ALL, (i + 1) * _ALL), first + i
            _take(weights, given, b, normal, line, taken[own], there, out[b : b + 1])
            begin[i + 1] = _move_up(taken, there, i * _ALL, begin[i])
        rows, seen = begin[n], begin[: n + 1]
        activate(taken[:rows])
        dense(taken[:rows], weights, MIX, tokens[:rows])
        even(tokens[:rows], weights, EVEN, tokens[:rows])
        for i in range(n):
            ego = taken[begin[i] : begin[i] + 1]
            _begin(weights, ego, told, latents[i * many : (i + 1) * many])
        now, block = latents[: n * many], LOOK
        attend(now, weights, block, tokens[:rows], seen, on)
        for _ in range(shape[MORE]):
            block += BLOCK
            own_rows = each_other.normal[: n * many]
            attend(now, weights, block, own_rows, own_begin[: n + 1], each_other)
        dense(now, weights, SAID, said[: n * many])
        whole = said[: n * many].reshape((n, many * PANEL))
        add_dense(whole, weights, WHOLE, out[first : first + n])
