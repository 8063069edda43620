"""The verb `compare`: differences of runs as tables or JSON, and a gate."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drivestack.core.errors import InputError

from . import status
from .screen import complain

if TYPE_CHECKING:
    from drivestack.sim.comparing.records import (
        Against,
        Changed,
        Comparison,
        Difference,
        Group,
        Unpaired,
    )

_MOST_LINES = 20
"""Families and episodes on the screen; JSON and the record have more."""

_MOST_NAMED = 3
"""Scenarios of one run only that are named on the screen."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is to be written: its file, and how many pairs it can replay; None: as usual."""

    file: Path
    episodes: int | None


def compare_and_show(
    runs: Sequence[Path],
    measures: Sequence[str],
    tolerances: Sequence[str],
    fail_on_regression: bool,
    as_json: bool,
    page: Page | None,
) -> int:
    """Compare run folders and show what differs; returns the exit status.

    Args:
        runs: the base, then the others. measures: names; none: all. tolerances: ``NAME=VALUE``.
        fail_on_regression: whether an established one is a failure. as_json: for programs.
        page: that is written, if any.
    """
    allowed = dict(_tolerance(text) for text in tolerances)
    from drivestack.sim.comparing.compare import compare

    try:
        found = compare(*runs, measures=measures, tolerances=allowed)
        written = _written(found, page)
    except KeyboardInterrupt:
        complain("interrupted; nothing was written")
        return status.INTERRUPTED
    if as_json:
        print(json.dumps({"regressed": found.regressed, **asdict(found)}))
    else:
        for one in found.against:
            print("\n".join(_lines(found.base, one)))
        if written is not None:
            print(f"page: {written}")
    failed = fail_on_regression and found.regressed
    return status.REGRESSION if failed else status.OK


def page_of(html: Path | None, episodes: int | None) -> Page | None:
    """The page that is wanted; raises InputError where only its number of pairs is given."""
    if html is not None:
        return Page(html, episodes)
    if episodes is not None:
        raise InputError("--episodes needs --html, the page in which they can be replayed")
    return None


def _written(found: Comparison, page: Page | None) -> Path | None:
    """Write the page, if one is wanted; where it is."""
    if page is None:
        return None
    from drivestack.report.compared import EMBEDDED, write_comparison

    pairs = EMBEDDED if page.episodes is None else page.episodes
    return write_comparison(found, page.file, pairs)


def _tolerance(text: str) -> tuple[str, float]:
    """A measure and its tolerance; raises InputError where it is none."""
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        sentence = f"--tolerance must be NAME=VALUE, such as pdms_1=0.01, got '{text:.60}'"
        raise InputError(sentence) from None


def _lines(base: str, one: Against) -> Iterator[str]:
    """Everything there is to say of one other run."""
    yield f"{one.run} compared with {base}: {one.pairs:,} scenarios in both"
    yield from _reservations(one)
    if one.base_only.count:
        yield _unpaired("the base", one.base_only)
    if one.other_only.count:
        yield _unpaired("the other", one.other_only)
    yield ""
    yield from _measures(one.total)
    yield from _families(one.families)
    yield from _changes(base, one)
    yield ""
    regressions = one.regressions
    told = ", ".join(f"{found.measure} ({group})" for group, found in regressions[:_MOST_LINES])
    more = len(regressions) - _MOST_LINES
    yield f"regressions: {told or 'none'}" + (f" and {more} more" if more > 0 else "")


def _reservations(one: Against) -> Iterator[str]:
    """What makes the runs less comparable."""
    for found in one.deviations:
        yield f"  {found.what}: {found.base} in the base, {found.other} in the other"
    if one.redefined:
        yield f"  in {one.redefined:,} of them the scenario's contents differ"
    if one.rescored:
        yield f"  in {one.rescored:,} of them the scores are made of different terms"
    if one.uncompared:
        yield f"  not logged by both: {', '.join(one.uncompared)}"


def _unpaired(which: str, found: Unpaired) -> str:
    names = ", ".join(found.first[:_MOST_NAMED])
    more = ", ..." if found.count > _MOST_NAMED else ""
    return f"  only in {which}: {found.count:,} ({names}{more})"


def _measures(group: Group) -> Iterator[str]:
    """One line a measure that changed, one for all others."""
    rows = [("measure", "n", "base", "other", "difference, 95 %", "p", "")]
    for found in group.differences:
        if found.changed:
            p = "" if found.p is None else f"{found.p:.2g}"
            word = "REGRESSION" if found.regression else found.sign.value
            values = (_plain(found, found.base), _plain(found, found.other), _gap(found))
            rows.append((found.measure, str(found.pairs), *values, p, word))
    if len(rows) > 1:
        yield from _aligned(rows)
    equal = [found.measure for found in group.differences if not found.changed]
    if equal:
        yield f"equal in every pair: {', '.join(equal)}"


def _families(families: Sequence[Group]) -> Iterator[str]:
    """What is established of families, where there are several."""
    if not families:
        return
    told = []
    for group in families:
        own = [found for found in group.differences if found.sign not in ("unclear", "equal")]
        told += [
            (group.name, str(group.pairs), found.measure, _plain(found, found.base),
             _plain(found, found.other), _gap(found),
             "REGRESSION" if found.regression else found.sign.value)
            for found in own
        ]  # fmt: skip
    yield ""
    if not told:
        yield f"of {len(families)} families nothing is established on their own"
        return
    yield f"established of {len(families)} families, intervals simultaneous over them:"
    heads = ("family", "n", "measure", "base", "other", "difference", "")
    yield from _aligned([heads, *told[:_MOST_LINES]])
    if len(told) > _MOST_LINES:
        yield f"and {len(told) - _MOST_LINES} more; --json has all"


def _changes(base: str, one: Against) -> Iterator[str]:
    """Episodes that came out otherwise, worst first."""
    yield ""
    if not one.changed:
        yield "no episode came out otherwise"
        return
    yield f"{one.changed:,} episodes came out otherwise, worst first:"
    yield from (f"  {_change(change)}" for change in one.changes[:_MOST_LINES])
    if one.changed > _MOST_LINES:
        yield f"  and {one.changed - _MOST_LINES:,} more; --json has the first 1,000"
    worst = one.changes[0]
    yield "see the first with"
    for run, number in ((base, worst.base), (one.run, worst.other)):
        yield f"  {shlex.join(['drivestack', 'replay', run, '--episode', str(number)])}"


def _change(found: Changed) -> str:
    parts = [
        *([f"now {', '.join(found.appeared)}"] if found.appeared else []),
        *([f"no longer {', '.join(found.vanished)}"] if found.vanished else []),
    ]
    same = found.base == found.other
    number = f"{found.base}" if same else f"{found.base} and {found.other}"
    return f"{found.scenario} (episode {number}): {'; '.join(parts)}; pdms@1 {found.score:+.2f}"


def _plain(found: Difference, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{100.0 * value:.1f}%" if found.rate else f"{value:.4g}"


def _gap(found: Difference) -> str:
    """The difference and its interval."""
    if found.difference is None:
        return "-"
    scale, form = (100.0, "+.1f") if found.rate else (1.0, "+.3g")
    unit = " pp" if found.rate else ""
    text = f"{scale * found.difference:{form}}{unit}"
    if found.low is None or found.high is None:
        return text
    return f"{text} ({scale * found.low:{form}} to {scale * found.high:{form}})"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Cells below each other, the first column to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if place in (0, len(row) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
