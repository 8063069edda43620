"""Policies in files: safetensors, whose header says what the policy is and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from drivestack.core.errors import InputError
from drivestack.core.tensors import Tensors, read_tensors, tensor_bytes

from .forward import CompiledFlow, CompiledScorer, Foreteller, Sampler
from .forward.shapes import fits, policy_shapes, scorer_shapes
from .sizes import KINDS, Shape, Sizes

if TYPE_CHECKING:
    from .appraiser import Appraiser
    from .policy import Policy
    from .torch_setup import nn

_Network = TypeVar("_Network", bound="nn.Module")

POLICY, SCORER = "drivestack policy 2", "drivestack scorer 1"
"""What a header says it is; the number changes with the tokens and the knots."""

SHIPPED = Path(__file__).parent / "checkpoints"
"""Those that come with the package, named by their heads."""

_MOST = 4096
"""No size of a network here is larger; a header is not believed to build anything."""


def shipped(head: str) -> Path:
    """The checkpoint of a head that comes with the package."""
    return SHIPPED / f"{head}.safetensors"


def checkpoint_bytes(policy: Policy, facts: Mapping[str, Any]) -> bytes:
    """The contents of a file.

    Args:
        facts: where it comes from: data, seeds, versions, figures; anything that JSON can say.
    """
    tensors = {name: tensor.numpy() for name, tensor in policy.state_dict().items()}
    told = {name: json.dumps(value, sort_keys=True) for name, value in facts.items()}
    return tensor_bytes(tensors, {"kind": POLICY, "policy": json.dumps(policy.built), **told})


def scorer_bytes(appraiser: Appraiser, facts: Mapping[str, Any]) -> bytes:
    """The contents of a scoring model's file; `facts` as in `checkpoint_bytes`."""
    tensors = {name: tensor.numpy() for name, tensor in appraiser.state_dict().items()}
    told = {name: json.dumps(value, sort_keys=True) for name, value in facts.items()}
    return tensor_bytes(tensors, {"kind": SCORER, "scorer": json.dumps(appraiser.built), **told})


@lru_cache(maxsize=4)
def appraiser_of(path: Path) -> Appraiser:
    """The scoring model of a file, which is read once and only asked; raises InputError."""
    from .appraiser import Appraiser

    tensors, about = read_tensors(path)
    with _told_in_one_sentence(path, about, SCORER):
        shape = _scorer_shape(about)
        found = _filled(lambda: Appraiser(shape), tensors)
        _check_scorer(tensors)
    return found


@lru_cache(maxsize=4)
def foreteller_of(path: Path) -> Foreteller:
    """Who foretells by the scoring model of a file: compiled if it can be; raises InputError."""
    tensors, about = read_tensors(path)
    with _told_in_one_sentence(path, about, SCORER):
        shape = _scorer_shape(about)
        if fits(shape):
            _check_shapes(tensors, scorer_shapes(shape))
            _check_scorer(tensors)
            return CompiledScorer.of(tensors, shape)
    return appraiser_of(path)


def facts_of(path: Path, kind: str) -> dict[str, Any]:
    """What a header says beside the network itself; raises InputError."""
    _, about = read_tensors(path)
    _check_kind(path, about, kind)
    return {name: json.loads(text) for name, text in about.items() if name not in ("kind",)}


def check_given(policy: str | Path | None, scorer: str | Path | None) -> None:
    """Raise InputError where one is given that is none of its kind."""
    for path, kind in ((policy, POLICY), (scorer, SCORER)):
        if path is not None:
            facts_of(Path(path), kind)


@lru_cache(maxsize=16)
def policy_of(path: Path) -> Policy:
    """The policy of a file, which is read once and only asked.

    Raises:
        InputError: one sentence: there is none, it is not whole, of another shape, or its
        normalisers are missing or constant.
    """
    from .heads import HEADS
    from .policy import Policy

    tensors, about = read_tensors(path)
    with _told_in_one_sentence(path, about, POLICY):
        head, shape, sizes = _policy_sizes(about)
        if head not in HEADS:
            raise ValueError(f"there is no head '{head!s:.40}'")
        policy = _filled(lambda: Policy(head, shape, sizes), tensors)
        _check_policy(tensors)
    return policy


@lru_cache(maxsize=16)
def sampler_of(path: Path) -> Sampler:
    """Who samples the policy of a file: compiled if its head has a compiled form.

    Raises:
        InputError: as `policy_of`.
    """
    tensors, about = read_tensors(path)
    with _told_in_one_sentence(path, about, POLICY):
        head, shape, sizes = _policy_sizes(about)
        if head == "flow" and fits(shape, sizes):
            _check_shapes(tensors, policy_shapes(shape, sizes))
            _check_policy(tensors)
            return CompiledFlow.of(tensors, shape, sizes)
    return policy_of(path)


def _check_kind(path: Path, about: Mapping[str, str], kind: str) -> None:
    if about.get("kind") != kind:
        said, what = str(about.get("kind", "")), kind.split()[1]
        raise InputError(
            f"{path}: expected a {what}'s checkpoint: its header says '{said:.40}', not '{kind}'"
        )


@contextmanager
def _told_in_one_sentence(path: Path, about: Mapping[str, str], kind: str) -> Iterator[None]:
    """Whatever a file of this kind is refused for becomes an InputError."""
    _check_kind(path, about, kind)
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        what = kind.split()[1]
        raise InputError(f"{path}: expected a {what}'s checkpoint: {why:.120}") from None


def _policy_sizes(about: Mapping[str, str]) -> tuple[str, Shape, Sizes]:
    """Head and sizes that a header tells."""
    told = json.loads(about["policy"])
    shape, sizes = told["shape"], told["sizes"]
    _check_sizes([*shape.values(), *sizes.values()])
    return told["head"], Shape(**shape), Sizes(**sizes)


def _scorer_shape(about: Mapping[str, str]) -> Shape:
    shape = json.loads(about["scorer"])["shape"]
    _check_sizes(shape.values())
    return Shape(**shape)


def _check_policy(tensors: Tensors) -> None:
    if not (tensors["chunk_spread"] > 0.0).all():
        raise ValueError("its chunks' normaliser is constant")
    _check_normalisers(tensors)


def _check_scorer(tensors: Tensors) -> None:
    _check_normalisers(tensors)
    if not (tensors["scale"] > 0.0).any():
        raise ValueError("its candidates' normaliser is constant")


def _check_shapes(tensors: Tensors, own: Mapping[str, tuple[int, ...]]) -> None:
    """Whether they are a network's, neither less nor more."""
    for name in sorted(own.keys() | tensors.keys()):
        if name not in tensors or name not in own:
            raise ValueError(f"'{name}' is {'missing' if name in own else 'not known'}")
        if tensors[name].shape != own[name]:
            raise ValueError(f"'{name}' has the shape {tensors[name].shape}")


def _check_sizes(sizes: Iterable[Any]) -> None:
    for number in sizes:
        if not isinstance(number, int | float) or not 0 < number <= _MOST:
            raise ValueError(f"a size of {number!s:.20}")


def _check_normalisers(tensors: Tensors) -> None:
    for kind in KINDS:
        if not (tensors[f"encoder.{kind}_scale"] > 0.0).any():
            raise ValueError(f"the normaliser of '{kind}' is constant")


def _filled(build: Callable[[], _Network], tensors: Tensors) -> _Network:
    """A network with the tensors of a file, which must be its own."""
    from .torch_setup import torch

    with torch.random.fork_rng(devices=[]):
        network = build()
    own = network.state_dict().items()
    _check_shapes(tensors, {name: tuple(tensor.shape) for name, tensor in own})
    network.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in tensors.items()})
    return network.eval()
