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
    """Follow the route by IDM, track it by PID, keep within the actuators' envelope."""
    period = 1.0 / rates.control
    return StagedStack(
        rates=rates,
        router=ROUTERS["lanes"](),
        proposer=PROPOSERS["idm"](),
        scorer=SCORERS["progress"](),
        controller=CONTROLLERS["pid"](period),
        checks=[CHECKS["envelope"](period)],
        keep=Keep(),
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


def pdm_lane(rates: Rates) -> Stack:
    """Rule proposals along several lanes, scored against a forecast along lanes, tracked by PID."""
    period = 1.0 / rates.control
    return StagedStack(
        rates=rates,
        router=ROUTERS["lanes"](),
        proposer=PROPOSERS["pdm_lane"](),
        scorer=SCORERS["pdm_lane"](),
        controller=CONTROLLERS["pid"](period),
        checks=[CHECKS["envelope"](period)],
        keep=Keep(),
    )


STACKS: dict[str, Callable[[Rates], Stack]] = {"idm": idm, "pdm15": pdm15, "pdm_lane": pdm_lane}
"""By name; each is built for the rates of a batch."""
