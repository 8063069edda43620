"""Families and seeds: what is learned from is never what is judged by."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.learn.critic.plan import Amounts, Plan
from drivestack.learn.families import (
    CALIBRATION,
    REPORT,
    TRAINING,
    check_unseen,
    families_in,
    start_of,
)

ROOT = Path(__file__).resolve().parents[3]


def test_seeds_are_apart() -> None:
    assert TRAINING.stop == CALIBRATION.start
    assert CALIBRATION.stop == REPORT.start


def test_a_family_without_random_numbers_deals_its_cases_out() -> None:
    (document,) = families_in([ROOT / "scenarios/r157/cut_out.yaml"]).values()
    shares = [
        {start_of(document, seed).scenario.split("@")[0] for seed in seeds}
        for seeds in (range(0, 8000, 400), range(8000, 9000, 50), range(9000, 10_000, 50))
    ]
    assert all(len(share) > 5 for share in shares)
    assert not shares[0] & shares[1]
    assert not (shares[0] | shares[1]) & shares[2]


def test_a_start_depends_on_family_and_seed_only() -> None:
    (document,) = families_in([ROOT / "scenarios/rare/debris.yaml"]).values()
    assert start_of(document, 5).resolved == start_of(document, 5).resolved
    assert start_of(document, 5).resolved != start_of(document, 6).resolved


def test_unknown_families_are_refused() -> None:
    families = families_in([ROOT / "scenarios/rare/debris.yaml"])
    with pytest.raises(InputError, match="unknown family 'rare-debri'; did you mean"):
        check_unseen(families, ["rare-debri"])
    with pytest.raises(InputError, match="no family is left to learn from"):
        check_unseen(families, list(families))


def test_unseen_families_are_judged_and_not_learned_from() -> None:
    plan = Plan(("a", "b"), ("b",), Amounts(20, 3, 5, 2, 8))
    training = list(plan.training())
    assert {job.family for job in training} == {"a"}
    assert {seed for job in training for seed in job.seeds} <= set(TRAINING)
    assert sum(len(job.seeds) for job in training) == 20 * len(plan.stacks)
    judging = plan.judging()
    for name, seeds in (("threshold", CALIBRATION), ("report", REPORT)):
        assert {job.family for job in judging[name]} == {"a", "b"}
        assert {seed for job in judging[name] for seed in job.seeds} <= set(seeds)
    names = [job.name for job in (*training, *(job for some in judging.values() for job in some))]
    assert len(set(names)) == len(names)
