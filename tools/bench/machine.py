"""Where and with what a result was measured, and the settings that keep it to one thread."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

SINGLE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
"""Environment variables that have to be 1."""


def pin_threads() -> None:
    """Start again with one thread a library, if that is not so; they read it when loaded."""
    if any(os.environ.get(name) != "1" for name in SINGLE_THREAD):
        os.environ.update(dict.fromkeys(SINGLE_THREAD, "1"))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def machine() -> str:
    """The processor's model, as the system names it."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        text = ""
    for line in text.splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Python and the libraries that decide speed."""
    names = ("numba", "llvmlite", "numpy", "highway-env")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}
