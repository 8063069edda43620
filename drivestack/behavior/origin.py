"""Where candidates come from, as `Candidates.source` says it."""

from __future__ import annotations

from enum import IntEnum


class Origin(IntEnum):
    """Of a candidate."""

    RULES = 0
    BRAKE = 1
    """The emergency brake of `pdm.py`."""
    LEARNED = 2
    KEPT = 3
    """The plan in force, gone on with."""
