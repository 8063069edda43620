"""Presets: a stack is a Python function from rates to stages."""

from __future__ import annotations

from collections.abc import Callable

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.core.protocols import Stack
from drivestack.core.start import Rates
from drivestack.motion import CONTROLLERS
from drivestack.route import ROUTERS
from drivestack.route.off_route import Keep
from drivestack.safety import CHECKS

from .stack import StagedStack


def idm(rates: Rates) -> Stack:
    """IDM along the route, MOBIL for the lane, tracked by PID."""
    period = 1.0 / rates.control
    return StagedStack(
        rates=rates,
        router=ROUTERS["lanes"](),
        proposer=PROPOSERS["idm"](),
        scorer=SCORERS["progress"](),
        controller=CONTROLLERS["pid"](period),
        checks=[CHECKS["envelope"](period)],
        keep=Keep(aside=2.0),  # in the next lane: its line is the way now,
    )


def pdm15(rates: Rates) -> Stack:
    """PDM-Closed re-stated: the best of 15 rule proposals, tracked by PID."""
    period = 1.0 / rates.control
    return StagedStack(
        rates=rates,
        router=ROUTERS["lanes"](),
        proposer=PROPOSERS["pdm15"](),
        scorer=SCORERS["pdm"](),
        controller=CONTROLLERS["pid"](period),
        checks=[CHECKS["envelope"](period)],
        keep=Keep(),
    )


def constant(rates: Rates) -> Stack:
    """Constant velocity along the present heading, for nobody a reason to brake."""
    period = 1.0 / rates.control
    return StagedStack(
        rates=rates,
        router=ROUTERS["lanes"](),
        proposer=PROPOSERS["constant"](),
        scorer=SCORERS["progress"](),
        controller=CONTROLLERS["pid"](period),
        checks=[CHECKS["envelope"](period)],
        keep=Keep(),
    )


def replay(rates: Rates) -> Stack:
    """What the recorded driver of the ego did."""
    period = 1.0 / rates.control
    return StagedStack(
        rates=rates,
        router=ROUTERS["lanes"](),
        proposer=PROPOSERS["replay"](),
        scorer=SCORERS["progress"](),
        controller=CONTROLLERS["pid"](period),
        checks=[CHECKS["envelope"](period)],
        keep=Keep(),
    )


STACKS: dict[str, Callable[[Rates], Stack]] = {
    "idm": idm,
    "pdm15": pdm15,
    "constant": constant,
    "replay": replay,
}
"""By name; each is built for the rates of a batch."""
