"""Safety checks bound every control; the filter can only tighten."""

from collections.abc import Callable

from drivestack.core.protocols import SafetyCheck

from .envelope import Envelope

CHECKS: dict[str, Callable[[float], SafetyCheck]] = {"envelope": Envelope}
"""By name; each is built with the time for which a control is held [s]."""
