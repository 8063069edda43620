"""Policies in files: safetensors, whose header says what the policy is and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from drivestack.core.errors import InputError
from drivestack.core.tensors import Tensors, read_tensors, tensor_bytes

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
    from .encoder import Shape

    tensors, about = read_tensors(path)
    _check_kind(path, about, SCORER)
    try:
        shape = json.loads(about["scorer"])["shape"]
        _check_sizes(shape.values())
        found = _filled(lambda: Appraiser(Shape(**shape)), tensors)
        _check_normalisers(tensors)
        if not (tensors["scale"] > 0.0).any():
            raise ValueError("its candidates' normaliser is constant")
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: expected a scorer's checkpoint: {why:.120}") from None
    return found


def facts_of(path: Path, kind: str) -> dict[str, Any]:
    """What a header says beside the network itself; raises InputError."""
    _, about = read_tensors(path)
    _check_kind(path, about, kind)
    return {name: json.loads(text) for name, text in about.items() if name not in ("kind",)}


@lru_cache(maxsize=16)
def policy_of(path: Path) -> Policy:
    """The policy of a file, which is read once and only asked.

    Raises:
        InputError: one sentence: there is none, it is not whole, of another shape, or its
        normalisers are missing or constant.
    """
    tensors, about = read_tensors(path)
    _check_kind(path, about, POLICY)
    try:
        return _built(json.loads(about["policy"]), tensors)
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path}: expected a policy's checkpoint: {why:.120}") from None


def _check_kind(path: Path, about: Mapping[str, str], kind: str) -> None:
    if about.get("kind") != kind:
        said, what = str(about.get("kind", "")), kind.split()[1]
        raise InputError(
            f"{path}: expected a {what}'s checkpoint: its header says '{said:.40}', not '{kind}'"
        )


def _check_sizes(sizes: Iterable[Any]) -> None:
    for number in sizes:
        if not isinstance(number, int | float) or not 0 < number <= _MOST:
            raise ValueError(f"a size of {number!s:.20}")


def _check_normalisers(tensors: Tensors) -> None:
    from .encoder import KINDS

    for kind in KINDS:
        if not (tensors[f"encoder.{kind}_scale"] > 0.0).any():
            raise ValueError(f"the normaliser of '{kind}' is constant")


def _filled(build: Callable[[], _Network], tensors: Tensors) -> _Network:
    """A network with the tensors of a file, which must be its own."""
    from .torch_setup import torch

    with torch.random.fork_rng(devices=[]):
        network = build()
    own = network.state_dict()
    for name in sorted(own.keys() | tensors.keys()):
        if name not in tensors or name not in own:
            raise ValueError(f"'{name}' is {'missing' if name in own else 'not known'}")
        if tuple(own[name].shape) != tensors[name].shape:
            raise ValueError(f"'{name}' has the shape {tensors[name].shape}")
    network.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in tensors.items()})
    return network.eval()


def _built(told: dict[str, Any], tensors: Tensors) -> Policy:
    from .encoder import Shape
    from .heads import HEADS, Sizes
    from .policy import Policy

    head, shape, sizes = told["head"], told["shape"], told["sizes"]
    if head not in HEADS:
        raise ValueError(f"there is no head '{head!s:.40}'")
    _check_sizes([*shape.values(), *sizes.values()])
    policy = _filled(lambda: Policy(head, Shape(**shape), Sizes(**sizes)), tensors)
    if not (tensors["chunk_spread"] > 0.0).all():
        raise ValueError("its chunks' normaliser is constant")
    _check_normalisers(tensors)
    return policy
