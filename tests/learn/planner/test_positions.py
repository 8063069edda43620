"""Where knots lead, by torch, against the bicycle that drives them."""

from __future__ import annotations

import numpy as np
import pytest

from drivestack.behavior.knots import KNOTS, unrolled
from drivestack.behavior.torch_setup import torch
from drivestack.core.types import EgoState
from drivestack.learn.planner.positions import along, apart, aside
from drivestack.route import ROUTERS
from tests.scenes import no_goal, observation, two_lanes


@pytest.mark.parametrize("speed", [3.0, 12.0])
def test_it_is_where_the_bicycle_goes(speed: float) -> None:
    draw = np.random.default_rng(0)
    knots = np.stack([draw.uniform(-1, 1, (5, KNOTS)), draw.uniform(-0.3, 0.3, (5, KNOTS))], -1)
    route = ROUTERS["lanes"]().route(
        observation([two_lanes()], [(50.0, 0.0, 0.0, speed)]), no_goal(1)
    )
    ego = EgoState(
        np.array([[50.0, 0.0, 0.0, speed]]), np.zeros(1), np.zeros(1), np.array([[5.0, 2.0]])
    )
    states, _ = unrolled(ego, route, knots[None])
    told = torch.tensor(knots, dtype=torch.float32)
    gone, fast = along(told, torch.full((5,), speed))
    np.testing.assert_allclose(gone.numpy(), states[0, :, :, 0] - 50.0, atol=0.6)
    np.testing.assert_allclose(fast.numpy(), states[0, :, :, 3], atol=1e-4)
    np.testing.assert_allclose(aside(told, fast).numpy(), states[0, :, :, 1], atol=0.35)


def test_a_chunk_is_not_apart_from_itself_and_a_metre_is_a_metre() -> None:
    knots = torch.zeros(1, KNOTS, 2)
    assert float(apart(knots, knots, torch.tensor([10.0]))) == 0.0
    other = knots.clone()
    other[..., 0] = 1.0  # from what is in force up to it in 0.4 s
    accel = np.minimum(np.arange(1, 41) / 4.0, 1.0)
    expected = float(np.mean((0.01 * accel.cumsum().cumsum()) ** 2))
    assert float(apart(other, knots, torch.tensor([10.0]))) == pytest.approx(expected, rel=1e-4)


def test_who_has_stopped_goes_nowhere() -> None:
    knots = torch.full((1, KNOTS, 2), -1.0)
    gone, fast = along(knots, torch.tensor([0.0]))
    assert float(gone.abs().max()) == 0.0
    assert float(fast.abs().max()) == 0.0


def test_it_is_differentiable() -> None:
    knots = torch.zeros(2, KNOTS, 2, requires_grad=True)
    apart(knots, torch.ones(2, KNOTS, 2), torch.tensor([10.0, 3.0])).sum().backward()
    assert knots.grad is not None
    assert bool((knots.grad[:, :9].abs() > 0.0).all())
