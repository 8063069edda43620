"""Scenarios: the schema of scenario files, parameter grids, suites, and where maps come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from drivestack.core.start import Start

__all__ = ["failed_expectations", "json_schema", "load"]


def load(path: str | Path) -> Iterator[Start]:
    """The first states that a file stands for, lazily and in order.

    Args:
        path: a scenario or suite (``.yaml``), or a CommonRoad file (``.xml``, ``.xml.gz``).

    Raises:
        InputError: one sentence with file, line, field and the nearest valid key. Everything in
            the file is checked before this function returns.
    """
    from .loader import documents
    from .resolve import starts

    return starts(documents(Path(path)))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of scenario and suite files, for editors."""
    from .schema import json_schema

    return json_schema()


def failed_expectations(
    resolved: str, measures: Mapping[str, float | bool]
) -> tuple[str, ...] | None:
    """A clause for each expectation of `Start.resolved` that fails; None if there is none."""
    from .expectations import failed_expectations

    return failed_expectations(resolved, measures)
