"""Recordings are split by clock intervals: no vehicle is on both sides."""

from __future__ import annotations

import pytest

from drivestack.core.errors import InputError
from drivestack.learn.planner.intervals import Window, held_out, intervals, site_of


def window(name: str, vehicles: set[int], drives: int = 1) -> Window:
    return Window(name, "USA_A", frozenset(vehicles), drives)


def names(found: list[list[Window]]) -> list[set[str]]:
    return [{w.name for w in interval} for interval in found]


def test_windows_that_share_a_vehicle_are_of_one_interval() -> None:
    a, b, c, d = (
        window("a", {1, 2}),
        window("b", {9, 10}),
        window("c", {2, 3}),
        window("d", {3, 4}),
    )
    assert names(intervals([d, b, a, c])) == [{"a", "c", "d"}, {"b"}]
    assert names(intervals([a, b])) == [{"a"}, {"b"}]
    assert intervals([]) == []


def test_the_smallest_intervals_are_held_out_until_there_are_enough() -> None:
    found = [window("a", {1}, 50), window("b", {2}, 4), window("c", {3}, 8), window("d", {4}, 38)]
    assert held_out(found, 0.1) == {"b", "c"}
    assert held_out(found, 0.04) == {"b"}
    assert held_out(found, 1.0) == {"b", "c", "d"}


def test_a_single_interval_is_not_held_out() -> None:
    assert held_out([window("a", {1, 2}), window("b", {2})]) == frozenset()


@pytest.mark.parametrize(
    ("benchmark", "site"),
    [
        ("USA_US101-3_3_T-1", "USA_US101"),
        ("C-USA_Lanker-2_4_T-1", "USA_Lanker"),
        ("DEU_Gar-1_1_T-1", "DEU_Gar"),
    ],
)
def test_sites_by_benchmark_ids(benchmark: str, site: str) -> None:
    assert site_of(benchmark) == site


def test_an_id_without_a_site_is_refused() -> None:
    with pytest.raises(InputError, match=r"'anything' names no site"):
        site_of("anything")
