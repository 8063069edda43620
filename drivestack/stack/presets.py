"""Presets: a stack is a Python function from a setup to stages."""

from __future__ import annotations

from collections.abc import Callable

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.core.protocols import Proposer, Scorer, Stack
from drivestack.motion import CONTROLLERS
from drivestack.route import ROUTERS
from drivestack.route.off_route import Keep
from drivestack.safety import actuator_filter, rule_filter
from drivestack.safety.filter import Filter

from .setup import Setup
from .stack import StagedStack


def idm(setup: Setup) -> Stack:
    """Follow the route by IDM."""
    return _driven_by(PROPOSERS["idm"](), SCORERS["progress"](), rule_filter(setup.period), setup)


def pdm15(setup: Setup) -> Stack:
    """PDM-Closed re-stated: the best of 15 rule proposals."""
    return _driven_by(PROPOSERS["pdm15"](), SCORERS["pdm"](), rule_filter(setup.period), setup)


def constant(setup: Setup) -> Stack:
    """Constant velocity along the present heading; a yardstick, so nothing brakes for anybody."""
    return _driven_by(
        PROPOSERS["constant"](), SCORERS["progress"](), actuator_filter(setup.period), setup
    )


def replay(setup: Setup) -> Stack:
    """What the recorded driver of the ego did; nothing but the actuators' limits is put on it."""
    return _driven_by(
        PROPOSERS["replay"](), SCORERS["progress"](), actuator_filter(setup.period), setup
    )


def _driven_by(proposer: Proposer, scorer: Scorer, filter: Filter, setup: Setup) -> Stack:
    """A proposer and its scorer between the stages that all presets share."""
    return StagedStack(
        setup=setup,
        router=ROUTERS["lanes"](),
        proposer=proposer,
        scorer=scorer,
        controller=CONTROLLERS[setup.controller](setup.actuation),
        filter=filter,
        keep=Keep(),
    )


STACKS: dict[str, Callable[[Setup], Stack]] = {
    "idm": idm,
    "pdm15": pdm15,
    "constant": constant,
    "replay": replay,
}
"""By name; each is built for the scenarios of a batch."""
