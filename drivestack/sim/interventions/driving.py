"""Drives arms, each into a run folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from drivestack.safety import WHOLE as WHOLE_LAYER
from drivestack.safety import Layer
from drivestack.sim.log import RunFolder
from drivestack.sim.progress import Progress
from drivestack.sim.settings import settings_of
from drivestack.sim.suite import run

from .arms import NONE, Arm

FOLDER = "arms"
"""Folder of the runs, in that of the evaluation."""

Watching = Callable[[str], AbstractContextManager[Progress | None]]
"""Opens a progress for an arm by name."""

_OF_LAYERS = ("checks", "bind", "price", "critic")


def layer_in(chosen: Mapping[str, Any]) -> Layer:
    """The layer that is judged: what was chosen, or else the whole one, whatever the stack has.

    Raises:
        InputError: of `settings_of`.
    """
    return settings_of(**chosen).driver.layer or WHOLE_LAYER


def drive_arms(
    paths: Sequence[str | Path],
    out: Path,
    arms: Sequence[Arm],
    resume: bool,
    watching: Watching | None,
    twins: float | None = None,
    **chosen: Any,
) -> dict[str, Path]:
    """The run folders of some arms, by name.

    Args:
        out: the folder, which must not exist unless `resume`. twins: of the interventions of every
        arm that has a layer. chosen: what else `drivestack.run` takes; its layer is left out.
    """
    if not resume:
        RunFolder(out).check_free()
    others = {name: value for name, value in chosen.items() if name not in _OF_LAYERS}
    watch = watching or _nobody
    folders: dict[str, Path] = {}
    for arm in arms:
        folders[arm.name] = out / FOLDER / arm.name
        with watch(arm.name) as progress:
            run(
                *paths, out=folders[arm.name], resume=resume, progress=progress,
                twins=None if arm.name == NONE else twins, **arm.words, **others,
            )  # fmt: skip
    return folders


def _nobody(name: str) -> AbstractContextManager[Progress | None]:
    """Nobody wants to know how far it is."""
    return nullcontext()
