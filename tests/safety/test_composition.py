"""What follows from a table of findings: bounds, the latch, what was done and by whom."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from drivestack.core.types import Filtering
from drivestack.safety.bounds import FINDING, FREE
from drivestack.safety.composition import enter_or_leave, move, possible
from drivestack.safety.filter import LATCH

PASSED, CLAMPED, BRAKE, RISK = Filtering


def table(*columns: dict[str, Any], batch: int = 1) -> np.ndarray:
    """Columns for every scenario, by what is unlike a check that passes."""
    found = np.zeros((len(columns), batch), FINDING)
    found["low"], found["high"], found["response"] = -FREE, FREE, CLAMPED
    for row, column in zip(found, columns, strict=True):
        for name, value in column.items():
            row[name] = value
    return found


def failed(response: Filtering, value: float = 1.0, limit: float = 0.0) -> dict[str, Any]:
    return {"failed": True, "response": response, "value": value, "limit": limit}


FINE: dict[str, Any] = {}


def entered(
    found: np.ndarray, control: tuple[float, float] = (1.0, 0.1),
    last: tuple[bool, int, int] = (False, 0, 0), period: float = 0.1, recovery: float = 1.0,
) -> tuple[tuple[bool, int, int], list[float]]:  # fmt: skip
    """The latch (active, check, clear) after it, and what is commanded."""
    batch = found.shape[1]
    before, after = np.zeros(batch, LATCH), np.zeros(batch, LATCH)
    before[-1], commanded = last, np.zeros((batch, 2))
    enter_or_leave(found, np.tile(control, (batch, 1)), before, period, recovery, after, commanded)
    return after[-1].item(), commanded[-1].tolist()


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize(
    ("columns", "control", "active", "check"),
    [
        ([FINE, FINE], (1.0, 0.1), False, 0),
        ([FINE, failed(RISK)], (1.0, 0.1), True, 1),
        ([FINE, failed(BRAKE)], (1.0, 0.1), False, 0),
        ([FINE, failed(CLAMPED)], (1.0, 0.1), False, 0),
        ([{"response": RISK}, FINE], (1.0, 0.1), False, 0),  # it did not fail
        ([FINE, FINE], (math.nan, 0.1), True, 0),
        ([FINE, failed(CLAMPED)], (1.0, math.inf), True, 1),
        ([{"high": (-1.0, 9.0)}, {"low": (0.0, -9.0)}], (1.0, 0.1), True, 0),
        ([{"high": (9.0, -1.0)}, FINE, {"low": (-9.0, 0.0)}], (1.0, 0.1), True, 0),
        ([{"high": (-1.0, 9.0)}, {"low": (-1.0, -9.0)}], (1.0, 0.1), False, 0),
    ],
)
def test_what_leads_to_the_minimal_risk_condition(
    columns: list[dict[str, Any]],
    control: tuple[float, float],
    active: bool,
    check: int,
    batch: int,
) -> None:
    after, commanded = entered(table(*columns, batch=batch), control)
    assert after == (active, check, 0 if active else 1)
    assert commanded == (list(control) if np.isfinite(control).all() else [0.0, 0.0])


@pytest.mark.parametrize(
    ("columns", "check"),
    [
        ([failed(RISK, 1.0), failed(RISK, 2.0)], 1),  # farther past its limit
        ([failed(RISK, 2.0), failed(RISK, 2.0)], 0),  # of equals the first
        ([failed(RISK, 2.0, 1.5), failed(RISK, 2.0, 1.0), failed(RISK, 0.5, 0.0)], 1),
        ([failed(BRAKE, 99.0), failed(RISK, 0.01)], 1),  # the graver response
        ([failed(CLAMPED, 1e9), failed(BRAKE, 0.0), failed(RISK, 0.0)], 2),
        ([failed(PASSED, 99.0), failed(CLAMPED, 0.5), {"low": (5.0, 0.0), "high": (4.0, 1.0)}], 1),
        ([FINE, failed(CLAMPED, 0.0)], 1),
        ([FINE, failed(PASSED, 99.0)], 0),
        ([failed(PASSED, 99.0), {"value": 9.0, "low": (5.0, 0.0), "high": (4.0, 1.0)}], 0),
    ],
)
def test_which_check_decides(columns: list[dict[str, Any]], check: int) -> None:
    after, _ = entered(table(*columns), (math.nan, 0.0))
    assert after == (True, check, 0)


@pytest.mark.parametrize(
    ("clear", "active"), [(0, True), (8, True), (9, False), (10, False), (99, False)]
)
def test_it_is_left_after_the_recovery_time(clear: int, active: bool) -> None:
    """Ten ticks of 0.1 s make a second."""
    after, _ = entered(table(FINE, FINE), last=(True, 1, clear))
    assert after == (active, 1 if active else 0, clear + 1)
    never, _ = entered(table(FINE, FINE), last=(False, 1, clear))
    assert never == (False, 0, clear + 1)
    again, _ = entered(table(failed(RISK), FINE), last=(True, 1, clear))
    assert again == (True, 0, 0), "the newest cause counts"


def moved(
    found: np.ndarray, wish: tuple[float, float], active: bool = False,
    commanded: tuple[float, float] | None = None, check: int = 7,
) -> tuple[list[float], int, int]:  # fmt: skip
    batch = found.shape[1]
    state = np.zeros(batch, LATCH)
    state[-1] = active, check, 0
    filtered = np.tile(wish, (batch, 1)).astype(np.float64)
    kind, decided = np.full((2, batch), 9, np.int32)
    move(found, state, np.tile(commanded or wish, (batch, 1)).astype(np.float64), filtered, kind,
         decided)  # fmt: skip
    return filtered[-1].tolist(), int(kind[-1]), int(decided[-1])


LIMITED = {"low": (-2.0, -0.2), "high": (2.0, 0.2)}
TIGHTER = {"low": (-3.0, -0.1), "high": (1.0, 0.3)}


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize(
    ("wish", "filtered"),
    [((0.5, 0.05), (0.5, 0.05)), ((3.0, 0.3), (1.0, 0.2)), ((-9.0, -0.3), (-2.0, -0.1)),
     ((1.0, -0.1), (1.0, -0.1)), ((0.0, 0.25), (0.0, 0.2))],
)  # fmt: skip
def test_a_control_is_moved_into_all_bounds(
    wish: tuple[float, float], filtered: tuple[float, float], batch: int
) -> None:
    for order in ((LIMITED, TIGHTER), (TIGHTER, LIMITED)):
        result, kind, decided = moved(table(*order, batch=batch), wish)
        assert result == list(filtered)
        assert kind == (PASSED if filtered == wish else CLAMPED)
        assert decided == (-1 if filtered == wish else 0)


def test_where_bounds_exclude_each_other_the_upper_one_holds() -> None:
    found = table({"low": (1.0, -1.0)}, {"high": (-3.0, 1.0)})
    for wish in (-9.0, 0.0, 9.0):
        assert moved(found, (wish, 0.0))[0] == [-3.0, 0.0]


@pytest.mark.parametrize(
    ("columns", "active", "kind", "decided"),
    [
        ([failed(BRAKE), LIMITED], False, BRAKE, 0),
        ([LIMITED, failed(CLAMPED)], False, CLAMPED, 1),
        ([LIMITED, failed(BRAKE)], False, BRAKE, 1),
        ([{**LIMITED, "response": BRAKE}, FINE], False, CLAMPED, 0),  # it did not fail
        ([failed(BRAKE), LIMITED], True, RISK, 7),
        ([failed(PASSED), LIMITED], False, CLAMPED, 0),
    ],
)
def test_what_was_done_and_by_whom(
    columns: list[dict[str, Any]], active: bool, kind: int, decided: int
) -> None:
    assert moved(table(*columns), (9.0, 0.0), active)[1:] == (kind, decided)


def test_a_failure_that_changes_nothing_has_done_nothing() -> None:
    assert moved(table(failed(BRAKE), LIMITED), (0.0, 0.0))[1:] == (PASSED, -1)
    assert moved(table(FINE, FINE), (0.0, 0.0), active=True)[1:] == (RISK, 7)
    other = moved(table(FINE, FINE), (-4.0, 0.0), commanded=(1.0, 0.0))
    assert other == ([-4.0, 0.0], CLAMPED, 0), "a wish of its own is a change"


@pytest.mark.parametrize("batch", [1, 2])
def test_what_the_bounds_of_the_guards_leave(batch: int) -> None:
    found = table(LIMITED, TIGHTER, batch=batch)
    control = np.tile([[9.0, -9.0]], (batch, 1))
    control[0, 1] = math.nan
    judged = np.zeros((batch, 2))
    possible(found, control, judged)
    np.testing.assert_array_equal(judged, [[1.0, math.nan], [1.0, -0.1]][:batch])
    possible(found, np.full((batch, 2), [math.inf, 0.15]), judged)
    assert judged[-1].tolist() == [math.inf, 0.15]
