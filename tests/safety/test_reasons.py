"""Sentences of why a check acted; guards are told from checks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from drivestack.core.protocols import SafetyCheck
from drivestack.core.types import Plan, PlanSource
from drivestack.safety import CHECKS, GUARDS, MONITORS
from drivestack.safety.filter import Filter
from drivestack.safety.minimal_risk import LeastRisk
from drivestack.safety.reasons import ACTING, GUARDING, sentence
from tests.scenes import observation, two_lanes


def names_of(checks: Sequence[SafetyCheck]) -> set[str]:
    """Names in the verdicts of checks."""
    seen = observation([two_lanes()], [(50, 4, 0, 15)])
    none = np.zeros(1, np.int32)
    source = np.full(1, PlanSource.FALLBACK, np.int32)
    plan = Plan(np.zeros((1, 1, 4)), np.zeros((1, 1, 2)), none - 1, source, none, np.ones(1))
    made = Filter(0.05, checks, LeastRisk(0.05))
    verdict, _, _ = made.apply(seen, plan, np.zeros((1, 2)), made.start(1))
    return set(verdict.names)


def test_guards_are_named_as_guards_and_nothing_else_is() -> None:
    assert names_of([make(0.05) for make in GUARDS.values()]) == set(GUARDING)
    others = names_of([make(0.05) for make in (CHECKS | MONITORS).values()])
    assert not others & set(GUARDING)


@pytest.mark.parametrize("name", CHECKS | MONITORS)
def test_every_check_has_a_sentence(name: str) -> None:
    for verdict in names_of([(CHECKS | MONITORS)[name](0.05)]):
        assert verdict in ACTING
        text = sentence(verdict, 7, 1.25, 0.5)
        assert "1.2" in text or "-1.2" in text or "125" in text
        assert not text.endswith(".")


def test_sentences() -> None:
    late = sentence("time_to_collision", 7, 0.25, 0.0)
    assert late == "braking for road user 7 is 0.25 s later than what avoids the contact"
    assert "1.2 m outside all lanes" in sentence("road_boundary", -1, 1.2, 1.0)
    assert sentence("plan_age", -1, 1e9, 1.0) == "no plan was ever made"
    assert sentence("plan_age", -1, 1e6, 1.0) == "no plan was ever made"
    assert "the plan is 999999.00 s old" in sentence("plan_age", -1, 999999.0, 1.0)
    assert sentence("plan_age", -1, 1.5, 1.0) == "the plan is 1.50 s old, and 1.00 s is the most"
    assert "0.70 s old" in sentence("frame_age", -1, 0.7, 0.5)
    assert sentence("finite", -1, 2.0, 0.0) == "2 numbers of the command are not finite"
    assert "is 12 % beyond" in sentence("envelope", -1, 0.12, 0.0)
    assert sentence("btn", 4, 0.25, 1.0) == "road user 4 asks for 25 % of the brakes"
    assert sentence("stn", 4, 0.25, 1.0) == "road user 4 asks for 25 % of the steering"
    assert "with road user 4 is 0.80 s, and 1.50 s" in sentence("ttc", 4, -0.8, -1.5)
    assert "is 0.00 s, and 0.50 s" in sentence("wttc", 4, 0.0, -0.5)
    assert "is 6.0 m away, and RSS asks for 9.5 m (lateral)" in sentence("rss_lateral", 4, -6, -9.5)
    assert "braking of 5.0 m/s2, and 3.4 m/s2" in sentence("drac", 4, 5.0, 3.4)
    foretold = sentence("critic", 4, 0.821, 0.014)
    assert foretold.endswith("contact within 3 s is 82.1 %, and 1.4 % is the most")
    stray = sentence("wrong_way", 4, 0.62, 0.25)
    assert "the command leads 0.6 m to the wrong side" in stray
    assert "the command leads" in sentence("wrong_way", 4, 0.62, 2.999)
    there = sentence("wrong_way", -1, 100.0, 3.0)
    assert there.endswith("no lane that leads its way is within 100.0 m")
    faulty = sentence("frame_frozen", -1, 1.0, 0.0)
    assert faulty == "what the layer is given is faulty: frame frozen"
    assert "the way ahead is 2.5 m too short" in sentence("aeb", -1, 2.5, 0.0)
    other = sentence("gap_time", 3, 0.4, 0.5)
    assert other == "gap time of road user 3 is 0.40, and 0.50 is the limit"
    assert sentence("gap_time", -1, 0.4, 0.5) == "gap time is 0.40, and 0.50 is the limit"
    assert sentence("gap_time", 0, 0.4, 0.5).startswith("gap time of road user 0 is")
    assert sentence("drac", 0, 5.0, 3.4).startswith("road user 0 asks for")
