"""The verb `run`: run suites, show a table or JSON, say what went wrong."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import status
from .explain import explanations, measures_of, print_explanations
from .screen import complain, print_tables, progress_bar

if TYPE_CHECKING:
    from drivestack.sim.log import Explanation
    from drivestack.sim.suite import Run
    from drivestack.sim.summary import Line

_MOST_COMPLAINTS = 5
"""Episodes of one kind named on the screen; all are in the log."""


def run_and_show(
    scenarios: Sequence[Path],
    out: Path | None,
    as_json: bool,
    explain: Sequence[str],
    **chosen: Any,
) -> int:
    """Run files and show the result; returns the exit status.

    Args:
        scenarios: files. out: the run folder; None: one under ``runs``. as_json: for programs.
        explain: measures whose reasons are shown. chosen: what else `drivestack.run` takes.
    """
    folder = out or _default_folder(scenarios[0])
    try:
        measures = measures_of(explain) if explain else ()
        result, lines = _driven(scenarios, folder, as_json, chosen)
        reasons = explanations(folder, measures)
    except KeyboardInterrupt:
        kept = f"what had finished is in {folder}" if folder.exists() else "nothing was written"
        complain(f"interrupted; {kept}")
        return status.INTERRUPTED
    if as_json:
        _print_json(result, lines, folder, reasons if explain else None)
    else:
        print_tables(lines, f"{_who(result.episodes)} on {chosen['backend']}")
        print_explanations(measures, reasons)
        print(f"{_took(result)}, {lines[-1].steps_per_second:,.0f} steps/s; log in {folder}")
    return _judged(result.episodes)


def _driven(
    scenarios: Sequence[Path], folder: Path, quiet: bool, chosen: dict[str, Any]
) -> tuple[Run, list[Line]]:
    """The finished run and its table."""
    from drivestack.sim.interrupts import interrupts_held

    with interrupts_held():  # extension modules turn an interrupt into errors of their own
        from drivestack.sim.suite import run
        from drivestack.sim.summary import table

    with progress_bar(shown=not quiet) as advance:
        result = run(*scenarios, out=folder, progress=advance, **chosen)
    driving = result.seconds - result.compiling - result.reference
    return result, table(result.episodes, driving)


def _who(episodes: Sequence[dict[str, Any]]) -> str:
    """Who drove: a stack and its controller, or kinds of ego that drive themselves."""
    found = [
        f"{row['stack']}/{row['controller']}" if row["stack"] else f"ego {row['ego_kind']}"
        for row in episodes
    ]
    return ", ".join(dict.fromkeys(found))


def _took(result: Run) -> str:
    """The wall time, and what besides the episodes took much of it."""
    parts = (("compiling", result.compiling), ("for the reference", result.reference))
    besides = [f"{seconds:.0f} s of it {what}" for what, seconds in parts if seconds >= 1.0]
    return ", ".join([f"{result.seconds:.1f} s", *besides])


def _print_json(
    result: Run, lines: Sequence[Line], folder: Path, reasons: Sequence[Explanation] | None
) -> None:
    facts: dict[str, Any] = {
        "run": str(folder),
        "seconds": result.seconds,
        "compile_seconds": result.compiling,
        "reference_seconds": result.reference,
        "stage_seconds": result.stages,
        "table": [asdict(line) for line in lines],
        "episodes": result.episodes,
    }
    if reasons is not None:
        facts["reasons"] = [asdict(reason) for reason in reasons]
    print(json.dumps(facts))


def _judged(episodes: Sequence[dict[str, Any]]) -> int:
    """Name episodes that raised or came out otherwise than expected; returns the exit status."""
    raised = [row for row in episodes if row["outcome"] == "failed"]
    for row in raised[:_MOST_COMPLAINTS]:
        complain(f"failed: {row['scenario']}: {row['failure']}")
    unexpected = [row for row in episodes if row["expectations"] == "failed"]
    for row in unexpected[:_MOST_COMPLAINTS]:
        complain(f"not as expected: {row['scenario']}: {row['unmet']}")
    if raised:
        return status.PARTIAL
    return status.UNEXPECTED if unexpected else status.OK


def _default_folder(first: Path) -> Path:
    """``runs/<time>-<name>``, numbered if that is taken."""
    name = first.name.split(".")[0][:80] or "run"
    stem = f"{datetime.datetime.now():%Y-%m-%dT%H-%M-%S}-{name}"
    folder, number = Path("runs") / stem, 1
    while folder.exists():
        number += 1
        folder = Path("runs") / f"{stem}-{number}"
    return folder
