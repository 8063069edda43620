"""Presets: a stack is a Python function from a setup to stages."""

from __future__ import annotations

from collections.abc import Callable

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.core.protocols import Proposer, Scorer, Stack
from drivestack.motion import CONTROLLERS
from drivestack.route import ROUTERS
from drivestack.route.off_route import Keep
from drivestack.safety import rule_filter

from .setup import Setup
from .stack import StagedStack

KEEP = Keep()

IN_THE_NEXT_LANE = Keep(aside=2.0)
"""Half a lane [m]: who has changed lane on his own is routed from there."""


def idm(setup: Setup) -> Stack:
    """IDM along the route, MOBIL for the lane."""
    return _driven_by(PROPOSERS["idm"](), SCORERS["progress"](), setup, IN_THE_NEXT_LANE)


def pdm15(setup: Setup) -> Stack:
    """PDM-Closed re-stated: the best of 15 rule proposals."""
    return _driven_by(PROPOSERS["pdm15"](), SCORERS["pdm"](), setup)


def constant(setup: Setup) -> Stack:
    """Constant velocity along the present heading, for nobody a reason to brake."""
    return _driven_by(PROPOSERS["constant"](), SCORERS["progress"](), setup)


def replay(setup: Setup) -> Stack:
    """What the recorded driver of the ego did."""
    return _driven_by(PROPOSERS["replay"](), SCORERS["progress"](), setup)


def _driven_by(proposer: Proposer, scorer: Scorer, setup: Setup, keep: Keep = KEEP) -> Stack:
    """A proposer and its scorer between the stages that all presets share."""
    return StagedStack(
        setup=setup,
        router=ROUTERS["lanes"](),
        proposer=proposer,
        scorer=scorer,
        controller=CONTROLLERS[setup.controller](setup.actuation),
        filter=rule_filter(setup.period),
        keep=keep,
    )


STACKS: dict[str, Callable[[Setup], Stack]] = {
    "idm": idm,
    "pdm15": pdm15,
    "constant": constant,
    "replay": replay,
}
"""By name; each is built for the scenarios of a batch."""
