"""Motion controllers: track the plan."""

from collections.abc import Callable

from drivestack.core.protocols import Controller

from .pid import Pid

CONTROLLERS: dict[str, Callable[[float], Controller]] = {"pid": Pid}
"""By name; each is built with the time for which a control is held [s]."""
