"""Run highway-env in a subprocess whose arithmetic is libm and plain sums, so that bits compare.

numpy's AVX-512 transcendentals and OpenBLAS's fused dot product differ from libm and from
``a*b + c*d`` in the last bit. Both are switched off by the environment, before numpy is loaded.

    run = run_reference("tests.vehicle.reference", "kinematic", seed=3)
    tolerance = 0.0 if run.portable else 1e-6
    run.arrays["x"]

runs ``tests.vehicle.reference.kinematic(seed=3)``, which returns a dict of arrays, elsewhere.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
CALLS = 10_000


@dataclass(frozen=True)
class Reference:
    """What a reference function gave.

    Attributes:
        portable: numpy agreed with libm in every random call, so bits may be compared.
        differing: the numpy functions that did not.
        arrays: what the function returned.
    """

    portable: bool
    differing: tuple[str, ...]
    arrays: dict[str, np.ndarray]

    def tolerance(self) -> float:
        """0 where bits compare, else 1e-6; says so."""
        if self.portable:
            return 0.0
        print(f"arithmetic is not portable here ({', '.join(self.differing)}): comparing to 1e-6")
        return 1e-6


def run_reference(
    module: str, function: str, *, stock: bool = False, **arguments: Any
) -> Reference:
    """Call ``module.function(**arguments)`` in a fresh process.

    Args:
        module: importable from the repository's root. function: its name; returns dict of arrays.
        stock: leave numpy's arithmetic as installed (gate 2) instead of making it portable.
        arguments: whatever JSON can say.
    """
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    if not stock:
        environment["OPENBLAS_CORETYPE"] = "Nehalem"
        environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(avx512_groups())
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.npz"
        request = json.dumps([module, function, arguments, str(answer)])
        done = subprocess.run(
            [sys.executable, "-m", "tests.portable", request],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{module}.{function} failed in the reference:\n{done.stderr}")
        with np.load(answer, allow_pickle=False) as arrays:
            found = dict(arrays)
    differing = tuple(str(name) for name in found.pop("differing"))
    return Reference(not differing, differing, found)


def avx512_groups() -> list[str]:
    """Names of the AVX-512 groups in the installed numpy; they changed in 2.4."""
    from numpy._core import _multiarray_umath as build

    return [n for n in build.__cpu_dispatch__ if n.startswith("AVX512") or n == "X86_V4"]


def differing_functions(seed: int) -> list[str]:
    """The numpy functions that differ from libm or from a plain sum in any random call."""
    rng = np.random.default_rng(seed)
    a, b, c, d = rng.uniform(-1, 1, (4, CALLS))
    base, exponent = rng.uniform(0, 3, CALLS), rng.uniform(3.5, 4.5, CALLS)
    pairs = {
        "arcsin": ([np.arcsin(v) for v in a], [math.asin(v) for v in a]),
        "arctan": ([np.arctan(3 * v) for v in a], [math.atan(3 * v) for v in a]),
        "arctan2": (
            [np.arctan2(v, w) for v, w in zip(a, b, strict=True)],
            [math.atan2(v, w) for v, w in zip(a, b, strict=True)],
        ),
        "tan": ([np.tan(v) for v in a], [math.tan(v) for v in a]),
        "sin": ([np.sin(9 * v) for v in a], [math.sin(9 * v) for v in a]),
        "cos": ([np.cos(9 * v) for v in a], [math.cos(9 * v) for v in a]),
        "power": (
            [np.power(v, w) for v, w in zip(base, exponent, strict=True)],
            [math.pow(v, w) for v, w in zip(base, exponent, strict=True)],
        ),
        "square": ([np.power(9 * v, 2) for v in a], [(9 * v) * (9 * v) for v in a]),
        "dot": (
            [np.dot(v, w) for v, w in zip(np.c_[a, b], np.c_[c, d], strict=True)],
            [p * q + r * s for p, r, q, s in zip(a, b, c, d, strict=True)],
        ),
        "norm": (
            [np.linalg.norm(v) for v in np.c_[a, b]],
            [math.sqrt(p * p + q * q) for p, q in zip(a, b, strict=True)],
        ),
    }
    return [name for name, (ours, plain) in pairs.items() if np.not_equal(ours, plain).any()]


def main() -> None:
    """The subprocess: check the arithmetic, call the function, save what it returns."""
    module, function, arguments, answer = json.loads(sys.argv[1])
    differing = np.array(differing_functions(seed=0), dtype=np.str_)
    arrays = getattr(importlib.import_module(module), function)(**arguments)
    np.savez(answer, differing=differing, **arrays)


if __name__ == "__main__":
    main()
