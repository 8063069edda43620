"""Makes a critic: collect, train, calibrate, judge; each step goes on where it was interrupted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.core.errors import InputError
from drivestack.core.sources import source_digest
from drivestack.core.tensors import tensor_bytes
from drivestack.learn.families import check_unseen, families_in
from drivestack.learn.folder import made, pinned
from drivestack.learn.pool import Advance, all_done
from drivestack.safety import critic as check
from drivestack.safety.critic import Calibration, about
from drivestack.safety.critic_network import Network
from drivestack.sim.files import sha256_of, write_text, written_whole
from drivestack.sim.manifest import versions

from . import calibrating
from .collecting import Job
from .parts import Work, episodes_of, samples_of
from .plan import LEARNED_FROM, Amounts, Plan
from .samples import Samples
from .training import Course, Trainee, trained
from .watching import Episodes

CHECKPOINT, FIGURES, PLAN = "critic.safetensors", "critic.json", "plan.json"
"""Files in the folder."""

UNSEEN = ("rare-red-light", "r157.cut-out")
"""Families that are not learned from unless others are named: crossing traffic, and a car that
uncovers a standing one."""


@dataclass(frozen=True, slots=True)
class Making:
    """What is asked for.

    Attributes:
        files: of scenarios. out: the folder. unseen: families never learned from. missed: bound of
        the share of unsafe episodes without an alarm. workers: processes. stacks: that drive.
    """

    files: tuple[Path, ...]
    out: Path
    unseen: tuple[str, ...] = UNSEEN
    amounts: Amounts = field(default_factory=Amounts)
    course: Course = field(default_factory=Course)
    missed: float = 0.05
    workers: int = 1
    stacks: tuple[str, ...] = LEARNED_FROM


def make_critic(asked: Making, advance: Advance) -> dict[str, Any]:
    """Make a critic; returns the figures that are also in its folder.

    Raises:
        InputError: one sentence: a file or family is wrong, the folder is of something else.
        EnvironmentFault: the folder cannot be made.
    """
    plan = _plan(asked)
    made(asked.out)
    provenance = _provenance(asked, plan)
    pinned(asked.out / PLAN, provenance, "a critic")
    works = _works(asked, plan.training(), "collected")
    all_done(works, asked.workers, "collecting", advance)
    samples = samples_of(works)
    if not samples.answered.any() or samples.answered.all():
        raise InputError("nothing to learn: all plans of these scenarios end alike")
    trainee = trained(samples, asked.course, lambda at, of: advance("training", at, of))
    data = samples.digest()
    folder = f"judged-{_digest(trainee.network)[:12]}"
    judging = plan.judging()
    every = {name: _works(asked, jobs, folder, trainee.network) for name, jobs in judging.items()}
    all_done([work for some in every.values() for work in some], asked.workers, "judging", advance)
    return _sealed(asked, plan, trainee, samples, data, every, provenance)


def _plan(asked: Making) -> Plan:
    if asked.missed not in calibrating.BOUNDS:
        valid = ", ".join(f"{bound:g}" for bound in calibrating.BOUNDS)
        raise InputError(f"missed should be one of {valid}, got {asked.missed:g}")
    families = families_in(asked.files)
    check_unseen(families, asked.unseen)
    return Plan(tuple(families), asked.unseen, asked.amounts, asked.stacks)


def _provenance(asked: Making, plan: Plan) -> dict[str, Any]:
    """All that the result depends on."""
    package = Path(check.__file__).parents[1]
    return {
        "kind": check.KIND,
        "families": plan.families,
        "unseen": plan.unseen,
        "stacks": plan.stacks,
        "amounts": asdict(asked.amounts),
        "course": asdict(asked.course),
        "files": {str(file): sha256_of(file) for file in asked.files},
        "code": source_digest(Path(__file__), package),
        "versions": versions(),
    }


def _works(
    asked: Making, jobs: Sequence[Job] | Any, folder: str, network: Network | None = None
) -> list[Work]:
    place = asked.out / folder
    place.mkdir(exist_ok=True)
    files = tuple(str(file) for file in asked.files)
    return [Work(job, files, place, network) for job in jobs]


def _digest(network: Network) -> str:
    return hashlib.sha256(b"".join(tensor.tobytes() for tensor in network)).hexdigest()


def _sealed(
    asked: Making,
    plan: Plan,
    trainee: Trainee,
    samples: Samples,
    data: str,
    works: dict[str, list[Work]],
    provenance: dict[str, Any],
) -> dict[str, Any]:
    """Calibrate, write the checkpoint, and say how good it is."""
    network = trainee.network
    natural, nominal = samples_of(works["calibration"]), episodes_of(works["calibration"])
    unsafe = episodes_of(works["threshold"])
    odds = calibrating.odds_of(network, natural)
    slope, offset = calibrating.fitted(odds, natural.answered, trainee.shift)
    table = calibrating.thresholds(unsafe, nominal)
    calibration = _with_threshold(slope, offset, table, asked.missed, unsafe)
    seen = samples.answered
    facts: dict[str, Any] = {
        "provenance": provenance,
        "data": {"sha256": data, "samples": len(samples), "unsafe": int(seen.sum())},
        "training": {"loss": trainee.history, "shift": trainee.shift},
        "calibration": asdict(calibration) | {"binds": calibration.binds},
        "thresholds": [asdict(row) | {"chance": _chance(calibration, row)} for row in table],
        "unsafe_episodes": int((unsafe.unsafe & unsafe.heard).sum()),
    }
    facts["calibrated_on"] = calibrating.figures(calibration, odds, natural.answered)
    facts["report"] = _report(plan, network, calibration, works)
    header = about(calibration, provenance=provenance, data=facts["data"])
    with written_whole(asked.out / CHECKPOINT) as temporary:
        temporary.write_bytes(tensor_bytes(network._asdict(), header))
    write_text(asked.out / FIGURES, json.dumps(facts, indent=1))
    return facts


def _chance(calibration: Calibration, row: calibrating.Threshold) -> float:
    return float(calibration.chance(np.array([row.odds]))[0])


def _with_threshold(
    slope: float,
    offset: float,
    table: list[calibrating.Threshold],
    missed: float,
    unsafe: Episodes,
) -> Calibration:
    """With too few unsafe episodes there is no bound, and it only advises, at one in two."""
    row = calibrating.chosen(table, missed)
    blank = Calibration(slope, offset, threshold=0.5, false_alarms=1.0, missed=1.0)
    if row is None or (unsafe.unsafe & unsafe.heard).sum() < calibrating.LEAST_UNSAFE:
        return blank
    threshold = _chance(blank, row)
    return replace(blank, threshold=threshold, false_alarms=row.false_alarms, missed=row.bound)


def _report(
    plan: Plan, network: Network, calibration: Calibration, works: dict[str, list[Work]]
) -> dict[str, Any]:
    """Figures on seeds that nothing was made of: all, seen and unseen families, and each one."""
    natural, episodes = samples_of(works["report"]), episodes_of(works["report"])
    episodes = Episodes.joined([episodes, episodes_of(works["report-unsafe"])])
    odds = calibrating.odds_of(network, natural)
    parts: dict[str, set[int]] = {"all": set(), "seen families": set(), "unseen families": set()}
    for number, (family, _) in enumerate(plan.groups):
        kind = "unseen families" if family in plan.unseen else "seen families"
        for name in ("all", kind, family):
            parts.setdefault(name, set()).add(number)
    found = {}
    for name, groups in parts.items():
        rows = np.isin(natural.group, list(groups))
        own = episodes.some(np.isin(episodes.group, list(groups)))
        found[name] = calibrating.figures(calibration, odds[rows], natural.answered[rows])
        found[name] |= calibrating.alarms(calibration, own)
    return found
