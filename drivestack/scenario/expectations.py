"""Whether an episode came out as its scenario expects."""

from __future__ import annotations

import json
from collections.abc import Mapping

from .schema import Bounds, Expect


def failed_expectations(
    resolved: str, measures: Mapping[str, float | bool]
) -> tuple[str, ...] | None:
    """A clause for each expectation that an episode fails.

    Args:
        resolved: `Start.resolved`. measures: what the runner measured, by the keys of `Expect`.

    Returns:
        Empty if all hold, None if nothing is expected.

    Raises:
        KeyError: an expectation names a measure that was not taken.
    """
    expect = Expect.model_validate(json.loads(resolved or "{}").get("expect", {}))
    wishes = {name: wanted for name, wanted in expect if wanted is not None}
    failed = []
    for name, wanted in wishes.items():
        value = measures[name]
        if isinstance(wanted, Bounds):
            if wanted.min is not None and value < wanted.min:
                failed.append(f"{name} {value:g} is below {wanted.min:g}")
            if wanted.max is not None and value > wanted.max:
                failed.append(f"{name} {value:g} is above {wanted.max:g}")
        elif bool(value) != wanted:
            failed.append(f"{name} is {str(bool(value)).lower()}, not {str(wanted).lower()}")
    return tuple(failed) if wishes else None
