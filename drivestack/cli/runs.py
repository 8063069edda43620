"""The verbs `run` and `resume`: run suites, show a table or JSON, say what went wrong."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drivestack.core.errors import InputError
from drivestack.sim.interrupts import interrupts_held

from . import status
from .explain import explanations, measures_of, print_explanations
from .screen import complain, print_tables, progress_bar

if TYPE_CHECKING:
    from drivestack.sim.log import Explanation
    from drivestack.sim.overview import Overview
    from drivestack.sim.progress import Progress
    from drivestack.sim.suite import Run
    from drivestack.sim.summary import Line


def run_and_show(
    scenarios: Sequence[Path],
    out: Path | None,
    resume: bool,
    as_json: bool,
    explain: Sequence[str],
    report: bool,
    **chosen: Any,
) -> int:
    """Run files and show the result; returns the exit status.

    Args:
        scenarios: files. out: the run folder; None: one under ``runs``. resume: whether it may have
        been begun. as_json: for programs. explain: measures whose reasons are shown.
        report: whether one is written. chosen: what else `drivestack.run` takes.
    """
    if resume and out is None:
        raise InputError("--resume needs --out, the folder of the run, or 'drivestack resume RUN'")
    with interrupts_held():  # callbacks of Python's imports swallow an interrupt
        from drivestack.scenario.limits import check_files

    check_files(scenarios, chosen["seed"] is not None)  # what is wrong is told in half a second
    folder = out or default_folder(scenarios[0])

    def start(progress: Progress | None) -> Run:
        from drivestack.sim.suite import run

        return run(*scenarios, out=folder, resume=resume, progress=progress, **chosen)

    return _show(start, folder, as_json, explain, report)


def resume_and_show(
    folder: Path, as_json: bool, explain: Sequence[str], report: bool, **chosen: Any
) -> int:
    """Go on with a run and show the result; returns the exit status.

    Args:
        folder: of the run. as_json, explain, report, chosen: as in `run_and_show`.
    """

    def start(progress: Progress | None) -> Run:
        from drivestack.sim.suite import resumed

        return resumed(folder, progress, **chosen)

    return _show(start, folder, as_json, explain, report)


def merge_and_show(runs: Sequence[Path], out: Path, as_json: bool, report: bool) -> int:
    """Put shards together and show the whole; returns the exit status.

    Args:
        runs: folders of shards. out: folder of the whole. as_json: for programs. report: whether
        one is written.
    """

    def start(progress: Progress | None) -> Run:
        from drivestack.sim.merging import merge

        return merge(*runs, out=out)

    return _show(start, out, as_json, (), report)


def _show(
    start: Callable[[Progress | None], Run],
    folder: Path,
    as_json: bool,
    explain: Sequence[str],
    report: bool,
) -> int:
    try:
        measures = measures_of(explain) if explain else ()
        with interrupts_held():  # extension modules turn an interrupt into errors of their own
            from drivestack.sim.overview import overview
        with progress_bar(shown=not as_json) as advance:
            result = start(advance)
        seen = overview(result.episodes, result.seconds - result.compiling - result.reference)
        reasons = explanations(folder, measures)
        page = _report(folder) if report else None
    except KeyboardInterrupt:
        complain(f"interrupted; {_kept(folder)}")
        return status.INTERRUPTED
    if result.resumed:
        complain(_went_on(result))
    if as_json:
        _print_json(result, seen.lines, folder, reasons if explain else None)
    else:
        print_tables(seen.lines, ", ".join(seen.drivers))
        print_explanations(measures, reasons)
        rate = seen.lines[-1].steps_per_second
        print(f"{_took(result)}, {rate:,.0f} steps/s; log in {folder}")
        if page is not None:
            print(f"report: {page}")
    return _judged(seen)


def _report(folder: Path) -> Path:
    """Write the report; returns where it is."""
    from drivestack.report import write

    return write(folder)


def _kept(folder: Path) -> str:
    """What is left of a run, and how to go on with it."""
    if not folder.exists():
        return "nothing was written"
    return f"what had finished is in {folder}; 'drivestack resume {folder}' goes on"


def _went_on(result: Run) -> str:
    """How much of a resumed run was there before."""
    there, total = result.resumed, len(result.episodes)
    if there == total:
        return f"{result.folder}: is finished, nothing was left to do"
    return f"{result.folder}: {there:,} of {total:,} episodes were there before"


def _took(result: Run) -> str:
    """The wall time, and what besides the episodes took much of it."""
    parts = (("compiling", result.compiling), ("for the reference", result.reference))
    besides = [f"{seconds:.0f} s of it {what}" for what, seconds in parts if seconds >= 1.0]
    return ", ".join([f"{result.seconds:.1f} s", *besides])


def _print_json(
    result: Run, lines: Sequence[Line], folder: Path, reasons: Sequence[Explanation] | None
) -> None:
    """One JSON object; its episodes are written one by one, however many they are."""
    facts: dict[str, Any] = {
        "run": str(folder),
        "digest": result.digest,
        "resumed": result.resumed,
        "seconds": result.seconds,
        "compile_seconds": result.compiling,
        "reference_seconds": result.reference,
        "stage_seconds": result.stages,
        "table": [asdict(line) for line in lines],
    }
    if reasons is not None:
        facts["reasons"] = [asdict(reason) for reason in reasons]
    print(json.dumps(facts)[:-1], end=', "episodes": [')
    for number, row in enumerate(result.episodes):
        print(", " if number else "", json.dumps(row), sep="", end="")
    print("]}")


def _judged(seen: Overview) -> int:
    """Name episodes that raised or came out otherwise than expected; returns the exit status."""
    for scenario, why in seen.raised:
        complain(f"failed: {scenario}: {why}")
    for scenario, why in seen.unexpected:
        complain(f"not as expected: {scenario}: {why}")
    if seen.raised:
        return status.PARTIAL
    return status.UNEXPECTED if seen.unexpected else status.OK


def default_folder(first: Path) -> Path:
    """``runs/<time>-<name>``, numbered if that is taken."""
    name = first.name.split(".")[0][:80] or "run"
    stem = f"{datetime.datetime.now():%Y-%m-%dT%H-%M-%S}-{name}"
    folder, number = Path("runs") / stem, 1
    while folder.exists():
        number += 1
        folder = Path("runs") / f"{stem}-{number}"
    return folder
