"""Composed scores: formulas, dropped weights, what they refuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.metrics.compose import COMPOSITIONS, EPDMS, NUPLAN_CLS, PDMS, Composition

ALL = list(COMPOSITIONS.values())


def perfect(composition: Composition) -> dict[str, float | None]:
    return dict.fromkeys(composition.terms, 1.0)


@pytest.mark.parametrize("composition", ALL, ids=list(COMPOSITIONS))
def test_perfect_is_one_and_every_multiplier_can_zero_it(composition: Composition) -> None:
    assert composition.score(perfect(composition)).value == 1.0
    for name in composition.multipliers:
        assert composition.score({**perfect(composition), name: 0.0}).value == 0.0


@pytest.mark.parametrize(
    ("composition", "name", "lost"),
    [
        (NUPLAN_CLS, "ego_progress", 5 / 16),
        (NUPLAN_CLS, "ttc_within_bound", 5 / 16),
        (NUPLAN_CLS, "speed_limit", 4 / 16),
        (NUPLAN_CLS, "comfort", 2 / 16),
        (PDMS, "ego_progress_pdms", 5 / 12),
        (PDMS, "ttc_projected", 5 / 12),
        (PDMS, "comfort", 2 / 12),
        (EPDMS, "lane_keeping", 2 / 16),
        (EPDMS, "ego_progress_epdms", 5 / 16),
        (EPDMS, "history_comfort", 2 / 16),
        (EPDMS, "extended_comfort", 2 / 16),
    ],
)
def test_weights(composition: Composition, name: str, lost: float) -> None:
    found = composition.score({**perfect(composition), name: 0.0})
    assert found.value == pytest.approx(1.0 - lost)
    assert found.absent == ()


def test_an_absent_metric_drops_its_weight_and_is_named() -> None:
    values = {**perfect(NUPLAN_CLS), "comfort": 0.0}
    values |= {"ego_progress": None}
    del values["making_progress"]
    found = NUPLAN_CLS.score(values)
    assert found.value == pytest.approx(9 / 11)
    assert found.absent == ("making_progress", "ego_progress")


def test_other_measures_are_not_looked_at() -> None:
    values = {**perfect(PDMS), "progress_m": 120.0}
    assert PDMS.score(values) == PDMS.score(perfect(PDMS))


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(ValueError, match=r"comfort is 1.5"):
        PDMS.score({**perfect(PDMS), "comfort": 1.5})
    with pytest.raises(ValueError, match="no weighted measure"):
        PDMS.score({"drivable_area_strict": 1.0})


@given(st.fixed_dictionaries(dict.fromkeys(NUPLAN_CLS.terms, st.floats(0.0, 1.0))))
def test_scores_stay_in_bounds_and_grow_with_every_term(values: dict[str, float]) -> None:
    found = NUPLAN_CLS.score(values).value
    assert 0.0 <= found <= 1.0 + 1e-12
    for name in values:
        assert NUPLAN_CLS.score({**values, name: 1.0}).value >= found - 1e-12
