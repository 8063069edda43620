"""What holds of every check of the registries, in drawn scenes.

Named exceptions say why a property does not hold of a check.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest

from drivestack.core.types import Floats, Intervention, Verdict
from drivestack.safety import CHECKS, GUARDS, MONITORS
from drivestack.safety.filter import Filter
from drivestack.safety.minimal_risk import LeastRisk
from tests.safety.checked import PLAIN, say
from tests.safety.drawn import DT, MAPS, Place, Scene, drawn

Answer = tuple[Verdict, Intervention]
EVERY = GUARDS | CHECKS | MONITORS
SCENES = range(9 if PLAIN else 48)
FEWER = range(24)
"""For what takes a whole layer, several times."""

ELSEWHERE = Place(turn=2.9, x=123.0, y=-345.0)
"""Where headings pass half a turn."""

MIRRORED = Place(mirror=-1.0)

if PLAIN:  # once, and not in every process in which something else is changed
    for make, place in itertools.product(MAPS, (Place(), ELSEWHERE, MIRRORED)):
        make(place)


def said_of(name: str, scene: Scene, place: Place) -> list[Verdict]:
    """At both ticks, and once more at the last: the emergency brake wants three looks."""
    check = EVERY[name](DT)
    ticks, plan, control = scene.at(place)
    found, memory = [], None
    for seen in (*ticks, ticks[-1]):
        verdict, memory = say(check, seen, control[0], plan, memory)
        found.append(verdict)
    return found


def assert_like(one: Verdict, other: Verdict, mirrored: bool, what: str) -> None:
    """The same of two places; in the mirror the bounds on the steering change sides."""
    np.testing.assert_array_equal(one.failed, other.failed, what)
    np.testing.assert_array_equal(one.has_object, other.has_object, what)
    np.testing.assert_array_equal(one.object[one.has_object], other.object[one.has_object], what)
    for name in ("value", "limit"):
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=1e-6, atol=1e-6, err_msg=what
        )
    low, high = other.low.copy(), other.high.copy()
    if mirrored:
        low[..., 1], high[..., 1] = -other.high[..., 1], -other.low[..., 1]
    np.testing.assert_allclose(one.low, low, rtol=1e-6, atol=1e-6, err_msg=what)
    np.testing.assert_allclose(one.high, high, rtol=1e-6, atol=1e-6, err_msg=what)


@pytest.mark.parametrize("name", EVERY)
def test_wherever_it_lies_a_scene_is_the_same(name: str) -> None:
    for number in SCENES:
        scene = drawn(number)
        for one, other in zip(said_of(name, scene, Place()), said_of(name, scene, ELSEWHERE),
                              strict=True):  # fmt: skip
            assert_like(one, other, False, f"scene {number}")


@pytest.mark.parametrize("name", EVERY)
def test_in_the_mirror_a_scene_is_mirrored(name: str) -> None:
    for number in SCENES:
        scene = drawn(number)
        for one, other in zip(said_of(name, scene, Place()), said_of(name, scene, MIRRORED),
                              strict=True):  # fmt: skip
            assert_like(one, other, True, f"scene {number}")


ABOUT_THE_EGO = {"finite", "frame_age", "plan_age", "envelope", "road_boundary", "wrong_way"}
"""What may fail where nobody else is."""


@pytest.mark.parametrize("name", EVERY)
def test_without_others_nothing_about_others_fails(name: str) -> None:
    for number in SCENES:
        for verdict in said_of(name, drawn(number, alone=True), Place()):
            failed = set(np.array(verdict.names)[verdict.failed[0]].tolist())
            assert failed <= ABOUT_THE_EGO, f"scene {number}"
            assert not verdict.has_object.any(), f"scene {number}"


@pytest.mark.compiled
def test_the_scenes_reach_both_sides_of_every_limit() -> None:
    """Else the properties would say little; guards and time headways are at home elsewhere."""
    seen, failed = Counter(), Counter()
    for name, number in itertools.product(CHECKS | MONITORS, SCENES):
        for verdict in said_of(name, drawn(number), Place()):
            seen.update(verdict.names)
            failed.update(np.array(verdict.names)[verdict.failed[0]].tolist())
    assert all(0 < failed[name] < seen[name] for name in seen), failed


def layer(names: Iterable[str]) -> Filter:
    """Guards first, in the order that is given; the others then."""
    given = sorted(names, key=lambda name: name not in GUARDS)
    guards = sum(name in GUARDS for name in given)
    return Filter(DT, [EVERY[name](DT) for name in given], LeastRisk(DT), guards)


def filtered(own: Filter, scene: Scene, control: Floats | None = None) -> list[Answer]:
    """What becomes of a scene's control, or of others (2, 2), at both ticks."""
    ticks, plan, wish = scene.at(Place())
    memory, found = own.start(1), []
    for tick, seen in enumerate(ticks):
        asked = wish if control is None else control[tick : tick + 1]
        verdict, done, memory = own.apply(seen, plan, asked, memory)
        found.append((verdict, done))
    return found


@pytest.mark.compiled
@pytest.mark.parametrize("number", FEWER)
def test_bounds_hold_and_one_more_check_never_allows_more(number: int) -> None:
    scene = drawn(number)
    whole = filtered(layer(EVERY), scene)
    for verdict, done in whole:
        low, high = verdict.low.max(axis=1), verdict.high.min(axis=1)
        assert (done.filtered <= high).all()
        assert (done.filtered >= np.minimum(low, high)).all()
    for name in EVERY:
        fewer = filtered(layer(one for one in EVERY if one != name), scene)
        for (more, _), (less, _) in zip(whole, fewer, strict=True):
            assert (more.low.max(axis=1) >= less.low.max(axis=1)).all(), name
            assert (more.high.min(axis=1) <= less.high.min(axis=1)).all(), name


@pytest.mark.compiled
@pytest.mark.parametrize("number", FEWER)
def test_the_order_of_checks_cannot_matter(number: int) -> None:
    """But for which of two that are equally bad is named."""
    scene, names = drawn(number), list(EVERY)
    whole = filtered(layer(names), scene)
    shuffled = np.random.default_rng(number).permutation(names).tolist()
    for order in (names[::-1], shuffled):
        for (one, done), (other, again) in zip(whole, filtered(layer(order), scene), strict=True):
            place = [other.names.index(name) for name in one.names]
            for column in ("low", "high", "value", "limit", "failed", "response"):
                np.testing.assert_array_equal(
                    getattr(one, column), getattr(other, column)[:, place]
                )
            np.testing.assert_array_equal(done.filtered, again.filtered)
            np.testing.assert_array_equal(done.kind, again.kind)


@pytest.mark.compiled
@pytest.mark.parametrize("number", FEWER)
def test_filtering_twice_changes_nothing(number: int) -> None:
    scene, own = drawn(number), layer(EVERY)
    once = np.concatenate([done.filtered for _, done in filtered(own, scene)])
    twice = np.concatenate([done.filtered for _, done in filtered(own, scene, once)])
    np.testing.assert_allclose(twice, once, rtol=0.0, atol=1e-9)
