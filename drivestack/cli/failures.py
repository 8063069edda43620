"""The verb `why`: what each stage of a stack costs, on the failures of a run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import status
from .options import Debug, Json, Workers
from .screen import complain
from .training import progress_bar

if TYPE_CHECKING:
    from drivestack.sim.why import Arm, Why

_WIDTH = 24
"""Characters of a whole bar."""


def why(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    of: Annotated[
        str, typer.Option(help="What failures are told by: at_fault, or a score below 1.")
    ] = "at_fault",
    most: Annotated[int, typer.Option(min=1, help="Failures to look at, evenly chosen.")] = 50,
    workers: Workers = 1,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Drive a run's failures again, each time with one stage made perfect."""
    from drivestack.sim.why import why as looked_into

    try:
        with progress_bar(shown=not as_json) as advance:
            found = looked_into(run, of, most, workers, advance)
    except KeyboardInterrupt:
        complain("interrupted; nothing was written")
        return status.INTERRUPTED
    if as_json:
        print(json.dumps(asdict(found)))
    else:
        _print(found)
    return status.OK


def _print(found: Why) -> None:
    count = len(found.failures)
    print(f"{found.stack}: {count} of {found.episodes} episodes failed by {found.measure}")
    if len(found.looked_at) < count:
        print(f"{len(found.looked_at)} of them were looked at")
    if not found.arms:
        return
    print("with one stage made perfect, so many are failures no more (95 % interval):")
    width = max(len(arm.stage) for arm in found.arms)
    for arm in found.arms:
        print(f"{arm.stage:{width}} {_told(arm)}")


def _told(arm: Arm) -> str:
    share = arm.mended.hits / max(arm.mended.trials, 1)
    bar = "#" * round(share * _WIDTH)
    low, high = 100.0 * arm.mended.low, 100.0 * arm.mended.high
    text = f"{bar:{_WIDTH}} {arm.mended.hits}/{arm.mended.trials} {low:.0f}-{high:.0f}%"
    if arm.change.value is None:
        return text
    text += f", pdms@1 {100.0 * arm.change.value:+.1f}"
    if arm.change.low is not None and arm.change.high is not None:
        text += f" ({100.0 * arm.change.low:+.1f} to {100.0 * arm.change.high:+.1f})"
    return text
