"""The one place that loads torch: with arithmetic that depends on nothing but the numbers.

MKL chooses its kernels by the sizes of matrices unless it is told to be strict, and then a
candidate's bits would depend on who else is in the batch. It reads its setting once, so torch and
what is in it are taken from here and from nowhere else. Small networks are fastest in one thread,
and two would split sums.
"""

from __future__ import annotations

import os
from pathlib import Path

_CPU = Path("/proc/cpuinfo")
SETTING = "MKL_CBWR"


def strict_branch() -> str:
    """MKL's name of the widest kernels that this machine has and that can be strict."""
    try:
        wide = "avx512f" in _CPU.read_text()
    except OSError:
        wide = False
    return "AVX512,STRICT" if wide else "AVX2,STRICT"


os.environ.setdefault(SETTING, strict_branch())

import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional  # noqa: E402

torch.set_num_threads(1)

__all__ = ["SETTING", "Tensor", "functional", "nn", "strict_branch", "torch"]
