"""The layers that are compared: the whole, none, each without one check, each with only one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from drivestack.core.errors import InputError
from drivestack.safety import BARE, Layer

WHOLE, NONE = "layer", "none"
"""Names of the arm that is judged, and of the one it is compared with."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A layer under a name, which is that of its folder too."""

    name: str
    layer: Layer

    @property
    def words(self) -> dict[str, Any]:
        """The layer by the names of `settings_of`'s arguments."""
        layer = self.layer
        words = {"checks": layer.checks, "bind": layer.bound, "price": layer.price}
        return words if layer.critic is None else words | {"critic": layer.critic}


def arms_of(layer: Layer, ablate: bool, prices: Sequence[float]) -> tuple[Arm, ...]:
    """What is driven: the one without any layer first, then the whole one.

    Args:
        ablate: also each check (and bound monitor) left out, and each by itself.
        prices: also the layer at each of these.

    Raises:
        InputError: a price is given twice, or is none.
    """
    for price in prices:
        if not (math.isfinite(price) and price >= 0.0):
            raise InputError(f"prices must be numbers from 0, got {price:g}")
    found = [Arm(NONE, replace(layer, checks=BARE.checks, bound=())), Arm(WHOLE, layer)]
    if ablate:
        names = (*layer.checks, *layer.bound)
        found += [Arm(f"without-{name}", _kept(layer, set(names) - {name})) for name in names]
        found += [Arm(f"only-{name}", _kept(layer, {name})) for name in names]
    found += [Arm(f"price-{price:g}", replace(layer, price=price)) for price in prices]
    if len({arm.name for arm in found}) < len(found):
        raise InputError(f"prices must differ, got {', '.join(f'{price:g}' for price in prices)}")
    return tuple(found)


def _kept(layer: Layer, names: set[str]) -> Layer:
    """A layer with some of its checks and bound monitors."""
    return replace(
        layer,
        checks=tuple(name for name in layer.checks if name in names),
        bound=tuple(name for name in layer.bound if name in names),
    )
