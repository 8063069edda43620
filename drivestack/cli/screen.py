"""What the command line shows: progress bar, tables of results, errors."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivestack.sim.intervals import Mean, Rate
    from drivestack.sim.summary import Line


@contextlib.contextmanager
def progress_bar(shown: bool) -> Iterator[Callable[[int, int, int], None] | None]:
    """A callback that draws episodes done, physics steps a second and the time left.

    Drawn on standard error, and only on a terminal: quiet when piped.
    """
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    from drivestack.core.compiled import compile_seconds

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        Remaining(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("episodes", total=None, note="the first run compiles, 1 to 2 minutes")
        ticks = 0

        def advance(done: int, total: int, driven: int) -> None:
            nonlocal ticks
            ticks += driven
            seconds = (bar.tasks[0].elapsed or 0.0) - compile_seconds()
            bar.update(task, completed=done, total=total)
            if ticks and seconds > 0.0:
                bar.update(task, note=f"{ticks / seconds:,.0f} steps/s")

        yield advance


def print_tables(lines: Sequence[Line], title: str) -> None:
    """The results on standard output, never cut: outcomes, then scores."""
    failed = any(line.failed for line in lines)
    rows = [
        [
            *_head(line, failed),
            _share(line.contact),
            _share(line.at_fault),
            _share(line.goal, of=True),
            _share(line.frozen),
            _mean(line.mean_speed, 1.0, 1),
        ]
        for line in lines
    ]
    outcomes = ["contact", "at fault", "goal", "frozen", "speed m/s"]
    _print(title, [*_heads(failed), *outcomes], rows)
    rows = [
        [
            *_head(line, failed),
            *(_mean(line.scores[column], 100.0, 0) for column in _SCORES),
            _mean(line.progress_m, 1.0, 0),
        ]
        for line in lines
    ]
    print()
    _print("scores x 100", [*_heads(failed), *_SCORES.values(), "progress m"], rows)
    print("with 95 % intervals: Wilson's for rates [%], bootstrapped for means")
    total = lines[-1]
    if total.with_expectations:
        print(f"as expected: {total.as_expected} of {total.with_expectations} episodes")


_SCORES = {"nuplan_cls_1": "nuplan_cls@1", "pdms_1": "pdms@1", "epdms_1": "epdms@1"}
"""Columns of the log and their ids."""


def _print(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """One table, a gap before its last line."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for name in headings:
        table.add_column(name, justify="left" if name == "scene" else "right", no_wrap=True)
    for row in rows[:-1]:
        table.add_row(*row)
    table.add_row()
    table.add_row(*rows[-1])
    cells = zip(headings, *rows, strict=True)
    needed = sum(max(map(len, column)) + 1 for column in cells)
    Console(width=max(Console().width, needed)).print(table)


def _heads(failed: bool) -> list[str]:
    return ["scene", "n", *(["failed"] if failed else [])]


def _head(line: Line, failed: bool) -> list[str]:
    return [line.scene, str(line.episodes), *([str(line.failed)] if failed else [])]


def _share(found: Rate, of: bool = False) -> str:
    """A count, of how many, and the interval of the rate."""
    if not found.trials:
        return "-"
    count = f"{found.hits}/{found.trials}" if of else str(found.hits)
    return f"{count} {100 * found.low:.0f}-{100 * found.high:.0f}%"


def _mean(found: Mean, times: float, digits: int) -> str:
    """A mean and its interval."""
    if found.value is None:
        return "-"
    value = f"{times * found.value:.{digits}f}"
    if found.low is None or found.high is None:
        return value
    return f"{value} {times * found.low:.{digits}f}-{times * found.high:.{digits}f}"


def complain(sentence: str) -> None:
    """An error, one line on standard error."""
    print(f"drivestack: {sentence}", file=sys.stderr)
