"""Checkpoints of policies: the same bits again, and one sentence for whatever is none."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drivestack.behavior.checkpoint import POLICY, checkpoint_bytes, facts_of, policy_of, sampler_of
from drivestack.behavior.encoder import statistics_of
from drivestack.behavior.features import tokens_of
from drivestack.behavior.noise import bank
from drivestack.behavior.policy import Policy
from drivestack.behavior.tokens import Tokens
from drivestack.behavior.torch_setup import torch
from drivestack.core.errors import InputError
from drivestack.core.tensors import Tensors, read_tensors, tensor_bytes
from drivestack.route import ROUTERS
from tests.contracts.situations import all_of_them
from tests.scenes import no_goal

Change = Callable[[Tensors, dict[str, str]], None]


def tokens() -> Tokens:
    seen = all_of_them()
    goal = no_goal(len(seen.tick))
    return tokens_of(seen, ROUTERS["lanes"]().route(seen, goal), goal)


def fresh(head: str = "flow") -> Policy:
    torch.manual_seed(1)
    policy = Policy.of(head)
    policy.encoder.normalise(statistics_of(tokens()))
    return policy.eval()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("policy") / "flow.safetensors"
    path.write_bytes(checkpoint_bytes(fresh(), {"data": {"moments": 3}, "figures": {"loss": 1.5}}))
    return path


def test_a_policy_comes_back(written: Path) -> None:
    noise = bank(16, 20)
    again = policy_of(written)
    assert again.candidates(tokens(), noise).tobytes() == (
        fresh().candidates(tokens(), noise).tobytes()
    )
    assert facts_of(written, POLICY)["figures"] == {"loss": 1.5}
    assert written.stat().st_size < 4e6


def test_reading_draws_nothing(written: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    policy_of.cache_clear()
    policy_of(written)
    assert torch.equal(torch.rand(3), expected)


def refused(path: Path) -> str:
    """What is said by torch and by those who do not need it: the same."""
    told = []
    for read in (policy_of, sampler_of):
        with pytest.raises(InputError) as caught:
            read(path)
        told.append(str(caught.value))
    said, again = told
    assert said == again
    assert "\n" not in said
    assert str(path) in said
    return said


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "none.safetensors")


@pytest.mark.parametrize("kept", [0, 5, 100, -1])
def test_a_truncated_one_is_refused(written: Path, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "short.safetensors"
    path.write_bytes(written.read_bytes()[:kept])
    assert "whole safetensors file" in refused(path)


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "policy.pkl"
    path.write_bytes(pickle.dumps({"weights": [1.0, 2.0]}))
    assert "whole safetensors file" in refused(path)


def _without(name: str) -> Change:
    return lambda tensors, about: tensors.__delitem__(name)


def _constant(name: str) -> Change:
    return lambda tensors, about: tensors.update({name: np.zeros_like(tensors[name])})


def _of_shape(name: str, *shape: int) -> Change:
    return lambda tensors, about: tensors.update({name: np.ones(shape, np.float32)})


def _told(**changes: object) -> Change:
    def change(tensors: Tensors, about: dict[str, str]) -> None:
        about["policy"] = json.dumps(json.loads(about["policy"]) | changes)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without("chunk_spread"), "'chunk_spread' is missing"),
        (_without("encoder.agents_scale"), "'encoder.agents_scale' is missing"),
        (_constant("chunk_spread"), "normaliser is constant"),
        (_constant("encoder.agents_scale"), "normaliser of 'agents' is constant"),
        (_of_shape("chunk_mean", 21), "has the shape"),
        (_of_shape("surplus", 2), "'surplus' is not known"),
        (_told(head="fortune"), "there is no head 'fortune'"),
        (_told(shape={"width": 10**9}), "a size of"),
        (_told(shape={"width": "96"}), "a size of"),
        (_told(sizes=3), "expected a policy"),
        (lambda tensors, about: about.update(kind="drivestack critic 1"), f"not '{POLICY}'"),
        (lambda tensors, about: about.update(policy="{"), "expected a policy"),
        (lambda tensors, about: about.__delitem__("policy"), "expected a policy"),
    ],
)
def test_one_of_another_shape_is_refused(
    written: Path, tmp_path: Path, change: Change, said: str
) -> None:
    tensors, about = read_tensors(written)
    change(tensors, about)
    path = tmp_path / "changed.safetensors"
    path.write_bytes(tensor_bytes(tensors, about))
    assert said in refused(path)
