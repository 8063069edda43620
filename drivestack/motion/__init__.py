"""Motion controllers: track the plan."""

from collections.abc import Callable

from drivestack.core.protocols import Controller

from .mpc import Mpc
from .pid import Pid

CONTROLLERS: dict[str, Callable[[float], Controller]] = {"mpc": Mpc, "pid": Pid}
"""By name; each is built with the time for which a control is held [s]."""
