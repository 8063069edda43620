"""What is remembered of others: rates by a filter of first order, and whom there is room for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from drivestack.core.types import Floats, Observation
from drivestack.safety.what_if.tables import Notes, seen_in
from drivestack.safety.what_if.watch import MET, WATCHED, Watch, look
from tests.scenes import observation, two_lanes

ROAD = two_lanes()


def seen_at(tick: int, *others: tuple[float, float], ids: list[int] | None = None) -> Observation:
    """Others by speed and yaw."""
    states = np.array([(10.0 * n, 0.0, yaw, v) for n, (v, yaw) in enumerate(others)])
    found = observation([ROAD], [(0, 0, 0, 0)], [states.reshape(-1, 4)], tick=tick)
    if ids is None:
        return found
    number = np.array([ids], np.int32)
    return replace(found, tracks=replace(found.tracks, id=number))


@dataclass
class Notebook:
    """What is remembered of one scenario. Attributes: met: (W,) rows of `MET`."""

    met: Any


def looked(notes: Notebook, seen: Observation) -> Floats:
    rates = np.full((seen.tracks.id.shape[1], 2), np.nan)
    last, now = notes.met[None], np.empty((1, WATCHED), MET)
    look(0, seen_in(seen), Notes(last, now), rates, 1.0, 0.2)
    notes.met = now[0]
    return rates


def fresh() -> Notebook:
    return Notebook(Watch.fresh(1).met[0])


@pytest.mark.parametrize("start", [0, 1000])
def test_rates_come_nearer_to_what_is_measured_by_a_share(start: int) -> None:
    """0.05 s of a time constant of 0.2 s: a fifth of the way."""
    notes = fresh()
    assert looked(notes, seen_at(start + 0, (10.0, 0.1))).tolist() == [[0.0, 0.0]]
    first = looked(notes, seen_at(start + 1, (10.1, 0.09)))
    assert first[0].tolist() == pytest.approx([0.2 * 2.0, 0.2 * -0.2])
    second = looked(notes, seen_at(start + 2, (10.2, 0.08)))
    assert second[0].tolist() == pytest.approx([0.36 * 2.0, 0.36 * -0.2])
    late = looked(notes, seen_at(start + 6, (9.8, 0.08)))  # 0.2 s later: half of the way
    assert late[0].tolist() == pytest.approx([0.5 * 0.72 - 1.0, 0.5 * -0.072])


def test_yaws_are_the_nearest_way_round() -> None:
    notes = fresh()
    looked(notes, seen_at(0, (10.0, 3.14)))
    assert looked(notes, seen_at(1, (10.0, 3.16 - 2 * np.pi)))[0, 1] == pytest.approx(0.2 * 0.4)


def test_what_was_measured_before_is_not_measured_again() -> None:
    notes = fresh()
    looked(notes, seen_at(0, (10.0, 0.0)))
    rates = looked(notes, seen_at(1, (10.1, 0.0)))
    stale = seen_at(2, (10.1, 0.0))
    again = looked(notes, replace(stale, age=np.ones(1, np.int32)))
    assert again.tolist() == rates.tolist()
    assert notes.met["tick"][0] == 1
    old = replace(stale, tracks=replace(stale.tracks, age=np.ones((1, 1), np.int32)))
    assert looked(notes, old).tolist() == rates.tolist()


@pytest.mark.parametrize(("gone", "known"), [(20, True), (21, False)])
def test_who_was_not_measured_for_a_second_is_met_anew(gone: int, known: bool) -> None:
    notes = fresh()
    looked(notes, seen_at(0, (10.0, 0.0)))
    rates = looked(notes, seen_at(gone, (30.0, 0.0)))
    assert (rates[0, 0] > 0.0) == known
    assert notes.met["tick"][0] == gone


def test_who_is_not_there_has_no_rates_and_leaves_the_others_alone() -> None:
    notes = fresh()
    for tick, speed in enumerate((10.0, 10.1)):
        seen = seen_at(tick, (5.0 + tick, 0.0), (speed, 0.0))
        valid = np.array([[[False], [True]]])
        rates = looked(notes, replace(seen, tracks=replace(seen.tracks, valid=valid)))
    assert rates.tolist() == [[0.0, 0.0], [pytest.approx(0.4), 0.0]]
    assert notes.met["known"].sum() == 1


def test_numbers_not_places_tell_who_is_who() -> None:
    notes = fresh()
    looked(notes, seen_at(0, (10.0, 0.0), (20.0, 0.0), ids=[7, 3]))
    rates = looked(notes, seen_at(1, (20.1, 0.0), (10.0, 0.0), ids=[3, 7]))
    assert rates[:, 0].tolist() == pytest.approx([0.4, 0.0])
    assert notes.met["id"][:2].tolist() == [7, 3]


def test_more_than_there_is_room_for_have_no_rates() -> None:
    notes, many = fresh(), [(10.0, 0.0)] * (WATCHED + 1)
    looked(notes, seen_at(0, *many))
    rates = looked(notes, seen_at(1, *[(10.1, 0.0)] * (WATCHED + 1)))
    assert (rates[:-1, 0] > 0.0).all()
    assert rates[-1].tolist() == [0.0, 0.0]
    gone = looked(notes, seen_at(22, *[(10.1, 0.0)] * 2, ids=[500, 501]))
    assert gone.tolist() == [[0.0, 0.0]] * 2
    assert notes.met["known"].sum() == 2, "all others were forgotten, and their places are free"
    assert sorted(notes.met["id"][notes.met["known"]].tolist()) == [500, 501]


def test_rates_that_are_no_numbers_are_not_passed_on() -> None:
    notes = fresh()
    looked(notes, seen_at(0, (10.0, 0.0), (10.0, 0.0)))
    notes.met["gain"][0], notes.met["turn"][1] = np.inf, np.nan
    rates = looked(notes, seen_at(0, (10.0, 0.0), (10.0, 0.0)))
    assert rates.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_scenarios_remember_their_own() -> None:
    last, now = Watch.fresh(2).met, np.zeros((2, WATCHED), MET)
    seen = observation([ROAD], [(0, 0, 0, 0)] * 2, [[(0, 0, 0, 5)], [(0, 0, 0, 9)]])
    rates = np.zeros((1, 2))
    look(1, seen_in(seen), Notes(last, now), rates, 1.0, 0.2)
    assert now["known"].sum(axis=1).tolist() == [0, 1]
    assert now["speed"][1, 0] == 9.0
    assert not last["known"].any(), "what was remembered is left as it was"


def test_a_memory_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="met"):
        Watch(np.zeros((1, WATCHED)))
