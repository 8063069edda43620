"""How many scenarios a run may stand for, told by arithmetic before anything heavy is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drivestack.core.errors import InputError

from .expand import combinations
from .loader import Document, documents

MOST_SCENARIOS = 10_000_000
"""Of one run before exclusions. At 100 a second they take a day; more are a slip of the pen."""


def check_files(paths: Sequence[Path], one_seed: bool) -> None:
    """Refuse files that are wrong or stand for too much, as a run would, but at once.

    Args:
        one_seed: whether their seeds are replaced by a single one.
    """
    total = 0
    for path in paths:
        found = documents(path)
        seeds = [len(document.scenario.seeds) if one_seed else 1 for document in found]
        here = sum(combinations(d) // n for d, n in zip(found, seeds, strict=True))
        total = _added(str(path), here, total)


def added_size(path: str, found: Sequence[Document], before: int) -> int:
    """How many scenarios there are with those of one more file.

    Raises:
        InputError: too many.
    """
    return _added(path, sum(combinations(document) for document in found), before)


def _added(path: str, here: int, before: int) -> int:
    if before + here > MOST_SCENARIOS:
        raise InputError(
            f"{path}: stands for {here:,} scenarios, and one run takes at most "
            f"{MOST_SCENARIOS:,}; vary fewer values or give fewer seeds"
        )
    return before + here
