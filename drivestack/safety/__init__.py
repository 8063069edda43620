"""Safety checks bound every control; the filter can only tighten."""

from collections.abc import Callable

from drivestack.core.protocols import SafetyCheck

from .envelope import Envelope
from .filter import Filter
from .inputs import Inputs
from .minimal_risk import StopInLane
from .road_boundary import RoadBoundary
from .time_to_collision import TimeToCollision

CHECKS: dict[str, Callable[[float], SafetyCheck]] = {
    "inputs": Inputs,
    "envelope": Envelope,
    "time_to_collision": TimeToCollision,
    "road_boundary": RoadBoundary,
}
"""By name; each is built with the time for which a control is held [s]."""


def rule_filter(period: float) -> Filter:
    """All rule checks, a stop in the lane behind them."""
    return Filter(period, [check(period) for check in CHECKS.values()], StopInLane(period))


def actuator_filter(period: float) -> Filter:
    """Only what every control must be: finite, from fresh inputs, and possible."""
    return Filter(period, [Inputs(period), Envelope(period)], StopInLane(period))
