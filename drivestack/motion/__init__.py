"""Motion controllers: track the plan."""

from collections.abc import Callable

from drivestack.core.protocols import Controller

from .actuation import Actuation
from .mpc import Mpc
from .pid import Pid

CONTROLLERS: dict[str, Callable[[Actuation], Controller]] = {"mpc": Mpc, "pid": Pid}
"""By name; each is built for the actuators that stand behind it."""
