"""Transitions from 0 to 1 over a unit interval: OpenSCENARIO's dynamics shapes, in closed form.

With u in [0, 1]: linear u; sinusoidal (1 - cos(pi u)) / 2; cubic 3 u^2 - 2 u^3; a step is 1 at
once. All but the step are symmetrical, so the area below each is 1/2.
"""

from __future__ import annotations

import math

from drivestack.core.compiled import hot_kernel, inlined_kernel
from drivestack.core.script import Shape, Span

_STEP = int(Shape.STEP)
_LINEAR = int(Shape.LINEAR)
_SINUSOIDAL = int(Shape.SINUSOIDAL)
_RATE = int(Span.RATE)
_ACCELERATION = int(Span.ACCELERATION)


@inlined_kernel
def ramp(shape: int, u: float) -> float:
    """The share of the change that is made at u."""
    if u >= 1.0 or shape == _STEP:
        return 1.0
    u = max(u, 0.0)
    if shape == _LINEAR:
        return u
    if shape == _SINUSOIDAL:
        return 0.5 * (1.0 - math.cos(math.pi * u))
    return u * u * (3.0 - 2.0 * u)


@inlined_kernel
def ramp_slope(shape: int, u: float) -> float:
    """Its derivative by u, 0 from u = 1 on."""
    if not 0.0 <= u < 1.0 or shape == _STEP:
        return 0.0
    if shape == _LINEAR:
        return 1.0
    if shape == _SINUSOIDAL:
        return 0.5 * math.pi * math.sin(math.pi * u)
    return 6.0 * u * (1.0 - u)


@inlined_kernel
def ramp_area(shape: int, u: float) -> float:
    """Its integral from 0 to u."""
    if shape == _STEP:
        return u
    beyond = max(u - 1.0, 0.0)
    u = min(max(u, 0.0), 1.0)
    if shape == _LINEAR:
        return 0.5 * u * u + beyond
    if shape == _SINUSOIDAL:
        return 0.5 * (u - math.sin(math.pi * u) / math.pi) + beyond
    return u * u * u * (1.0 - 0.5 * u) + beyond


@hot_kernel
def ramp_length(shape: int, span: int, size: float, change: float) -> float:
    """How long the transition is: [s], or [m] where its span is a distance.

    Args:
        change: of the value, of any sign. size: of the span; a rate or an acceleration is the
        largest one on the way, and 0 means that the target is never reached.

    Returns:
        0 for a step and where nothing changes, infinity for a rate of 0.
    """
    way = abs(change)
    if shape == _STEP or way == 0.0:
        return 0.0
    if span == _RATE:
        peak = 1.0 if shape == _LINEAR else (0.5 * math.pi if shape == _SINUSOIDAL else 1.5)
        return peak * way / abs(size) if size != 0.0 else math.inf
    if span == _ACCELERATION:
        peak = 0.5 * math.pi * math.pi if shape == _SINUSOIDAL else 6.0
        return math.sqrt(peak * way / abs(size)) if size != 0.0 else math.inf
    return size
