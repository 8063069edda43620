"""Write docs/r157_grid.md: the cut-in grid of UN R157 by all drivers, at each latency.

    python tools/r157_grid.py [--out docs/r157_grid.md]

Takes two minutes. The figure is made by `drivestack safety r157-grid --noise none --out FILE`.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from drivestack.safety.r157.comparison import (
    NOISY_PRICES,
    PRICES,
    curve,
    noisy_curve,
    noisy_references,
    reaction_of,
    reference_rows,
    seen_through,
    shifting_rows,
)
from drivestack.safety.r157.driven import Model, Strike
from drivestack.safety.r157.grid import PROFILES, Grid, Row, bound_of, grid_of, named
from drivestack.safety.r157.noise import Noise
from drivestack.safety.r157.what_if import WhatIf
from drivestack.sim.files import write_text

LATENCIES = ((0.1, "delay"), (0.3, "delay"), (0.75, "delay"), (0.75, "timer"))

NOISE = Noise(0.05, 0.05)

HEAD = """# The cut-in grid of UN R157

Made by `python tools/r157_grid.py`; nothing here is typed. 29,970 cut-ins of the JRC's
study, low / high speed. *Needless*: a speed was reduced in a case that is safe by itself, in % of
these. *Harm*: contact where there is none if nobody acts. *Delay*: of every command; *timer*: of
attention, which is how the reference models have their 0.75 s. *Certain*: the rule brakes on what
is certain; *price*: of a needless brake, in collisions. `drivestack safety r157-grid` prints any of
these tables.
"""

_COLUMNS = (
    "driver",
    "collisions",
    "needless %",
    "harm",
    "saved",
    "missed",
    "m/s lost",
    "impact m/s",
)


def main() -> int:
    """Drive, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/r157_grid.md"))
    write_text(parser.parse_args().out, "\n".join([HEAD, *_sections()]))
    return 0


def _sections() -> Iterator[str]:
    grid = grid_of("ramp")
    yield _section("Reference models", reference_rows(grid))
    seen = seen_through(NOISE, grid)
    for latency, model in LATENCIES:
        reaction, bound = reaction_of(latency, model), bound_of(grid, reaction_of(latency, model))
        yield _section(
            f"{latency:g} s as {model}: no braking avoids {bound.low:,} / {bound.high:,}",
            [
                *curve(PRICES, WhatIf(), reaction, grid),
                *shifting_rows(WhatIf(), reaction, grid),
            ],
        )
        yield _section(
            f"{latency:g} s as {model}, under white noise of {NOISE.y:g} m and {NOISE.speed:g} m/s",
            [
                *noisy_references(seen, reaction, grid),
                *noisy_curve(NOISY_PRICES, seen, NOISE, WhatIf(), reaction, grid),
            ],
        )
    yield from _other_profiles()
    yield from _names(grid)


def _other_profiles() -> Iterator[str]:
    for profile in list(PROFILES)[1:]:
        grid = grid_of(profile)
        rows = list(reference_rows(grid, (Model.NOBODY, Model.RSS, Model.FSM)))
        for latency, model in LATENCIES:
            how = f"{latency:g} s as {model}"
            found = curve((math.inf, 2.0), WhatIf(), reaction_of(latency, model), grid)
            rows += [replace(row, driver=f"{row.driver}, {how}") for row in found]
        bound = bound_of(grid, reaction_of(0.75, "delay"))
        yield _section(
            f"Profile {profile}: no braking avoids {bound.low:,} / {bound.high:,} after 0.75 s",
            rows,
        )


def _names(grid: Grid) -> Iterator[str]:
    """Boundary cases, and those of the runs' end: ego and other [km/h], gap [m], aside [m/s]."""
    row = next(iter(curve((math.inf,), WhatIf(), reaction_of(0.75, "timer"), grid)))
    yield "## Cases by name\n\nSpeeds of ego and other [km/h], gap [m], lateral speed [m/s].\n"
    for title, missed in (
        (
            "Boundary: contacts shallower than a micrometre, which the certain rule leaves alone",
            True,
        ),
        ("Run's end: the certain rule brakes for a contact after the 35 s", False),
    ):
        yield f"{title}:\n"
        for part, found in zip(grid.ranges, row.outcomes, strict=True):
            which = part.needed & ~found.braked if missed else found.braked & ~part.needed
            assert not (found.strike[which & ~part.needed] != Strike.NONE).any()
            yield f"- {part.cases.name}: {', '.join(named(part, which)) or 'none'}"
        yield ""


def _section(title: str, rows: Iterable[Row]) -> str:
    lines = [f"## {title}\n", _line(_COLUMNS), _line(["---", *["---:"] * (len(_COLUMNS) - 1)])]
    return "\n".join([*lines, *(_line(_cells(row)) for row in rows), ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> list[str]:
    pair = (row.low, row.high)
    counts = [
        " / ".join(f"{getattr(one, name):,}" for one in pair)
        for name in ("collisions", "harm", "saved", "missed")
    ]
    needless = " / ".join(f"{100.0 * one.needless_share:.1f}" for one in pair)
    speeds = [
        " / ".join(f"{getattr(one, name):.1f}" for one in pair) for name in ("lost", "impact")
    ]
    return [row.driver, counts[0], needless, *counts[1:], *speeds]


if __name__ == "__main__":
    sys.exit(main())
