"""What the command line shows: progress bar, tables of results, errors."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drivestack.sim.intervals import Mean, Rate
    from drivestack.sim.progress import Advance
    from drivestack.sim.summary import Duties, Line


@contextlib.contextmanager
def progress_bar(shown: bool, title: str = "") -> Iterator[Callable[[Advance], None] | None]:
    """A callback that draws episodes done, physics steps a second and the time left.

    Drawn on standard error, and only on a terminal: quiet when piped.

    Args:
        shown: whether at all. title: before what it is busy with.
    """
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        Remaining(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, title)


class _Bar:
    """Draws what a run tells of itself: one bar for each phase."""

    def __init__(self, bar: Any, title: str) -> None:
        self._bar, self._title = bar, title
        self._phase = ""
        self._task = bar.add_task("reading files", total=None, note="")
        self._ticks = self._references = 0

    def __call__(self, advance: Advance) -> None:
        if advance.phase != self._phase:
            self._phase = advance.phase
            self._bar.remove_task(self._task)
            note = "the first run compiles, 2 to 3 minutes" if self._phase == "episodes" else ""
            name = f"{self._title} {self._phase}".lstrip()
            self._task = self._bar.add_task(name, total=advance.total, note=note)
            # what a resumed run had done before says nothing of how fast this one is
            self._bar.advance(self._task, advance.done)
        self._ticks += advance.ticks
        self._references += advance.references
        self._bar.update(self._task, completed=advance.done, total=advance.total)
        note = self._note()
        if note:
            self._bar.update(self._task, note=note)

    def _note(self) -> str:
        """How fast it goes; while nothing has ended, how far the reference is."""
        from drivestack.core.compiled import compile_seconds

        (task,) = self._bar.tasks
        seconds = (task.elapsed or 0.0) - compile_seconds()
        if self._ticks and seconds > 0.0:
            return f"{self._ticks / seconds:,.0f} steps/s"
        return f"reference: {self._references}" if self._references else ""


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
    if total.duties.any:
        print(_duties(total.duties))
    if total.exercised.trials:
        share = _share(total.exercised, of=True)
        print(f"exercised: {share} of the episodes whose script waits for somebody")


def _duties(found: Duties) -> str:
    """What the cases were, and how many of those that had to be avoided were."""
    met = f", met {_share(found.met)}" if found.met.trials else ""
    return (
        f"duty: must avoid {found.met.trials}{met}; exempt {found.exempt}; "
        f"not exercised {found.not_exercised}"
    )


_SCORES = {"nuplan_cls_1": "nuplan_cls@1", "pdms_1": "pdms@1", "epdms_1": "epdms@1"}
"""Columns of the log and their ids."""


def _print(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """One table, a gap before its last line."""
    gap = [""] * len(headings)
    print_table(title, headings, [*rows[:-1], gap, rows[-1]])


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """One table on standard output, never cut."""
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
    for place, name in enumerate(headings):
        table.add_column(name, justify="right" if place else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
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


def with_interval(found: Mean, times: float, digits: int) -> str:
    """A mean and its interval in words, as both may be negative."""
    if found.value is None:
        return "-"
    value = f"{times * found.value:.{digits}f}"
    if found.low is None or found.high is None:
        return value
    return f"{value} ({times * found.low:.{digits}f} to {times * found.high:.{digits}f})"


def complain(sentence: str) -> None:
    """An error, one line on standard error."""
    print(f"drivestack: {sentence}", file=sys.stderr)
