"""Augmentation: what a mirror image, an untold control and a prefix are, and how often."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivestack.behavior.committed import prefix_of
from drivestack.behavior.tokens import Ego, mirrored
from drivestack.learn.planner.augmenting import Augmenting, augmented
from drivestack.learn.planner.unsure import Unsure
from tests.learn.planner.made import made

NEVER = Augmenting(mirrored=0.0, untold=0.0, prefixed=0.0, unsure=Unsure(noisy=0.0, dropped=0.0))


def test_nothing_changes_where_nothing_is_asked() -> None:
    found = made(20)
    tokens, knots = augmented(found.tokens, found.knots, NEVER, np.random.default_rng(0))
    np.testing.assert_array_equal(knots, found.knots)
    np.testing.assert_array_equal(tokens.ego[:, : Ego.PREFIX], found.tokens.ego[:, : Ego.PREFIX])
    assert (tokens.ego[:, Ego.PREFIX] == 0.0).all()


def test_a_mirror_image_is_of_tokens_and_knots() -> None:
    found = made(20)
    always = replace(NEVER, mirrored=1.0)
    tokens, knots = augmented(found.tokens, found.knots, always, np.random.default_rng(0))
    np.testing.assert_array_equal(knots, found.knots * [1.0, -1.0])
    np.testing.assert_array_equal(tokens.agents, mirrored(found.tokens).agents)


def test_how_often() -> None:
    found = made(2000)
    tokens, knots = augmented(found.tokens, found.knots, Augmenting(), np.random.default_rng(0))
    shares = [
        (knots[:, 0, 1] == -found.knots[:, 0, 1]).mean(),
        (tokens.ego[:, Ego.KNOWN] == 0.0).mean(),
        (tokens.ego[:, Ego.PREFIX] == 1.0).mean(),
    ]
    np.testing.assert_allclose(shares, 0.5, atol=0.05)
    times = np.unique(tokens.ego[:, Ego.PREFIX_TIME])
    np.testing.assert_allclose(times, 0.05 * np.arange(9), atol=1e-6)


@pytest.mark.parametrize(("time", "along"), [(0.0, 0.0), (0.4, 1.5), (0.2, 1.25)])
def test_a_prefix_is_the_mean_of_what_is_committed(time: float, along: float) -> None:
    knots = np.zeros((1, 10, 2), np.float32)
    knots[0, :, 0] = np.arange(1, 11)
    prefix = prefix_of(knots, np.array([time]))
    assert prefix.along[0] == pytest.approx(along)
    assert prefix.across[0] == 0.0
