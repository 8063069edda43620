from __future__ import annotations

import json

import pytest

from drivestack.scenario import failed_expectations

MEASURES = {"contact": False, "at_fault": False, "goal_reached": True, "progress_m": 50.0,
            "mean_speed": 5.0}  # fmt: skip


@pytest.mark.parametrize(
    ("expect", "failed"),
    [
        ({}, None),
        ({"contact": False, "goal_reached": True, "progress_m": {"min": 50, "max": 50}}, ()),
        ({"contact": True}, ("contact is false, not true",)),
        ({"progress_m": {"min": 60}}, ("progress_m 50 is below 60",)),
        (
            {"at_fault": True, "mean_speed": {"max": 4.5}},
            ("at_fault is false, not true", "mean_speed 5 is above 4.5"),
        ),
    ],
)
def test_clauses_say_what_failed(expect: dict[str, object], failed: tuple[str, ...] | None) -> None:
    assert failed_expectations(json.dumps({"expect": expect}), MEASURES) == failed


def test_nothing_is_expected_without_a_scenario() -> None:
    assert failed_expectations("", {}) is None


def test_a_measure_that_was_not_taken_is_an_error() -> None:
    with pytest.raises(KeyError):
        failed_expectations(json.dumps({"expect": {"contact": False}}), {})
