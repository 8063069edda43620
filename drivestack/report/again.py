"""The command that drives one episode of a run again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from drivestack.sim.settings import Settings

_SHARES = ("shard", "only")
"""Settings that say which episodes are run."""


def command_again(manifest: Mapping[str, Any]) -> str:
    """All words but the last, which is the scenario's id; empty where a run was not of files.

    Paths are as they were given, so that it is for the folder in which the run was made.
    """
    paths, settings = manifest.get("paths", []), manifest.get("settings", {})
    if not paths:
        return ""
    words = ["drivestack", "run", *paths]
    for name, usual in Settings().decisive().items():
        value = settings.get(name, usual)
        if name not in _SHARES and value != usual:
            option = f"--{name.replace('_', '-')}"
            words += [option] if value is True else [option, _word(value)]
    return f"{shlex.join(words)} --only"


def _word(value: Any) -> str:
    """A value as its option takes it."""
    return (",".join(value) or "none") if isinstance(value, list) else str(value)
