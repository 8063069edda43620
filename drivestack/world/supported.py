"""Which scenarios the highway-env backend can run, told without loading highway-env."""

from __future__ import annotations

from drivestack.core.errors import UnsupportedError
from drivestack.core.start import Reference, Start
from drivestack.core.tables import Plant


def reference_of(start: Start) -> Reference:
    """The highway-env scene of a start; raises UnsupportedError if there is none to run."""
    place = f"{start.source}: '{start.scenario}'"
    if start.reference is None:
        raise UnsupportedError(f"{place} is not a highway-env scene; run it with --backend engine")
    if Plant(int(start.slot["plant"][0])) == Plant.LAGGED:
        raise UnsupportedError(
            f"{place}: highway-env has no lagged plant; run it with --backend engine"
        )
    return start.reference
