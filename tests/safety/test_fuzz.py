"""Some thousand damaged inputs; `python -m tests.safety.fuzz` has as many as one likes."""

from __future__ import annotations

import logging
import random

import pytest

from tests.safety.fuzz import STAGES, Entrance, check_stack

pytestmark = pytest.mark.compiled

SEED = random.SystemRandom().randrange(10**9)


@pytest.fixture(autouse=True)
def quiet() -> None:
    logging.getLogger("drivestack.stack").setLevel(logging.CRITICAL)


def test_the_same_cases_every_day() -> None:
    entrance = Entrance()
    named = {entrance.check(number) for number in range(3000)}
    assert len(named) >= 14, f"the cases reach only {named}"


def test_other_cases_every_day() -> None:
    entrance = Entrance()
    for number in range(SEED, SEED + 2000):
        entrance.check(number)


@pytest.mark.parametrize("number", range(2 * len(STAGES)))
def test_stages_that_break(number: int) -> None:
    check_stack(number)


@pytest.mark.nightly
def test_a_hundred_thousand() -> None:
    entrance = Entrance()
    for number in range(100_000):
        entrance.check(number)
    for number in range(1000):
        check_stack(number)
