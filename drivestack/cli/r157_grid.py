"""The verb `safety r157-grid`: the cut-in grid of UN R157 as a table or JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from drivestack.core.errors import InputError

from . import status

if TYPE_CHECKING:
    from drivestack.safety.r157.comparison import Bound, Row

_HEAD = ("driver", "collisions", "needless %", "harm", "acted", "saved", "missed", "impact m/s")


def grid_and_show(
    latency: float, model: str, price: float | None, persistence: int, profile: str, as_json: bool
) -> int:
    """Drive the grid by all drivers and show what came of it; returns the exit status.

    Args:
        latency: [s]. model: of the latency. price: of a needless brake; None: only what is certain.
        persistence: samples with motion before acting. profile: of the other's lateral motion.
    """
    from drivestack.safety.r157.comparison import (
        PRICES,
        bound_of,
        curve,
        profile_of,
        reaction_of,
        reference_rows,
        what_if_row,
    )
    from drivestack.safety.r157.what_if import WhatIf

    if price is not None and not price >= 0.0:
        raise InputError(f"--price must be at least 0, got {price:g}")
    reaction, sideways = reaction_of(latency, model), profile_of(profile)
    rule = WhatIf(price=math.inf if price is None else price, persistence=float(persistence))
    own, bound = what_if_row(rule, reaction, sideways), bound_of(reaction, sideways)
    prices = [other for other in PRICES if other != rule.price]
    rows = [*reference_rows(sideways), *curve(prices, rule, reaction, sideways)]
    if as_json:
        print(json.dumps(_facts(own, rows, bound)))
    else:
        _print(own, rows, bound, f"latency {latency:g} s as {model}, {profile}")
    return status.OK


def _facts(own: Row, rows: list[Row], bound: Bound) -> dict[str, object]:
    return {
        "low": asdict(own.low),
        "high": asdict(own.high),
        "unavoidable": asdict(bound),
        "drivers": {row.driver: {"low": asdict(row.low), "high": asdict(row.high)}
                    for row in (*rows, own)},
    }  # fmt: skip


def _print(own: Row, rows: list[Row], bound: Bound, how: str) -> None:
    print(
        f"cut-in grid of UN R157, {own.low.cases:,} to 60 km/h / {own.high.cases:,} to 130, {how}"
    )
    cells = [_HEAD, *(_cells(row) for row in rows), _cells(own)]
    widths = [max(len(line[c]) for line in cells) for c in range(len(_HEAD))]
    for line in cells:
        first, *rest = (text.rjust(width) for text, width in zip(line, widths, strict=True))
        print(line[0].ljust(len(first)), *rest, sep="  ")
    print(
        f"no braking avoids {bound.low:,} / {bound.high:,}; needless: of those safe by themselves"
    )


def _cells(row: Row) -> tuple[str, ...]:
    pair = (row.low, row.high)
    counts = (
        " / ".join(f"{getattr(one, name):,}" for one in pair)
        for name in ("collisions", "harm", "acted", "saved", "missed")
    )
    collisions, harm, acted, saved, missed = counts
    needless = " / ".join(f"{100.0 * one.needless_share:.1f}" for one in pair)
    impact = " / ".join(f"{one.impact:.1f}" for one in pair)
    return row.driver, collisions, needless, harm, acted, saved, missed, impact
