"""The filter: bounds hold and only tighten; it takes over where it must, and lets go again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivestack.core.rows import take_rows
from drivestack.core.tables import Table
from drivestack.core.types import Filtering, Floats, Intervention, Observation, Plan
from drivestack.safety import WHOLE, filter_of
from drivestack.safety.bounds import Nothing
from drivestack.safety.envelope import Envelope
from drivestack.safety.filter import Filter, Latch
from drivestack.safety.minimal_risk import LeastRisk
from tests.contracts.situations import PERIOD, all_of_them, chain
from tests.safety.plans import plan_at
from tests.scenes import observation, two_lanes

SEEN = observation([two_lanes()], [(100, 0, 0, 10)])


def apply(control: Sequence[float], steer: float = 0.0, checks: Sequence = ()) -> Intervention:
    seen = observation([two_lanes()], [(100, 0, 0, 10)], steer=steer)
    own = Filter(PERIOD, checks or [Envelope(PERIOD)], LeastRisk(PERIOD))
    return own.apply(seen, plan_at(seen), np.array([control]), own.start(1))[1]


@pytest.mark.parametrize(
    ("control", "expected", "kind"),
    [
        ((1.0, 0.01), (1.0, 0.01), Filtering.PASSED),
        ((9.0, 0.0), (4.0, 0.0), Filtering.CLAMPED),
        ((-20.0, 0.0), (-8.0, 0.0), Filtering.CLAMPED),
        ((0.0, 0.3), (0.0, 0.05), Filtering.CLAMPED),
        ((0.0, -0.3), (0.0, -0.05), Filtering.CLAMPED),
        ((math.nan, 0.0), (-4.0, 0.0), Filtering.MINIMAL_RISK),
        ((0.0, math.inf), (-4.0, 0.0), Filtering.MINIMAL_RISK),
    ],
)
def test_known_answers(
    control: tuple[float, float], expected: tuple[float, float], kind: Filtering
) -> None:
    result = apply(control)
    assert result.filtered[0].tolist() == pytest.approx(expected)
    assert result.kind.tolist() == [kind]
    assert (result.check[0] >= 0) == (kind is not Filtering.PASSED)


@given(st.floats(-50, 50), st.floats(-3, 3), st.floats(-1.04, 1.04))
def test_filtering_twice_changes_nothing(accel: float, steer: float, now: float) -> None:
    once = apply((accel, steer), now).filtered
    assert -8.0 <= once[0, 0] <= 4.0
    assert abs(once[0, 1]) <= math.pi / 3
    assert np.array_equal(apply(once[0].tolist(), now).filtered, once)


@dataclass(frozen=True, slots=True)
class Bound:
    """A check that binds the acceleration, and fails with a response if told so."""

    low: float = -1e9
    high: float = 1e9
    response: Filtering | None = None
    name: str = "bound"

    @property
    def columns(self) -> Mapping[str, Filtering]:
        return {self.name: self.response or Filtering.CLAMPED}

    def start(self, batch: int) -> Nothing:
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        found["low"][..., 0], found["high"][..., 0] = self.low, self.high
        found["failed"], found["value"] = self.response is not None, 1.0
        return memory


def test_bounds_intersect_in_any_order() -> None:
    checks = [Envelope(PERIOD), Bound(high=1.0, name="a"), Bound(low=-2.0, high=2.0, name="b")]
    results = [apply((3.0, 0.0), checks=order).filtered for order in (checks, checks[::-1])]
    assert results[0].tolist() == results[1].tolist() == [[1.0, 0.0]]


def test_bounds_that_exclude_each_other_bring_the_car_to_a_stop() -> None:
    checks = [Envelope(PERIOD), Bound(high=-3.0, name="a"), Bound(low=1.0, name="b")]
    result = apply((0.0, 0.0), checks=checks)
    assert result.kind.tolist() == [Filtering.MINIMAL_RISK]
    assert result.filtered[0, 0] == -3.0, "the upper bound holds, and that is less acceleration"


@pytest.mark.parametrize("response", [Filtering.EMERGENCY_BRAKE, Filtering.MINIMAL_RISK])
def test_a_failed_check_gets_what_it_asks_for(response: Filtering) -> None:
    high = -8.0 if response is Filtering.EMERGENCY_BRAKE else 1e9
    result = apply((1.0, 0.0), checks=[Envelope(PERIOD), Bound(high=high, response=response)])
    assert result.kind.tolist() == [response]
    assert result.check.tolist() == [1]
    assert result.filtered[0, 0] == (-8.0 if response is Filtering.EMERGENCY_BRAKE else -4.0)


def test_minimal_risk_is_left_once_its_cause_is_gone_for_a_second() -> None:
    own = Filter(PERIOD, [Envelope(PERIOD)], LeastRisk(PERIOD))
    latch, kinds = own.start(1), []
    for tick in range(30):
        control = np.array([[math.nan if tick in (2, 5) else 0.5, 0.0]])
        _, result, latch = own.apply(SEEN, plan_at(SEEN), control, latch)
        kinds.append(int(result.kind[0]))
    passed, risk = int(Filtering.PASSED), int(Filtering.MINIMAL_RISK)
    assert kinds == [passed] * 2 + [risk] * 23 + [passed] * 5


@pytest.mark.compiled
def test_rows_do_not_touch_each_other() -> None:
    seen, own = all_of_them(), filter_of(WHOLE, PERIOD)
    batch, plan = len(seen.tick), chain(seen).plan
    control = np.tile([0.5, 0.0], (batch, 1))
    control[3] = math.nan
    _, together, latch = own.apply(seen, plan, control, own.start(batch))
    for b in range(batch):
        row = np.array([b])
        _, alone, one = own.apply(
            take_rows(seen, row), take_rows(plan, row), control[row], own.start(1)
        )
        assert alone.filtered.tobytes() == together.filtered[row].tobytes()
        assert alone.kind.tolist() == together.kind[row].tolist()
        assert one.state.tolist() == latch.state[row].tolist()


def test_every_check_has_its_columns() -> None:
    checks = [Bound(high=1.0, name="a"), Envelope(PERIOD), Bound(low=-1.0, name="b")]
    own = Filter(PERIOD, checks, LeastRisk(PERIOD))
    verdict, _, _ = own.apply(SEEN, plan_at(SEEN), np.zeros((1, 2)), own.start(1))
    assert verdict.names == ("a", "envelope", "b")
    assert verdict.high[0, :, 0].tolist() == [1.0, 4.0, 1e9]
    assert verdict.low[0, :, 0].tolist() == [-1e9, -8.0, -1.0]
    assert verdict.value[0].tolist() == [1.0, 0.0, 1.0]


@dataclass(frozen=True, slots=True)
class Spy:
    """A check that keeps what it was asked to judge."""

    asked: list[Floats]

    @property
    def columns(self) -> Mapping[str, Filtering]:
        return {f"spy {id(self)}": Filtering.PASSED}

    def start(self, batch: int) -> Nothing:
        return Nothing()

    def check(
        self, observation: Observation, plan: Plan, control: Floats, memory: Nothing, found: Table
    ) -> Nothing:
        self.asked.append(control.copy())
        return memory


@pytest.mark.parametrize(
    ("control", "judged"),
    [
        ((1.0, 0.01), (1.0, 0.01)),
        ((9.0, 0.3), (4.0, 0.05)),
        ((-9.0, -0.3), (-8.0, -0.05)),
        ((math.nan, 0.3), (math.nan, 0.05)),
        ((9.0, -math.inf), (4.0, -math.inf)),
    ],
)
def test_checks_judge_what_the_car_can_do_and_guards_what_is_commanded(
    control: tuple[float, float], judged: tuple[float, float]
) -> None:
    """Steering that no wheel can follow would else lead past what the car runs into."""
    early, late, alone = Spy([]), Spy([]), Spy([])
    checks = [early, Envelope(PERIOD), late, alone]
    for guards, wanted in ((2, judged), (0, control)):
        own = Filter(PERIOD, checks, LeastRisk(PERIOD), guards)
        own.apply(SEEN, plan_at(SEEN), np.array([control]), own.start(1))
        np.testing.assert_array_equal(early.asked.pop(), [control])
        np.testing.assert_allclose(late.asked.pop(), [wanted])
        np.testing.assert_allclose(alone.asked.pop(), [wanted])


def test_one_guard_is_enough_to_bind_what_is_judged() -> None:
    late = Spy([])
    own = Filter(PERIOD, [Envelope(PERIOD), late], LeastRisk(PERIOD), 1)
    own.apply(SEEN, plan_at(SEEN), np.array([[9.0, 0.3]]), own.start(1))
    np.testing.assert_allclose(late.asked.pop(), [[4.0, 0.05]])
    none = Filter(PERIOD, [Envelope(PERIOD), late], LeastRisk(PERIOD))
    none.apply(SEEN, plan_at(SEEN), np.array([[9.0, 0.3]]), none.start(1))
    np.testing.assert_allclose(late.asked.pop(), [[9.0, 0.3]], err_msg="unless it is told to be")


def test_only_who_is_in_danger_is_taken_over() -> None:
    seen = observation([two_lanes()], [(100, 0, 0, 10), (100, 0, 0, 10)])
    own = Filter(PERIOD, [Envelope(PERIOD)], LeastRisk(PERIOD))
    control = np.array([[0.5, 0.0], [math.nan, 0.0]])
    _, result, latch = own.apply(seen, plan_at(seen), control, own.start(2))
    assert result.filtered.tolist() == [[0.5, 0.0], [-4.0, 0.0]]
    assert latch.state["active"].tolist() == [False, True]


def test_what_is_remembered_is_checked() -> None:
    with pytest.raises(TypeError, match="state"):
        Latch(np.zeros(1), Filter(PERIOD, [Envelope(PERIOD)], LeastRisk(PERIOD)).start(1).checks)
