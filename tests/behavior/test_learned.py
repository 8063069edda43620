"""The learned proposer, and proposers beside each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivestack.behavior.checkpoint import checkpoint_bytes
from drivestack.behavior.encoder import statistics_of
from drivestack.behavior.features import tokens_of
from drivestack.behavior.origin import Origin
from drivestack.behavior.policy import Policy
from drivestack.behavior.proposers.learned import Learned
from drivestack.behavior.proposers.pdm_lane import PdmLane
from drivestack.behavior.proposers.together import Together
from drivestack.behavior.torch_setup import torch
from drivestack.core.errors import InputError
from drivestack.route import ROUTERS
from tests.contracts.situations import all_of_them
from tests.scenes import no_goal


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained: whatever is said of candidates holds for any weights."""
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    torch.manual_seed(2)
    made = Policy.of("flow")
    route = ROUTERS["lanes"]().route(seen, goal)
    made.encoder.normalise(statistics_of(tokens_of(seen, route, goal)))
    path = tmp_path_factory.mktemp("policy") / "flow.safetensors"
    path.write_bytes(checkpoint_bytes(made, {}))
    return path


def test_candidates_can_be_driven_and_differ(policy: Path) -> None:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    found = Learned(policy).propose(seen, ROUTERS["lanes"]().route(seen, goal), goal)
    assert found.states.shape == (len(seen.tick), 16, 40, 4)
    assert (found.source == Origin.LEARNED).all()
    assert (found.states[..., 3] >= 0.0).all()
    assert np.abs(found.controls[..., 1]).max() <= np.pi / 3
    assert np.ptp(found.states[0, :, -1, 0]) > 0.1


def test_without_a_route_nothing_is_proposed(policy: Path) -> None:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    route = ROUTERS["lanes"]().route(seen, goal)
    gone = route.valid.copy()
    gone[0] = False
    found = Learned(policy).propose(seen, replace(route, valid=gone), goal)
    assert not found.valid[0].any()
    assert found.valid[1].all()


def test_all_candidates_stand_beside_each_other(policy: Path) -> None:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    route = ROUTERS["lanes"]().route(seen, goal)
    learned, rules = Learned(policy, count=4), PdmLane()
    found = Together((learned, rules)).propose(seen, route, goal)
    one, other = learned.propose(seen, route, goal), rules.propose(seen, route, goal)
    np.testing.assert_array_equal(found.states[:, :4], one.states)
    np.testing.assert_array_equal(found.controls[:, 4:], other.controls)
    np.testing.assert_array_equal(found.valid[:, 4:], other.valid)
    assert (found.source[:, 4:] == Origin.RULES).all()


def test_a_checkpoint_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    route = ROUTERS["lanes"]().route(seen, goal)
    with pytest.raises(InputError, match="cannot be read"):
        Learned(tmp_path / "none.safetensors").propose(seen, route, goal)
