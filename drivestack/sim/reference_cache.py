"""How far the reference got, kept on disk for whoever drives the same scenarios next.

A figure is found again only for the very same start, backend, sources, numpy and arithmetic.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import math
import os
import tempfile
from pathlib import Path

from drivestack.core.compiled import user_cache
from drivestack.core.start import Start
from drivestack.scenario.cache import arithmetic, content_digest, sources


def kept(start: Start, driven_by: str) -> float | None:
    """The progress [m] in a scenario, if it is known.

    Args:
        driven_by: names whatever drives besides the sources: stack, controller, backend.
    """
    try:
        found = json.loads(_path(start, driven_by).read_text(encoding="utf-8"))
        metres = float(found["progress_m"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return metres if math.isfinite(metres) else None


def keep(start: Start, driven_by: str, metres: float) -> None:
    """Keep a progress [m]; a cache that cannot be written is no error."""
    path = _path(start, driven_by)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps({"progress_m": metres}))
        os.replace(temporary, path)


def _path(start: Start, driven_by: str) -> Path:
    whole = json.dumps([content_digest(start), driven_by, _sources(), arithmetic()])
    name = hashlib.sha256(whole.encode()).hexdigest()[:32]
    return user_cache() / "references" / name[:2] / f"{name}.json"


@functools.cache
def _sources() -> str:
    """Of everything that drives and measures."""
    return sources(Path(__file__).with_name("reference.py"))
