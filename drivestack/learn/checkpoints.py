"""Checkpoints that are given for drivers: refused before anything is made of them."""

from __future__ import annotations

from pathlib import Path

from drivestack.behavior.checkpoint import POLICY, SCORER, facts_of


def check_given(policy: Path | None, scorer: Path | None) -> None:
    """Raise InputError where one is given that is none of its kind."""
    for path, kind in ((policy, POLICY), (scorer, SCORER)):
        if path is not None:
            facts_of(path, kind)
