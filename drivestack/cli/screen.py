"""What the command line shows: progress bar, table of results, errors."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
        task = bar.add_task("episodes", total=None, note="the first run compiles for a minute")
        ticks = 0

        def advance(done: int, total: int, driven: int) -> None:
            nonlocal ticks
            ticks += driven
            seconds = (bar.tasks[0].elapsed or 0.0) - compile_seconds()
            bar.update(task, completed=done, total=total)
            if ticks and seconds > 0.0:
                bar.update(task, note=f"{ticks / seconds:,.0f} steps/s")

        yield advance


def print_table(lines: Sequence[Line], title: str) -> None:
    """The results on standard output, at least 80 characters wide."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=title,
        title_justify="left",
        caption="contact: exact polygons, with its 95 % Wilson interval",
        caption_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    failed = any(line.failed for line in lines)
    for name in ("scene", "n", *(["failed"] if failed else []), *_HEADINGS):
        table.add_column(name, justify="left" if name == "scene" else "right", no_wrap=True)
    for line in lines:
        if line.scene == "total":
            table.add_row()
        table.add_row(*_cells(line, failed))
    least = _LEAST_WIDTH + (len("failed") + 1 if failed else 0)
    Console(width=max(Console().width, least)).print(table)
    total = lines[-1]
    if total.with_expectations:
        print(f"as expected: {total.as_expected} of {total.with_expectations} episodes")


_LEAST_WIDTH = 80

_HEADINGS = (
    "contact",
    "95 %",
    "at\nfault",
    "goal",
    "progress\nm",
    "mean\nspeed\nm/s",
    "steps/s",
)


def _cells(line: Line, failed: bool) -> list[str]:
    return [
        line.scene,
        str(line.episodes),
        *([str(line.failed)] if failed else []),
        str(line.contact),
        f"{100 * line.contact_low:.0f}-{100 * line.contact_high:.0f} %",
        str(line.at_fault),
        f"{line.goal}/{line.with_goal}" if line.with_goal else "-",
        f"{line.progress_m:.0f}",
        f"{line.mean_speed:.1f}",
        f"{line.steps_per_second:,.0f}",
    ]


def complain(sentence: str) -> None:
    """An error, one line on standard error."""
    print(f"drivestack: {sentence}", file=sys.stderr)
