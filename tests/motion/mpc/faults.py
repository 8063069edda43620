"""Problems of the MPC made unsolvable, at chosen calls of its solver."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from drivestack.motion.mpc import controller as module
from drivestack.motion.mpc.solve import solve


def infeasible(problem: list[np.ndarray]) -> None:
    problem[2][:2] = problem[2][0]
    size = len(problem[1])
    problem[3][size : size + 2], problem[4][size : size + 2] = (1.0, -2.0), (2.0, -1.0)


def nan_cost(problem: list[np.ndarray]) -> None:
    problem[0][0, 0] = np.nan


def nan_limit(problem: list[np.ndarray]) -> None:
    problem[2][5, 0] = np.nan


def infinite_gradient(problem: list[np.ndarray]) -> None:
    problem[1][0] = np.inf


FAULTS = [infeasible, nan_cost, nan_limit, infinite_gradient]


def break_calls(monkeypatch: pytest.MonkeyPatch, fault: Any, broken: set[int]) -> None:
    """Let `fault` spoil the problems of some calls of the solver."""
    calls = iter(range(10**9))

    def spoiled(*call: Any) -> Any:
        *problem, slacks = call
        own = [array.copy() for array in problem]
        if next(calls) in broken:
            fault(own)
        return solve(*own, slacks)

    monkeypatch.setattr(module, "solve", spoiled)
