"""Named random streams: a generator that depends on names and numbers only, never on call order."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(*names: str | int) -> np.random.Generator:
    """The generator of one purpose, for instance ``stream(seed, scenario, "sensing", tick)``.

    Counter-based (Philox), keyed by a hash of the names, so that streams are independent and an
    episode's draws do not depend on its batch, worker or order.
    """
    text = "\x1f".join(f"{type(name).__name__}:{name}" for name in names)
    key = np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
