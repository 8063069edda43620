"""Makes a policy of demonstrations; goes on where it was interrupted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.behavior import policy as behavior
from drivestack.behavior.checkpoint import checkpoint_bytes
from drivestack.behavior.heads import HEADS
from drivestack.core.errors import InputError, unknown
from drivestack.core.sources import source_digest
from drivestack.core.tensors import read_tensors, tensor_bytes
from drivestack.sim.files import written_whole
from drivestack.sim.manifest import versions

from .course import Course
from .demonstrations import Demonstrations, read_all
from .judging import judged
from .table import table_of
from .training import Trainee, trained
from .weighing import effective, weighed

LEARNED, HELD_OUT = range(8000), range(8000, 9000)
"""Seeds that weights are made of, and that figures are."""

_STATE = ".state"

Advance = Callable[[str, int, int, float], None]
"""Told of a step's name, how much of it is done, how much there is, and the loss."""


@dataclass(frozen=True, slots=True)
class Making:
    """What is asked for: files or folders of demonstrations, where to, and how."""

    data: tuple[Path, ...]
    out: Path
    course: Course


def make_policy(asked: Making, advance: Advance) -> dict[str, Any]:
    """Train a policy and write its checkpoint; returns the figures that are in its header.

    Raises:
        InputError: one sentence: the data, the head, or the state that was begun is wrong.
        KeyboardInterrupt: the state is in a file beside the checkpoint.
    """
    if asked.course.head not in HEADS:
        raise unknown("head", asked.course.head, HEADS)
    found = read_all(asked.data)
    learned, held_out = split(found)
    learned = replace(learned, weight=weighed(learned))
    facts = _provenance(asked.course, found, learned)
    state = asked.out.with_name(asked.out.name + _STATE)
    trainee = Trainee.begun(learned, asked.course)
    _resume(trainee, state, facts)
    steps = asked.course.steps

    def kept(now: Trainee) -> None:
        advance("training", now.step, steps, now.loss)
        if now.step % asked.course.keep == 0 and now.step < steps:
            _write_state(now, state, facts)

    try:
        trained(learned, trainee, kept)
    except KeyboardInterrupt:
        _write_state(trainee, state, facts)
        raise
    policy = trainee.averaged.eval()
    facts["figures"] = judged(policy, held_out, asked.course) | {"trained": trainee.loss}
    facts["data"]["held_out"] = len(held_out)
    with written_whole(asked.out) as temporary:
        temporary.write_bytes(checkpoint_bytes(policy, facts))
    state.unlink(missing_ok=True)
    return facts


def split(found: Demonstrations) -> tuple[Demonstrations, Demonstrations]:
    """What is learned from and what is held out; without the latter, a twentieth of scenarios.

    Raises:
        InputError: there are seeds that neither may be made of.
    """
    outside = (found.seed < 0) | (found.seed >= HELD_OUT.stop)
    if outside.any():
        raise InputError(
            f"seed {int(found.seed[outside][0])}: demonstrations of seeds from "
            f"{HELD_OUT.stop} on are never learned from"
        )
    late = found.seed >= HELD_OUT.start
    if not late.any():
        late = found.seed % 20 == 0
    if late.all() or not late.any():
        raise InputError("demonstrations of one seed alone: nothing is left to hold out")
    return found.some(np.flatnonzero(~late)), found.some(np.flatnonzero(late))


def _provenance(course: Course, found: Demonstrations, learned: Demonstrations) -> dict[str, Any]:
    """All that the weights depend on."""
    package = Path(behavior.__file__).parents[1]
    return {
        "course": asdict(course),
        "data": {
            "sha256": found.digest(),
            "moments": len(learned),
            "families": _counts(learned),
            "weights": {
                "least": float(learned.weight.min()),
                "most": float(learned.weight.max()),
                "effective": effective(learned.weight),
            },
            "collected": table_of(learned),
            "drawn": table_of(learned, learned.weight),
        },
        "code": source_digest(Path(__file__), package),
        "versions": versions(),
    }


def _counts(found: Demonstrations) -> dict[str, int]:
    numbers, counts = np.unique(found.family, return_counts=True)
    return {found.names[n]: int(count) for n, count in zip(numbers, counts, strict=True)}


def _pinned(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _write_state(trainee: Trainee, path: Path, facts: dict[str, Any]) -> None:
    about = {"pinned": _pinned(facts), "step": str(trainee.step), "loss": repr(trainee.loss)}
    with written_whole(path) as temporary:
        temporary.write_bytes(tensor_bytes(trainee.tensors(), about))


def _resume(trainee: Trainee, path: Path, facts: dict[str, Any]) -> None:
    """Take up what was begun, or refuse what is something else."""
    if not path.exists():
        return
    tensors, about = read_tensors(path)
    if about.get("pinned") != _pinned(facts):
        raise InputError(f"{path}: other data, settings or code were begun here; remove it")
    try:
        trainee.resume(tensors, int(about["step"]))
        trainee.loss = float(about["loss"])
    except (KeyError, ValueError, RuntimeError) as error:
        raise InputError(f"{path}: no state of this training: {error!s:.80}") from None


def summary(facts: dict[str, Any]) -> str:
    """One line for people."""
    shown = [f"{name} {value:.3f}" for name, value in facts["figures"].items()]
    return f"{facts['data']['moments']} moments; held out: " + ", ".join(shown)
