"""Presets: a stack is a Python function from a setup to stages."""

from __future__ import annotations

from collections.abc import Callable

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.core.protocols import Stack
from drivestack.motion import CONTROLLERS
from drivestack.route import ROUTERS
from drivestack.route.off_route import Keep
from drivestack.safety import BARE, WHOLE, Layer, filter_of

from .setup import Setup
from .stack import StagedStack

ON_THE_LINE = Keep()
"""As long as the ego is near its reference line."""

IN_THE_NEXT_LANE = Keep(aside=2.0)
"""Half a lane [m]: who has changed lane on his own is routed from there."""


def idm(setup: Setup) -> Stack:
    """IDM along the route, MOBIL for the lane."""
    return _staged("idm", "progress", WHOLE, setup, IN_THE_NEXT_LANE)


def pdm15(setup: Setup) -> Stack:
    """PDM-Closed re-stated: the best of 15 rule proposals."""
    return _staged("pdm15", "pdm", WHOLE, setup)


def pdm_lane(setup: Setup) -> Stack:
    """Ours: rule proposals along several lanes, against a forecast of the others along theirs."""
    return _staged("pdm_lane", "pdm_lane", WHOLE, setup, IN_THE_NEXT_LANE)


def constant(setup: Setup) -> Stack:
    """Constant velocity along the present heading; a yardstick, so nothing brakes for anybody."""
    return _staged("constant", "progress", BARE, setup)


def replay(setup: Setup) -> Stack:
    """What the recorded driver of the ego did; nothing but the actuators' limits is put on it."""
    return _staged("replay", "progress", BARE, setup)


def reckless(setup: Setup) -> Stack:
    """Fast and heedless of everybody: what the safety layer has to survive."""
    return _staged("reckless", "progress", WHOLE, setup)


def heedless(setup: Setup) -> Stack:
    """Keeps to its lane at the speed limit, whoever is in the way; only the layer acts."""
    return _staged("heedless", "progress", WHOLE, setup)


def _staged(
    proposer: str, scorer: str, layer: Layer, setup: Setup, keep: Keep = ON_THE_LINE
) -> Stack:
    """A proposer and a scorer by name, between the stages that all presets share."""
    return StagedStack(
        setup=setup,
        router=ROUTERS["lanes"](),
        proposer=PROPOSERS[proposer](),
        scorer=SCORERS[scorer](),
        controller=CONTROLLERS[setup.controller](setup.actuation),
        filter=filter_of(setup.layer or layer, setup.period),
        keep=keep,
    )


STACKS: dict[str, Callable[[Setup], Stack]] = {
    "idm": idm,
    "pdm15": pdm15,
    "pdm_lane": pdm_lane,
    "constant": constant,
    "replay": replay,
    "reckless": reckless,
    "heedless": heedless,
}
"""By name; each is built for the scenarios of a batch."""
