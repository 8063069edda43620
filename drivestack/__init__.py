"""A simulator of a complete autonomous-driving stack.

The verbs of the command line are functions: `drivestack.run`, `drivestack.compare`. Nothing heavy
is loaded before one of them is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drivestack.cli.catalogue import catalogue as catalogue
    from drivestack.scenario import load as load
    from drivestack.sim.comparing.compare import compare as compare
    from drivestack.sim.merging import merge as merge
    from drivestack.sim.suite import resumed as resumed
    from drivestack.sim.suite import run as run

__version__ = "0.1.0"

_WHERE = {
    "run": "drivestack.sim.suite",
    "resumed": "drivestack.sim.suite",
    "merge": "drivestack.sim.merging",
    "compare": "drivestack.sim.comparing.compare",
    "load": "drivestack.scenario",
    "catalogue": "drivestack.cli.catalogue",
}


def __getattr__(name: str) -> Any:
    """Load a verb when it is first used."""
    if name not in _WHERE:
        raise AttributeError(f"module 'drivestack' has no attribute '{name}'")
    return getattr(importlib.import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_WHERE])
