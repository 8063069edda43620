"""Presets: a stack is a Python function from a setup to stages."""

from __future__ import annotations

from collections.abc import Callable

from drivestack.core.protocols import Stack
from drivestack.motion import CONTROLLERS
from drivestack.safety import BARE, WHOLE, Layer, filter_of

from . import planners
from .executing import executed
from .setup import Setup
from .stack import StagedStack


def idm(setup: Setup) -> Stack:
    """IDM along the route, MOBIL for the lane."""
    return _staged(planners.idm, WHOLE, setup)


def pdm15(setup: Setup) -> Stack:
    """PDM-Closed re-stated: the best of 15 rule proposals."""
    return _staged(planners.pdm15, WHOLE, setup)


def pdm_lane(setup: Setup) -> Stack:
    """Ours: rule proposals along several lanes, against a forecast of the others along theirs."""
    return _staged(planners.pdm_lane, WHOLE, setup)


def flow(setup: Setup) -> Stack:
    """Learned candidates beside those of `pdm_lane` with ease, and a learned score."""
    return _staged(planners.flow, WHOLE, setup, *_both(setup), _committed(setup))


def flow_only(setup: Setup) -> Stack:
    """The same without the candidates of rules."""
    return _staged(planners.flow_only, WHOLE, setup, *_both(setup), _committed(setup))


def rules_only(setup: Setup) -> Stack:
    """The same without the learned candidates."""
    return _staged(planners.rules_only, WHOLE, setup, _scorer(setup))


def flow_ruled(setup: Setup) -> Stack:
    """The same candidates, and the score of `pdm_lane`."""
    return _staged(planners.flow_ruled, WHOLE, setup, _policy(setup), _committed(setup))


def constant(setup: Setup) -> Stack:
    """Constant velocity along the present heading; a yardstick, so nothing brakes for anybody."""
    return _staged(planners.constant, BARE, setup)


def replay(setup: Setup) -> Stack:
    """What the recorded driver of the ego did; nothing but the actuators' limits is put on it."""
    return _staged(planners.replay, BARE, setup)


def reckless(setup: Setup) -> Stack:
    """Fast and heedless of everybody: what the safety layer has to survive."""
    return _staged(planners.reckless, WHOLE, setup)


def heedless(setup: Setup) -> Stack:
    """Keeps to its lane at the speed limit, whoever is in the way; only the layer acts."""
    return _staged(planners.heedless, WHOLE, setup)


def _policy(setup: Setup) -> str:
    return planners.FLOW if setup.policy is None else setup.policy


def _scorer(setup: Setup) -> str:
    return planners.SCORER if setup.scorer is None else setup.scorer


def _both(setup: Setup) -> tuple[str, str]:
    return _policy(setup), _scorer(setup)


def _committed(setup: Setup) -> str:
    return str(setup.latency.plan * setup.dt)


def _staged(maker: planners.Maker, layer: Layer, setup: Setup, *words: str) -> Stack:
    """A planner, wherever it is hosted, and the stages that all presets share."""
    return StagedStack(
        setup=setup,
        planner=executed(planners.hosted(maker, setup.host, *words), setup),
        controller=CONTROLLERS[setup.controller](setup.actuation),
        filter=filter_of(setup.layer or layer, setup.period),
    )


STACKS: dict[str, Callable[[Setup], Stack]] = {
    "idm": idm,
    "pdm15": pdm15,
    "pdm_lane": pdm_lane,
    "flow": flow,
    "flow_only": flow_only,
    "rules_only": rules_only,
    "flow_ruled": flow_ruled,
    "constant": constant,
    "replay": replay,
    "reckless": reckless,
    "heedless": heedless,
}
"""By name; each is built for the scenarios of a batch."""

LEARNED = ("flow", "flow_only", "flow_ruled")
"""Those that sample a policy."""

APPRAISED = ("flow", "flow_only", "rules_only")
"""Those that choose by a scoring model."""
