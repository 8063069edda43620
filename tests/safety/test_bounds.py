"""The table that checks write into, and the record that it becomes."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.types import Filtering
from drivestack.safety.bounds import FREE, Columns
from drivestack.safety.envelope import Envelope
from drivestack.safety.inputs import Inputs
from drivestack.safety.monitors.rss import RssMonitor

CHECKS = [Envelope(0.05), Inputs(0.05), RssMonitor(0.05)]


@pytest.fixture
def own() -> Columns:
    return Columns.of(CHECKS)


def test_columns_lie_beside_each_other_in_the_order_of_the_checks(own: Columns) -> None:
    assert own.names == tuple(name for check in CHECKS for name in check.columns)
    assert own.places == (slice(0, 1), slice(1, 4), slice(4, 9))
    assert own.blank.shape == (9, 1)


def test_at_first_nothing_is_wrong_and_nothing_bound(own: Columns) -> None:
    verdict = own.verdict(own.opened(3))
    assert verdict.names == own.names
    assert verdict.low.shape == (3, 9, 2)
    assert (verdict.low == -FREE).all()
    assert (verdict.high == FREE).all()
    assert FREE == 1e9
    for array in (verdict.value, verdict.limit, verdict.failed, verdict.object, verdict.has_object):
        assert array.shape == (3, 9)
        assert not array.any()
    asked = [Filtering.CLAMPED, *[Filtering.MINIMAL_RISK] * 3, *[Filtering.CLAMPED] * 5]
    assert verdict.response.tolist() == [asked] * 3


def test_what_is_written_stands_in_its_place(own: Columns) -> None:
    found = own.opened(2)
    one = found[3, 1]
    one["low"], one["high"] = (-1.0, -0.1), (2.0, 0.2)
    one["value"], one["limit"], one["object"] = 5.0, 4.0, 17
    one["failed"] = one["has_object"] = True
    one["response"] = Filtering.EMERGENCY_BRAKE
    verdict = own.verdict(found)
    assert verdict.low[1, 3].tolist() == [-1.0, -0.1]
    assert verdict.high[1, 3].tolist() == [2.0, 0.2]
    assert (verdict.value[1, 3], verdict.limit[1, 3], verdict.object[1, 3]) == (5.0, 4.0, 17)
    assert verdict.failed[1, 3]
    assert verdict.has_object[1, 3]
    assert verdict.response[1, 3] == Filtering.EMERGENCY_BRAKE
    for array in (verdict.value, verdict.limit, verdict.object, verdict.failed, verdict.has_object):
        assert np.count_nonzero(array) == 1
    assert not own.blank["failed"].any(), "the next tick begins anew"
