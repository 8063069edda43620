"""Cases to look at, each saved as a scenario that `drivestack run` drives again just so."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from drivestack.core.errors import InputError
from drivestack.core.start import Start
from drivestack.scenario.expand import Case as Concrete
from drivestack.scenario.expand import case_at
from drivestack.scenario.export import kept
from drivestack.scenario.resolve import resolve
from drivestack.sim.choosing import only
from drivestack.sim.files import write_text
from drivestack.sim.log import RunFolder
from drivestack.sim.queue import Pick, Queue, opened
from drivestack.sim.settings import Settings

from .arms import NONE, WHOLE, Arm
from .records import Account, Case

FOLDER = "cases"
"""Where they are, in that of the evaluation."""

_CHOICES = ("stack", "controller", "plan_latency", "control_latency", "backend")
"""Settings that are no part of a scenario."""


def with_saved(
    account: Account, paths: Sequence[str | Path], settings: Settings, arms: Sequence[Arm],
    folder: Path,
) -> Account:  # fmt: skip
    """The account with the file of every case, one for each episode.

    A scenario that cannot be written as a file (too large) has no file.

    Args:
        paths, settings: of the runs. arms: that were driven. folder: of the evaluation.
    """
    cases: dict[int, list[Case]] = {}
    for case in account.cases:
        cases.setdefault(case.episode, []).append(case)
    files: dict[int, str] = {}
    queue = opened(paths, settings)
    queue = only(queue, settings.only) if settings.only else queue
    for pick, _ in queue.picks() if cases else ():
        text = _scenario(queue, pick) if pick.number in cases else None
        if text is not None:
            name = f"{FOLDER}/{pick.number:06d}-{cases[pick.number][0].label}.yaml"
            head = _head(cases[pick.number], settings, arms, name)
            with RunFolder(folder).faults_told():
                (folder / FOLDER).mkdir(exist_ok=True)
                write_text(folder / name, head + text)
            files[pick.number] = name
    told = tuple(replace(case, file=files.get(case.episode, "")) for case in account.cases)
    return replace(account, cases=told)


def _scenario(queue: Queue, pick: Pick) -> str | None:
    """The scenario of a queue number as text, if it can be one."""
    document = queue.sources[pick.file].documents()[pick.document]
    case = case_at(document, pick.combination)
    try:
        return kept(case, _start(case, pick.place))
    except InputError:
        return None


def _start(case: Concrete, place: int) -> Start:
    """One of a case's first states."""
    return next(start for number, start in enumerate(resolve(case)) if number == place)


def _head(cases: Sequence[Case], settings: Settings, arms: Sequence[Arm], name: str) -> str:
    """Comments: why it is kept, and how it is driven with the layer and without."""
    lines = [f"{case.label}: {case.why}" for case in cases]
    words, usual = settings.decisive(), Settings().decisive()
    chosen = [key for key in _CHOICES if key == "stack" or words[key] != usual[key]]
    given = [(f"--{key.replace('_', '-')}", str(words[key])) for key in chosen]
    for arm in reversed(arms):
        if arm.name in (WHOLE, NONE):
            checks = ",".join(arm.layer.checks) or "none"
            more = [("--checks", checks), ("--price", f"{arm.layer.price:g}")]
            if arm.layer.critic:
                more.append(("--critic", arm.layer.critic))
            if arm.layer.bound:
                more.append(("--bind", ",".join(arm.layer.bound)))
            options = [word for pair in (*given, *more) for word in pair]
            lines.append(shlex.join(["drivestack", "run", name, *options]))
    return "".join(f"# {line}\n" for line in lines)
