"""Some dozen cases of the grid by every driver: what must hold of any sample, however small."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivestack.core.errors import InputError
from drivestack.safety.r157.cases import low, ramps
from drivestack.safety.r157.comparison import (
    LATE,
    SHIFT,
    SURGE,
    curve,
    noisy_curve,
    noisy_references,
    reaction_of,
    reference_rows,
    seen_through,
    shifting_rows,
)
from drivestack.safety.r157.driven import Model, Strike
from drivestack.safety.r157.grid import PROFILES, Grid, Range, Row, bound_of, grid_of, named
from drivestack.safety.r157.judged import Judged, needed
from drivestack.safety.r157.noise import Noise
from drivestack.safety.r157.what_if import MOST_DELAY, Reaction, WhatIf, drive_by_what_if

NOISE = Noise(0.05, 0.05)
DELAYED, ATTENTIVE = Reaction(delay=3), Reaction(timer=8)


@pytest.fixture(scope="module")
def few() -> Grid:
    """16 and 15 cases."""
    return grid_of("ramp", 1000)


def dangerous(grid: Grid, every: int = 1) -> Grid:
    """Those that end in a contact if nobody acts."""
    low, high = (
        Range(part.cases.chosen(np.flatnonzero(part.needed)[::every]), part.needed[part.needed])
        for part in grid.ranges
    )
    return Grid(grid.sideways, (low, high))


def both(row: Row) -> tuple[Judged, Judged]:
    """Its judgements, each of whose counts adds up."""
    for judged, outcome in zip((row.low, row.high), row.outcomes, strict=True):
        strikes = outcome.strike != Strike.NONE
        assert judged.collisions == strikes.sum() == (outcome.impact > 0.0).sum()
        assert judged.saved + judged.missed <= judged.needed
        assert judged.collisions <= judged.needed + judged.harm
        assert (outcome.lost >= 0.0).all()
        assert not (outcome.lost[~outcome.braked] > 0.5).any(), "who does not brake keeps his speed"
    return row.low, row.high


def test_reference_drivers(few: Grid) -> None:
    rows = {row.driver: row for row in reference_rows(few)}
    assert list(rows) == ["nobody", "cc", "reg157", "rss", "fsm"]
    for idle in both(rows["nobody"]):
        assert (idle.acted, idle.saved, idle.harm) == (0, 0, 0)
        assert idle.collisions == idle.needed == idle.missed > 0
    for row in rows.values():
        for found, idle in zip(both(row), both(rows["nobody"]), strict=True):
            assert found.needed == idle.needed
            assert found.collisions <= idle.collisions + found.harm


@pytest.mark.parametrize("reaction", [DELAYED, ATTENTIVE])
def test_the_rule_is_no_worse_than_nobody(few: Grid, reaction: Reaction) -> None:
    rows = list(curve((math.inf, 1.0), WhatIf(), reaction, few))
    assert [row.driver for row in rows] == ["what-if, certain", "what-if, price 1"]
    certain, cheap = map(both, rows)
    for one, other in zip(certain, cheap, strict=True):
        assert other.collisions <= one.collisions <= one.needed
        assert (one.harm, other.harm, one.needless) == (0, 0, 0)


@pytest.mark.parametrize("profile", ["ramp", "sinusoid"])
def test_a_shift_and_more_speed_only_help(profile: str) -> None:
    grid = dangerous(grid_of(profile, 1000))
    (alone,) = curve((math.inf,), WhatIf(), DELAYED, grid)
    rows = list(shifting_rows(WhatIf(), DELAYED, grid))
    assert [row.driver for row in rows] == [
        "what-if, shift, certain",
        "what-if, shift and speed up, certain",
        "what-if, shift, price 2",
        "what-if, shift and speed up, price 2",
    ]
    for row in rows:
        for found, braking in zip(both(row), both(alone), strict=True):
            assert found.collisions <= braking.collisions
    assert any(outcome.evaded.any() for row in rows for outcome in row.outcomes)
    assert (SHIFT, SURGE) == (0.8, 2.5)


def test_clearing_forward_helps_where_braking_does_not() -> None:
    """60 against 20 km/h, 3 m ahead, over at 1.7 m/s: too near for braking, gone at full speed."""
    cases, path = low(), ramps()
    wanted = (cases.gap == 3.0) & (cases.aside == 17)
    wanted &= np.isclose(cases.ego, 60 / 3.6) & np.isclose(cases.other, 20 / 3.6)
    case = cases.chosen(np.flatnonzero(wanted))
    braked = drive_by_what_if(case, path, WhatIf(), DELAYED)
    cleared = drive_by_what_if(case, path, WhatIf(surge=SURGE), DELAYED)
    assert (braked.strike[0], braked.evaded[0]) == (Strike.BESIDE, False)
    assert (cleared.strike[0], cleared.evaded[0]) == (Strike.NONE, True)


def test_who_clears_is_not_shifted_for(few: Grid) -> None:
    """A shift is only for who would be touched."""
    rows = list(shifting_rows(WhatIf(), DELAYED, few))
    for row in rows:
        for part, outcome in zip(few.ranges, row.outcomes, strict=True):
            assert not outcome.evaded[part.cases.aside == 0].any()
        both(row)


def test_under_noise(few: Grid) -> None:
    seen = seen_through(NOISE, few)
    rows = {row.driver: row for row in noisy_references(seen, DELAYED, few)}
    assert list(rows) == ["rss", "fsm", "what-if, certain"]
    assert LATE == 5.0
    cheap, dear = noisy_curve((0.3, 10.0), seen, NOISE, WhatIf(), DELAYED, few)
    assert (cheap.driver, dear.driver) == (
        "what-if, expected loss, price 0.3",
        "what-if, expected loss, price 10",
    )
    for one, other in zip(both(cheap), both(dear), strict=True):
        assert one.acted >= other.acted
        assert one.collisions <= one.needed
    for row in rows.values():
        both(row)


def test_who_is_too_late_collides_as_if_he_did_nothing(few: Grid) -> None:
    """At the longest delay there is, in cases that need acting."""
    grid, late = dangerous(few), Reaction(delay=MOST_DELAY)
    (idle,) = reference_rows(grid, (Model.NOBODY,))
    by_loss = noisy_curve((3.0,), seen_through(NOISE, grid), NOISE, WhatIf(), late, grid)
    for row in (*curve((math.inf, 1.0), WhatIf(surge=SURGE), late, grid), *by_loss):
        for found, none in zip(both(row), both(idle), strict=True):
            assert 0 < found.collisions <= none.collisions
            assert found.impact > 0.0


def test_bounds_and_names(few: Grid) -> None:
    at_once, late = bound_of(few, Reaction()), bound_of(few, ATTENTIVE)
    assert (at_once.low, at_once.high) <= (late.low, late.high)
    part = replace(few.ranges[0], cases=few.ranges[0].cases.chosen(np.array([0, 1])))
    cases = part.cases
    assert named(part, np.array([False, True])) == [
        f"{cases.ego[1] * 3.6:.0f}-{cases.other[1] * 3.6:.0f}-{cases.gap[1]:.0f}"
        f"-{cases.aside[1] / 10:.1f}"
    ]


def test_the_share_of_safe_cases_is_none_of_none(few: Grid) -> None:
    """Where every case needs acting nothing can be needless."""
    grid = dangerous(few)
    for row in reference_rows(grid):
        for found in both(row):
            assert found.needless_share == found.evaded_share == found.lost == 0.0


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_end_in_the_lane(profile: str) -> None:
    sideways = PROFILES[profile]()
    assert sideways.y.shape[0] == 18
    assert (sideways.y[0] == 3.5).all()
    assert (sideways.y[8:, -1] < 1.9).all()
    cases = grid_of("ramp", 4000).ranges[0].cases
    assert needed(cases, sideways).shape == (len(cases),)


def test_latencies() -> None:
    assert reaction_of(0.3, "delay") == Reaction(delay=3)
    assert reaction_of(0.75, "timer") == Reaction(timer=8)
    assert reaction_of(0.0, "delay") == Reaction()
    assert reaction_of(0.1 * MOST_DELAY, "delay") == Reaction(delay=MOST_DELAY)
    for latency in (-0.1, 0.1 * MOST_DELAY + 0.1, math.nan):
        with pytest.raises(InputError, match="--latency must be from 0 to 1"):
            reaction_of(latency, "delay")
    with pytest.raises(InputError, match="--latency-model"):
        reaction_of(0.1, "dely")
    with pytest.raises(InputError, match="--profile"):
        grid_of("rampp")
