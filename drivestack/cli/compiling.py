"""`drivestack compile`: what a first run would wait for, in advance."""

from __future__ import annotations

import sys
import time

from . import status


def compile_kernels(workers: int) -> int:
    """Compile what is not in the cache; a line on standard error grows with the steps."""
    from drivestack.core.compiled import user_cache
    from drivestack.sim.compiling import compile_all
    from drivestack.sim.settings import settings_of

    checked = settings_of(workers=workers).workers
    begun, compiling = time.perf_counter(), 0.0
    for done, total, seconds in compile_all(checked):
        compiling += seconds
        if sys.stderr.isatty():
            end = "\n" if done == total else ""
            print(f"\rcompiling: step {done} of {total}", end=end, file=sys.stderr, flush=True)
    wall = time.perf_counter() - begun
    kernels = user_cache() / "kernels"
    if compiling == 0.0:
        print(f"nothing to compile: all kernels are in {kernels}")
    else:
        print(f"compiled in {wall:.0f} s; kernels are in {kernels}")
    return status.OK
