"""The first contact of two futures: where it begins, what it costs, and what is none."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.geometry import boxes_overlap
from drivestack.core.parameters import parameter_table
from drivestack.core.types import Floats
from drivestack.safety.what_if.contact import touches_first
from drivestack.safety.what_if.parameters import Abilities, Judgement
from tests.safety.checked import PLAIN

GAPS = parameter_table(Abilities(step=0.1, clear_along=0.5, clear_time=0.0, clear_aside=0.25))[0]
OWN = parameter_table(Judgement(severity=0.01, standing=0.5))[0]
SIZE = np.array([4.0, 2.0])
STEPS = 31


def going(x: float, y: float, yaw: float, v: float, steps: int = STEPS) -> Floats:
    """Straight on at a constant speed."""
    way = 0.1 * v * np.arange(steps)
    return np.stack([x + way * np.cos(yaw), y + way * np.sin(yaw), np.full(steps, yaw),
                     np.full(steps, v)], -1)  # fmt: skip


def cost(
    ego: Floats, other: Floats, spare: float = 0.0, leaves: int = STEPS, gaps: object = GAPS,
    length: float = 4.0, width: float = 2.0, size: Floats = SIZE,
) -> float:  # fmt: skip
    return float(touches_first(ego, size, other, length, width, spare, leaves, gaps, OWN))  # pyright: ignore


def test_who_stands_ahead_is_run_into_and_dearer_the_faster() -> None:
    assert cost(going(0, 0, 0, 10), going(20, 0, 0, 0)) == pytest.approx(1.1)
    assert cost(going(0, 0, 0, 20), going(20, 0, 0, 5)) == pytest.approx(1.15)
    assert cost(going(0, 0, 0, 10), going(20, 0, 0, 10)) == 0.0


def test_an_impact_at_an_angle_counts_both_speeds() -> None:
    """3 m/s across and 4 m/s along are 5 m/s."""
    other = going(10.0, -3.0, np.pi / 2, 3.0)
    assert cost(going(0, 0, 0, 4), other) == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("gap", "aside", "touches"),
    [(0.49, 0.0, True), (0.51, 0.0, False), (-3.0, 0.24, True), (-3.0, 0.26, False),
     (-3.0, -0.24, True), (-3.0, -0.26, False)],
)  # fmt: skip
def test_clear_distances_are_kept_ahead_and_beside(gap: float, aside: float, touches: bool) -> None:
    """The other comes that near in the end, from far off."""
    beside = 0.0 if aside == 0.0 else np.copysign(2.0 + abs(aside), aside)
    ego = going(0, 0, 0, 10)
    other = going(4.0 + gap + 30.0 + (0.0 if gap > 0 else 1.0), beside, 0.0, 0.0)
    assert (cost(ego, other) > 0.0) == touches


def test_more_length_and_more_speed_need_more_room() -> None:
    ego, other = going(0, 0, 0, 10), going(4.0 + 0.51 + 30.0, 0, 0, 0)
    assert cost(ego, other) == 0.0
    assert cost(ego, other, spare=0.1) > 0.0
    fast = parameter_table(Abilities(step=0.1, clear_along=0.5, clear_time=0.01, clear_aside=0.25))[
        0
    ]
    assert cost(ego, other, gaps=fast) > 0.0, "0.1 m more at 10 m/s"
    assert cost(going(0, 0, 0, 0), going(4.55, 0, 0, 0), gaps=fast) == 0.0


@pytest.mark.parametrize(("length", "width"), [(8.0, 2.0), (4.0, 3.0)])
def test_the_size_of_the_other_counts(length: float, width: float) -> None:
    ahead = going(34.5 + 0.5 * (length - 4.0) - 0.1, 0, 0, 0)
    assert cost(going(0, 0, 0, 10), ahead, length=length, width=width) > 0.0
    beside = going(20.0, 2.2 + 0.5 * (width - 2.0), 0, 0)
    assert cost(going(0, 0, 0, 10), beside, length=length, width=width) > 0.0
    free = going(34.7 + 0.5 * (length - 4.0), 0, 0, 0)
    assert cost(going(0, 0, 0, 10), free, length=length, width=width) == 0.0
    free = going(20.0, 2.3 + 0.5 * (width - 2.0), 0, 0)
    assert cost(going(0, 0, 0, 10), free, length=length, width=width) == 0.0


def test_who_runs_into_a_standing_ego_costs_less() -> None:
    assert cost(going(0, 0, 0, 0), going(20, 0, np.pi, 10)) == pytest.approx(0.6)
    assert cost(going(0, 0, 0, 0.1), going(20, 0, np.pi, 10)) == pytest.approx(1.101)


def test_who_runs_into_it_from_behind_is_not_its_business_while_it_keeps_to_its_lane() -> None:
    ego, other = going(0, 0, 0, 10), going(-20, 0.5, 0, 20)
    assert cost(ego, other) == 0.0
    assert cost(ego, other, leaves=0) == pytest.approx(1.1)
    # the clear distance is reached when 20 - 1 k <= 4.5: at step 16
    assert cost(ego, other, leaves=16) == pytest.approx(1.1)
    assert cost(ego, other, leaves=17) == 0.0


def test_who_comes_backwards_or_across_from_behind_is() -> None:
    assert cost(going(0, 0, 0, 1), going(-20, 0, np.pi, -20)) > 0.0
    assert cost(going(0, 0, 0, 1), going(-2.0, -12.0, np.pi / 2, 8.0)) > 0.0
    assert cost(going(0, 0, 0, 1), going(-20.0, 0.0, 0.9, 20.0)) == 0.0, "60 degrees are the border"


def test_who_is_struck_at_the_side_was_not_run_into_from_behind() -> None:
    """He comes over beside the ego's rear: deep along the road, and hardly across it."""
    assert cost(going(0, 0, 0, 10), going(-1.5, 4.0, -0.3, 10.5)) > 0.0


def closing(start: float, *gaps: float) -> Floats:
    """Ahead of an ego that stands: the gap at the start, and from each 0.5 s on."""
    other = going(4.0 + start, 0, 0, 0)
    for part, gap in enumerate(gaps):
        other[5 * part + 1 :, 0] = 4.0 + gap
    return other


STANDING = going(0, 0, 0, 0)


@pytest.mark.parametrize(
    ("gaps", "touches"),
    [
        ((0.2, 0.2, 0.2, 0.6), True),  # no nearer, but not apart after a second
        ((0.2, 0.2, 0.6), False),
        ((0.2, 0.13, 0.6), False),  # a quarter of the clear distance is there and is kept
        ((0.2, 0.12, 0.6), True),
        ((0.4, 0.38, 0.6), False),  # three quarters
        ((0.4, 0.37, 0.6), True),
        ((0.6, 0.49, 0.6), True),  # all of it
        ((0.05, 0.01, 0.6), False),  # not even a quarter: only the bodies may not touch
        ((0.05, -0.01, 0.6), True),
        ((-0.5, -0.4, -0.4, -0.4, -0.4), False),  # as recorded boxes overlap: let part
        ((-0.5, 0.1, -0.1), True),  # but not come back
        ((-0.5, 0.1, 0.6, 0.6), False),
        ((-0.5, 0.1, 0.4, 0.4), True),  # and a second later with the whole distance
    ],
)
def test_who_is_too_near_already_may_not_come_nearer_and_is_to_part(
    gaps: tuple[float, ...], touches: bool
) -> None:
    assert (cost(STANDING, closing(*gaps)) > 0.0) == touches


def test_who_is_far_off_has_parted() -> None:
    other = closing(-0.5, -0.4)
    other[8:12, 0] = 100.0
    other[12:, 0] = 3.9
    assert cost(STANDING, other) > 0.0


def arriving(x: float, y: float, yaw: float = 0.0, v: float = 5.0) -> Floats:
    """Far off until after a second, then there."""
    other = going(x, y, yaw, 0.0)
    other[:12, 0] = -100.0
    other[:, 3] = v
    return other


BODIES = ((4.0, 2.0), (5.0, 3.0), (0.8, 0.5))
BARE = parameter_table(Abilities(step=0.1, clear_along=0.0, clear_time=0.0, clear_aside=0.0))[0]


@pytest.mark.parametrize("mine", BODIES)
@pytest.mark.parametrize("theirs", BODIES)
def test_bodies_meet_corner_to_corner(
    mine: tuple[float, float], theirs: tuple[float, float]
) -> None:
    """Nobody is farther off who still meets it."""
    x, y = 0.5 * (mine[0] + theirs[0]), 0.5 * (mine[1] + theirs[1])
    for gaps, more_x, more_y in ((BARE, 0.0, 0.0), (GAPS, 0.5, 0.25)):
        for within, touches in ((1e-3, True), (-1e-3, False)):
            other = arriving(x + more_x - within, y + more_y - within)
            found = cost(STANDING, other, 0.0, STEPS, gaps, *theirs, size=np.array(mine))
            assert (found > 0.0) == touches


@pytest.mark.parametrize(("along", "aside"), [(0.2, 0.0), (0.0, 0.2)])
def test_small_bodies_have_clear_distances_too(along: float, aside: float) -> None:
    """0.18 m are left, so three quarters of 0.2 m are kept."""
    gaps = parameter_table(
        Abilities(step=0.1, clear_along=along, clear_time=0.0, clear_aside=aside)
    )[0]
    for next_gap, touches in ((0.16, False), (0.14, True)):
        place = [(0.8 + gap, 0.0) if along else (0.0, 0.5 + gap) for gap in (0.18, next_gap, 9.0)]
        other = going(*place[2], 0, 0)
        other[0, :2], other[1:4, :2] = place[0], place[1]
        found = cost(STANDING, other, 0.0, STEPS, gaps, 0.8, 0.5, np.array([0.8, 0.5]))
        assert (found > 0.0) == touches
        away = going(0, 0, 0, 0)
        away[1, 0] = 50.0
        found = cost(away, other, 0.0, STEPS, gaps, 0.8, 0.5, np.array([0.8, 0.5]))
        assert (found > 0.0) == touches


def test_the_clear_distance_is_that_of_the_speed_now() -> None:
    fast = parameter_table(Abilities(step=0.1, clear_along=0.5, clear_time=0.1, clear_aside=0.25))
    ego, other = going(0, 0, 0, 0), arriving(5.0, 0.0)
    assert cost(ego, other, gaps=fast[0]) == 0.0
    ego[0, 3] = 10.0
    assert cost(ego, other, gaps=fast[0]) > 0.0
    ego[0, 3], ego[1, 3] = 0.0, 10.0
    assert cost(ego, other, gaps=fast[0]) == 0.0


@pytest.mark.parametrize(
    ("x", "y", "yaw", "behind"),
    [
        (-3.5, 1.4, 0.0, True),  # 0.5 m deep along the road, and 0.6 m across it
        (-3.5, -1.4, 0.0, True),
        (-3.5, 1.55, 0.0, False),  # 0.45 m across it
        (-3.5, 1.5, 0.0, False),  # as deep both ways
        (-3.9, 0.0, 1.02, True),  # a little less than 60 degrees
        (-3.9, 0.0, 1.2, False),
    ],
)
def test_who_runs_into_it_from_behind(x: float, y: float, yaw: float, behind: bool) -> None:
    assert (cost(STANDING, arriving(x, y, yaw)) == 0.0) == behind


@pytest.mark.parametrize("ahead", [0.0, 0.5, 1.5])
def test_who_is_wide_and_short_and_not_behind(ahead: float) -> None:
    assert cost(STANDING, arriving(ahead, 0.0), length=0.5, width=8.0) > 0.0
    assert cost(STANDING, arriving(-0.5, 0.0), length=0.5, width=8.0) == 0.0


def slow(
    ego: Floats, other: Floats, length: float, width: float, spare: float, leaves: int
) -> float:
    """The same by looking at every step, in complex numbers."""
    along, aside = 0.5 + spare, 0.25

    def near(k: int, share: float) -> bool:
        return bool(
            boxes_overlap(*ego[k, :3], 4.0 + 2.0 * along * share, 2.0 + 2.0 * aside * share,
                          *other[k, :3], length, width)
        )  # fmt: skip

    free = [parts for parts in range(5) if not near(0, parts / 4)]
    share, apart = (max(free) / 4, True) if free else (0.0, False)
    for k in range(len(ego)):
        if not near(k, 1.0 if k >= 10 else share):
            apart = True
        elif apart:
            one, two = np.exp(1j * ego[k, 2]), np.exp(1j * other[k, 2])
            off = complex(*(other[k, :2] - ego[k, :2])) * np.conj(one)
            deep, across = 2.0 + length / 2 + off.real, 1.0 + width / 2 - abs(off.imag)
            behind = off.real < 0.0 and deep < across and (two * np.conj(one)).real > 0.5
            if behind and k < leaves:
                return 0.0
            impact = abs(other[k, 3] * two - ego[k, 3] * one)
            return float((0.5 if ego[k, 3] <= 0.0 else 1.0) + 0.01 * impact)
    return 0.0


def test_it_is_what_looking_at_every_step_finds() -> None:
    draw, costs = np.random.default_rng(8), []
    for number in range(300 if PLAIN else 2000):
        yaw, reach = draw.uniform(-3.1, 3.1), draw.choice([3.0, 9.0, 15.0])
        ego = going(*draw.uniform(-50, 50, 2), yaw, draw.choice([0.0, 2.0, 9.0, 15.0]))
        turn = draw.choice([0.0, 0.1, np.pi / 2, -1.2, np.pi, draw.uniform(-3, 3)])
        along, beside = draw.uniform(-reach, reach), draw.uniform(-4, 4)
        x = ego[0, 0] + along * np.cos(yaw) - beside * np.sin(yaw)
        y = ego[0, 1] + along * np.sin(yaw) + beside * np.cos(yaw)
        other = going(x, y, yaw + turn, draw.choice([0.0, 3.0, 12.0, 20.0]))
        length, width = draw.uniform(1.0, 9.0), draw.uniform(0.5, 3.0)
        spare, leaves = draw.choice([0.0, 2.0]), int(draw.choice([0, 6, STEPS]))
        wanted = slow(ego, other, length, width, spare, leaves)
        found = cost(ego, other, spare, leaves, length=length, width=width)
        assert found == pytest.approx(wanted, abs=1e-12), number
        costs.append(wanted)
    assert 0.1 < np.mean(np.array(costs) > 0.0) < 0.8
