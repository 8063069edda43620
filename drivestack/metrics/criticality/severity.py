"""How hard a collision would be."""

from __future__ import annotations

from drivestack.core.types import Floats


def delta_v(closing: Floats, mass: Floats, other_mass: Floats) -> Floats:
    """Change of the own velocity in a fully plastic collision [m/s].

    Args:
        closing: size of the relative velocity [m/s], any shape. mass, other_mass: [kg], positive.

    Source: Shelby 2011; reference safety.md, section 2: m2 / (m1 + m2) closing.
    """
    return other_mass / (mass + other_mass) * closing
