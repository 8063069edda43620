"""What every head promises, for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from drivestack.behavior.heads import HEADS, Head
from drivestack.behavior.noise import bank
from drivestack.behavior.sizes import Sizes

SIZES = Sizes(condition=24, chunk=6, hidden=32, layers=3, embedded=16, components=3, bins=24)
KINDS = list(HEADS)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def made(name: str) -> Head:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return HEADS[name](SIZES)


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def rows(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = draw(seed)
    shapes = (count, SIZES.condition), (count, SIZES.chunk)
    condition, chunk = (torch.randn(shape, generator=generator) for shape in shapes)
    return condition, chunk


def noises(head: Head, count: int, candidates: int = 16) -> Tensor:
    one = torch.tensor(bank(candidates, head.width), dtype=torch.float32)
    return one.expand(count, -1, -1)


@pytest.mark.parametrize("name", KINDS)
def test_shapes(name: str) -> None:
    head = made(name)
    condition, chunk = rows(5)
    fit = head.fit(condition, chunk, draw())
    assert fit.loss.shape == fit.weight.shape == (5,)
    assert fit.estimate.shape == (5, SIZES.chunk)
    assert ((fit.weight >= 0.0) & (fit.weight <= 1.0)).all()
    candidates = head.sample(condition, noises(head, 5))
    assert candidates.shape == (5, 16, SIZES.chunk)
    strange = head.surprise(condition, candidates)
    assert strange.shape == (5, 16)
    assert all(part.isfinite().all() for part in (*fit, candidates, strange))


@pytest.mark.parametrize("name", KINDS)
def test_a_sample_is_a_function_of_its_arguments(name: str) -> None:
    head = made(name)
    condition, _ = rows(2)
    before = torch.get_rng_state()
    first = head.sample(condition, noises(head, 2))
    assert torch.equal(first, head.sample(condition, noises(head, 2)))
    assert torch.equal(torch.get_rng_state(), before)
    assert (name == "mse") == torch.equal(first[:, :8], first[:, 8:])


@pytest.mark.parametrize("name", KINDS)
def test_rows_and_candidates_do_not_see_each_other(name: str) -> None:
    head = made(name)
    condition, _ = rows(7)
    noise = noises(head, 7)
    whole = head.sample(condition, noise)
    alone = head.sample(condition[4:5], noise[4:5])
    assert torch.allclose(whole[4:5], alone, atol=1e-5)
    order = torch.randperm(16, generator=draw())
    assert torch.allclose(head.sample(condition, noise[:, order]), whole[:, order], atol=1e-5)
    strange = head.surprise(condition, whole)
    assert torch.allclose(head.surprise(condition[4:5], whole[4:5]), strange[4:5], atol=1e-4)
    assert torch.allclose(head.surprise(condition, whole[:, order]), strange[:, order], atol=1e-4)


@pytest.mark.parametrize("name", KINDS)
def test_noise_and_chunk_are_paired_independently(name: str) -> None:
    """Minibatch optimal transport would hand a row another noise if others' chunks change."""
    head = made(name)
    condition, chunk = rows(9)
    others, elsewhere = rows(9, seed=1)
    others[4], elsewhere[4] = condition[4], chunk[4]
    loss = head.loss(condition, chunk, draw())
    assert torch.allclose(head.loss(others, elsewhere, draw())[4], loss[4], rtol=1e-5)
    swapped = chunk.flip(0)  # its own label in the middle: the same row, the same loss
    assert torch.allclose(head.loss(condition, swapped, draw())[4], loss[4], rtol=1e-5)
    assert not torch.allclose(head.loss(condition, swapped, draw())[3], loss[3], rtol=1e-5)


@pytest.mark.parametrize("name", KINDS)
def test_it_is_differentiable(name: str) -> None:
    head = made(name)
    condition, chunk = rows(3)
    condition.requires_grad_(True)
    fit = head.fit(condition, chunk, draw())
    outcomes = {
        "loss": fit.loss,
        "estimate": fit.estimate,
        "sample": head.sample(condition, noises(head, 3)),
    }
    for outcome in outcomes.values():
        (slope,) = torch.autograd.grad(outcome.square().sum(), condition, retain_graph=True)
        assert slope.abs().sum() > 0.0
    unused = [
        key
        for key, part in head.named_parameters()
        if torch.autograd.grad(fit.loss.sum(), part, retain_graph=True, allow_unused=True)[0]
        is None
    ]
    assert not unused


@pytest.mark.parametrize("name", KINDS)
def test_training_draws_from_the_generator_it_is_handed(name: str) -> None:
    head = made(name)
    condition, chunk = rows(5)
    before = torch.get_rng_state()
    first = head.loss(condition, chunk, draw(1))
    assert torch.equal(first, head.loss(condition, chunk, draw(1)))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", KINDS)
def test_weights_are_all_that_a_checkpoint_must_keep(name: str) -> None:
    head, other = made(name), HEADS[name](SIZES)
    other.load_state_dict(head.state_dict())
    condition, _ = rows(2)
    noise = noises(head, 2)
    assert torch.equal(head.sample(condition, noise), other.sample(condition, noise))
    assert set(head.state_dict()) == {key for key, _ in head.named_parameters()}
