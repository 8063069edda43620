"""Safety checks bound every control; the filter can only tighten."""

from collections.abc import Callable

from drivestack.core.errors import InputError, unknown
from drivestack.core.protocols import SafetyCheck

from .aeb import Aeb
from .critic import Critic
from .envelope import Envelope
from .filter import Filter
from .guarded import Guarded
from .inputs import Inputs
from .integrity import Integrity
from .layer import Layer
from .minimal_risk import LeastRisk
from .monitors.criticality import Criticality
from .monitors.rss import RssMonitor
from .monitors.time_to_collision import TimeToCollision
from .monitors.watched import Watched
from .occlusion import Occlusion
from .right_of_way import RightOfWay
from .road_boundary import RoadBoundary
from .what_if.check import WhatIf
from .wrong_way import WrongWay

Making = Callable[[float], SafetyCheck]
"""Makes a check from the time for which a control is held [s]."""

GUARDS: dict[str, Making] = {
    "inputs": Inputs,
    "envelope": Envelope,
    "integrity": Integrity,
}
"""By name; what every control must pass, whatever else is chosen."""

CHECKS: dict[str, Making] = {
    "what_if": WhatIf,
    "road_boundary": RoadBoundary,
    "wrong_way": WrongWay,
    "right_of_way": RightOfWay,
    "occlusion": Occlusion,
    "aeb": Aeb,
}
"""By name; what binds the control unless it is left out."""

MONITORS: dict[str, Making] = {
    "criticality": Criticality,
    "rss": RssMonitor,
    "time_to_collision": TimeToCollision,
}
"""By name; what is measured and logged at every tick, and binds only where that is asked for."""

CRITIC = "critic"
"""The learned check, which needs a checkpoint."""

WHOLE = Layer(checks=tuple(CHECKS))
"""The layer that stacks have unless told otherwise."""

BARE = Layer(checks=())
"""Nothing but the guards."""


def filter_of(layer: Layer, period: float) -> Guarded:
    """The filter of a layer, for controls that are held for a period [s].

    Raises:
        InputError: there is no such check or monitor.
    """
    check_layer(layer)
    named = {name: make for name, make in CHECKS.items() if name in layer.checks}
    chosen = [make(period) for make in (GUARDS | named).values()]
    chosen = [one.at_price(layer.price) if isinstance(one, WhatIf) else one for one in chosen]
    for name, make in MONITORS.items():
        chosen.append(make(period) if name in layer.bound else Watched(make(period)))
    if layer.critic is not None:
        chosen.append(Critic.read(layer.critic, CRITIC in layer.checks))
    return Guarded(Filter(period, chosen, LeastRisk(period), guards=len(GUARDS)))


def check_layer(layer: Layer) -> None:
    """Raise InputError where a layer names something that there is not."""
    for name in layer.checks:
        if name not in (*CHECKS, CRITIC):
            raise unknown("check", name, (*CHECKS, CRITIC))
    for name in layer.bound:
        if name not in MONITORS:
            raise unknown("monitor", name, MONITORS)
    if CRITIC in layer.checks and layer.critic is None:
        raise InputError("check 'critic' needs --critic FILE, a checkpoint of 'train critic'")
