"""Sentences of why a check acted; guards are told from checks."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.core.types import Plan, PlanSource
from drivestack.safety import BARE, CHECKS, MONITORS, WHOLE, Layer, filter_of
from drivestack.safety.reasons import ACTING, GUARDING, sentence
from tests.scenes import observation, two_lanes


def names_of(layer: Layer) -> tuple[str, ...]:
    """Names in the verdict of a layer's filter."""
    seen = observation([two_lanes()], [(50, 4, 0, 15)])
    none = np.zeros(1, np.int32)
    source = np.full(1, PlanSource.FALLBACK, np.int32)
    plan = Plan(np.zeros((1, 1, 4)), np.zeros((1, 1, 2)), none - 1, source, none, np.ones(1))
    made = filter_of(layer, 0.05)
    verdict, _, _ = made.apply(seen, plan, np.zeros((1, 2)), made.start(1))
    return verdict.names


def test_guards_are_named_as_guards_and_nothing_else_is() -> None:
    bare, whole = names_of(BARE), names_of(WHOLE)
    watching = bare[len(bare) - len(MONITORS) :] if MONITORS else ()
    assert set(bare) - set(watching) == set(GUARDING)
    assert not set(whole) - set(bare) & set(GUARDING)
    assert len(set(whole)) == len(whole)


@pytest.mark.parametrize("name", CHECKS)
def test_every_check_has_a_sentence(name: str) -> None:
    for verdict in set(names_of(Layer((name,)))) - set(names_of(BARE)):
        assert verdict in ACTING
        text = sentence(verdict, 7, 1.25, 0.5)
        assert text[0].islower()
        assert not text.endswith(".")


def test_sentences() -> None:
    late = sentence("time_to_collision", 7, 0.25, 0.0)
    assert late == "braking for road user 7 is 0.25 s later than what avoids the contact"
    assert "1.2 m outside all lanes" in sentence("road_boundary", -1, 1.2, 1.0)
    assert sentence("plan_age", -1, 1e9, 1.0) == "no plan was ever made"
    assert sentence("plan_age", -1, 1.5, 1.0) == "the plan is 1.50 s old, and 1.00 s is the most"
    assert "0.70 s old" in sentence("frame_age", -1, 0.7, 0.5)
    assert sentence("finite", -1, 2.0, 0.0) == "2 numbers of the command are not finite"
    assert "12 % beyond" in sentence("envelope", -1, 0.12, 0.0)
    other = sentence("gap_time", 3, 0.4, 0.5)
    assert other == "gap time of road user 3 is 0.40, and 0.50 is the limit"
    assert sentence("gap_time", -1, 0.4, 0.5) == "gap time is 0.40, and 0.50 is the limit"
