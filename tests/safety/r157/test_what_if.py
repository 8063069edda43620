"""The what-if rule on the grid: floors and aims of `r157_what_if.md`, 6 and 10, and its bounds."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from drivestack.safety.r157.cases import Sideways, ramps, sinusoids
from drivestack.safety.r157.driven import Model, Strike, drive
from drivestack.safety.r157.judged import Judged, avoidable, judged, needed
from drivestack.safety.r157.what_if import Reaction, WhatIf, drive_by_what_if
from tests.safety.r157.grid import RANGES

pytestmark = pytest.mark.compiled

CERTAIN = WhatIf()


def both(rule: WhatIf, reaction: Reaction, path: Sideways | None = None) -> list[Judged]:
    path = ramps() if path is None else path
    found = []
    for make in RANGES.values():
        cases = make()
        outcome = drive_by_what_if(cases, path, rule, reaction)
        found.append(judged(outcome, needed(cases, path)))
    return found


@pytest.mark.parametrize(
    ("reaction", "low", "high"),
    [
        (Reaction(delay=1), 211, 580),
        (Reaction(delay=3), 340, 755),
        (Reaction(delay=8), 797, 1_259),
        (Reaction(timer=1), 148, 495),
        (Reaction(timer=3), 148, 495),
        (Reaction(timer=8), 282, 758),
    ],
)
def test_the_certain_rule_is_the_floor(reaction: Reaction, low: int, high: int) -> None:
    """As published; no needless case but the 17 of the runs' end for each gap, no harm."""
    slow, fast = both(CERTAIN, reaction)
    assert (slow.collisions, fast.collisions) == (low, high)
    assert (slow.needless, fast.needless) == (0, 17)
    assert (slow.harm, fast.harm) == (0, 0)


@pytest.mark.parametrize(
    ("price", "persistence", "delay", "collisions", "share"),
    [
        (2.3, 2.0, 1, (120, 385), (0.025, 0.025)),
        (2.3, 2.0, 3, (205, 515), (0.025, 0.025)),
        (2.3, 2.0, 8, (510, 960), (0.025, 0.025)),
        (1.2, 2.0, 1, (65, 280), (0.05, 0.045)),
        (1.2, 2.0, 3, (95, 400), (0.05, 0.045)),
        (1.0, 1.0, 8, (335, 785), (0.05, 0.045)),
    ],
)
def test_aims(
    price: float, persistence: float, delay: int, collisions: tuple[int, int],
    share: tuple[float, float],
) -> None:  # fmt: skip
    rule = WhatIf(price=price, persistence=persistence)
    for found, most, needless in zip(both(rule, Reaction(delay)), collisions, share, strict=True):
        print(found)
        assert found.collisions <= most
        assert found.needless_share <= needless
        assert found.harm == 0


@pytest.mark.parametrize(
    ("delay", "low", "high"),
    [(0, 0, 109), (1, 0, 151), (2, 0, 208), (3, 1, 267), (4, 8, 336), (5, 38, 423), (8, 265, 747),
     (10, 449, 981)],
)  # fmt: skip
def test_bounds(delay: int, low: int, high: int) -> None:
    found = [int((~avoidable(make(), ramps(), delay)).sum()) for make in RANGES.values()]
    assert found == [low, high]


def test_no_rule_is_better_than_what_is_possible() -> None:
    for make in RANGES.values():
        cases, path = make(), ramps()
        outcome = drive_by_what_if(cases, path, WhatIf(price=0.3), Reaction(delay=3))
        assert not ((outcome.strike == Strike.NONE) & ~avoidable(cases, path, 3)).any()


def test_a_longer_delay_never_helps() -> None:
    for price in (math.inf, 2.0):
        rows = [both(WhatIf(price=price), Reaction(delay)) for delay in (1, 3, 8)]
        for sooner, later in itertools.pairwise(rows):
            assert all(a.collisions <= b.collisions for a, b in zip(sooner, later, strict=True))


@pytest.mark.parametrize("accel", [0.75, 3.0])
def test_the_certain_rule_harms_nobody_on_other_ramps(accel: float) -> None:
    for reaction in (Reaction(delay=8), Reaction(timer=8)):
        for found in both(CERTAIN, reaction, ramps(accel)):
            assert found.harm == 0
            assert found.needless_share < 0.004


@pytest.mark.parametrize(
    "reaction", [Reaction(delay=1), Reaction(delay=3), Reaction(delay=8), Reaction(timer=8)]
)
def test_on_the_sinusoid_fewer_than_the_reference_models(reaction: Reaction) -> None:
    path = sinusoids()
    for price in (math.inf, 2.0):
        ours = both(WhatIf(price=price), reaction, path)
        for model in (Model.RSS, Model.FSM):
            for found, make in zip(ours, RANGES.values(), strict=True):
                theirs = drive(make(), path, model).strike != Strike.NONE
                assert found.collisions < theirs.sum() / 1.5
                assert found.harm == 0
                assert found.needless_share < 0.003


def test_reference_models_on_the_sinusoid() -> None:
    """As published; the bound counts from the first motion, one sample before the published."""
    path = sinusoids()
    for make, rss, fsm, bound in zip(
        RANGES.values(), (1_153, 1_473), (1_404, 1_728), (527, 825), strict=True
    ):
        assert (drive(make(), path, Model.RSS).strike != Strike.NONE).sum() == rss
        assert (drive(make(), path, Model.FSM).strike != Strike.NONE).sum() == fsm
        assert (~avoidable(make(), path, 9)).sum() == bound


@pytest.mark.parametrize(
    "reaction", [Reaction(delay=1), Reaction(delay=3), Reaction(delay=8), Reaction(timer=8)]
)
def test_a_shift_inside_the_lane_helps_and_harms_nobody(reaction: Reaction) -> None:
    rules = (WhatIf(), WhatIf(shift=0.8), WhatIf(shift=0.8, surge=2.5))
    for alone, shifted, cleared in zip(*(both(rule, reaction) for rule in rules), strict=True):
        assert alone.evaded_share == 0.0
        assert shifted.collisions < 0.6 * alone.collisions
        assert cleared.collisions <= shifted.collisions
        assert (shifted.harm, cleared.harm) == (0, 0)
        assert shifted.needless_share <= alone.needless_share


def test_with_a_shift_fewer_than_braking_alone_could() -> None:
    """At a delay of 0.75 s no braking avoids 265 / 747."""
    for found, most in zip(
        both(WhatIf(price=2.0, shift=0.8), Reaction(8)), (265, 747), strict=True
    ):
        assert found.collisions < most
        assert found.harm == 0
        assert found.needless_share < 0.01


def test_who_does_not_move_is_never_acted_on() -> None:
    for make in RANGES.values():
        cases = make()
        outcome = drive_by_what_if(cases, ramps(), WhatIf(price=0.1, persistence=1.0), Reaction(1))
        assert not outcome.braked[cases.aside == 0].any()


def test_a_case_does_not_depend_on_the_others() -> None:
    cases = RANGES["high"]()
    whole = drive_by_what_if(cases, ramps(), WhatIf(price=1.0), Reaction(delay=8))
    for n in (5, 7_777, 14_039):
        one = type(cases)("one", *(getattr(cases, f)[n : n + 1] for f in
                                   ("ego", "other", "gap", "aside")))  # fmt: skip
        alone = drive_by_what_if(one, ramps(), WhatIf(price=1.0), Reaction(delay=8))
        assert alone.strike[0] == whole.strike[n]
        assert alone.lost[0] == np.float64(whole.lost[n])
