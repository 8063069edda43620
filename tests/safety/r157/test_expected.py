"""The rule under noise: better than filtered values taken for the truth, and hardly any harm."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.safety.r157.belief import Tracker
from drivestack.safety.r157.comparison import noisy_curve, noisy_references, seen_through
from drivestack.safety.r157.expected import drive_by_belief
from drivestack.safety.r157.grid import Grid, Row, grid_of, row_of
from drivestack.safety.r157.losses import Expected
from drivestack.safety.r157.noise import Noise
from drivestack.safety.r157.what_if import Reaction, WhatIf

pytestmark = pytest.mark.compiled

NOISE = Noise(0.05, 0.05)


@pytest.fixture(scope="module")
def whole() -> Grid:
    return grid_of("ramp")


@pytest.fixture(scope="module")
def tenth() -> Grid:
    return grid_of("ramp", 11)


def by_belief(grid: Grid, price: float, reaction: Reaction, noise: Noise = NOISE) -> Row:
    seen = seen_through(noise, grid)
    return next(iter(noisy_curve([price], seen, noise, WhatIf(), reaction, grid)))


@pytest.mark.parametrize(
    ("reaction", "low", "high"),
    [(Reaction(delay=1), 318, 740), (Reaction(timer=8), 314, 835)],
)
def test_aims_under_noise(whole: Grid, reaction: Reaction, low: int, high: int) -> None:
    """Fewer collisions than `r157_what_if.md`, 7, needless below 2 %, harm below 10."""
    row = by_belief(whole, 3.0, reaction)
    for found, most in ((row.low, low), (row.high, high)):
        print(found)
        assert found.collisions < most
        assert found.needless_share < 0.02
        assert found.harm < 10


def test_a_higher_price_brakes_less_in_vain(tenth: Grid) -> None:
    rows = [by_belief(tenth, price, Reaction(delay=1)) for price in (0.3, 1.0, 3.0, 10.0)]
    for part in ("low", "high"):
        found = [getattr(row, part) for row in rows]
        assert [f.needless for f in found] == sorted((f.needless for f in found), reverse=True)
        assert [f.collisions for f in found] == sorted(f.collisions for f in found)


def test_a_longer_delay_never_helps(tenth: Grid) -> None:
    rows = [by_belief(tenth, 2.0, Reaction(delay=delay)) for delay in (1, 3, 8)]
    for part in ("low", "high"):
        found = [getattr(row, part).collisions for row in rows]
        assert found == sorted(found)


def test_hardly_any_noise_is_as_good_as_none(tenth: Grid) -> None:
    little = by_belief(tenth, 3.0, Reaction(timer=8), Noise(0.001, 0.001))
    much = by_belief(tenth, 3.0, Reaction(timer=8), Noise(0.1, 0.1))
    assert (
        little.low.collisions + little.high.collisions < much.low.collisions + much.high.collisions
    )
    assert (little.low.harm, little.high.harm) == (0, 0)


def test_who_does_not_move_is_never_acted_on(whole: Grid) -> None:
    row = by_belief(whole, 1.0, Reaction(delay=1))
    for outcome, part in zip(row.outcomes, whole.ranges, strict=True):
        assert not outcome.braked[part.cases.aside == 0].any()


def test_reference_drivers_read_the_same_noise_filtered(whole: Grid) -> None:
    rows = {r.driver: r for r in noisy_references(seen_through(NOISE, whole), Reaction(8), whole)}
    assert set(rows) == {"rss", "fsm", "what-if, certain"}
    assert rows["rss"].low.collisions > 880
    assert rows["fsm"].high.collisions > 1_649


def test_a_case_does_not_depend_on_the_others(tenth: Grid) -> None:
    part = tenth.ranges[1]
    seen = seen_through(NOISE, tenth)[1]
    rule, reaction = WhatIf(price=1.0), Reaction(delay=3)
    tracker = Tracker(NOISE.y, NOISE.speed)
    whole = drive_by_belief(
        part.cases, tenth.sideways, seen, rule, Expected(), tracker, reaction
    )  # fmt: skip
    one = part.cases.chosen(np.array([700]))
    alone = type(seen)(seen.y[700:701], seen.speed[700:701], np.zeros(1, np.int64))
    found = drive_by_belief(one, tenth.sideways, alone, rule, Expected(), tracker, reaction)
    assert found.strike[0] == whole.strike[700]
    assert found.lost[0] == np.float64(whole.lost[700])


def test_rows_are_judged_by_range(tenth: Grid) -> None:
    row = by_belief(tenth, 1.0, Reaction(delay=1))
    again = row_of("again", tenth, lambda r: row.outcomes[r])
    assert (again.low, again.high) == (row.low, row.high)
