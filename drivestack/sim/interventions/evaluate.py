"""`drivestack safety SUITE`: drives it with and without the layer, accounts for the difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivestack.safety import WHOLE as WHOLE_LAYER
from drivestack.sim.progress import Progress
from drivestack.sim.settings import settings_of
from drivestack.sim.suite import Run, run

from .accounts import account_of
from .arms import NONE, arms_of
from .records import Account
from .saving import with_saved
from .twins import HORIZON

ARMS = "arms"
"""Folder of the runs, in that of the evaluation."""

Watching = Callable[[str], AbstractContextManager[Progress | None]]
"""Opens a progress for an arm by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a layer was worth on some scenarios.

    Attributes:
        folder: where everything is. horizon: of the twins [s]. bare: the run without the layer.
        accounts: of the layer, then of every other arm.
    """

    folder: Path
    horizon: float
    bare: Run
    accounts: tuple[Account, ...]


def evaluate(
    *paths: str | Path,
    out: str | Path,
    resume: bool = False,
    horizon: float = HORIZON,
    ablate: bool = False,
    prices: Sequence[float] = (),
    watching: Watching | None = None,
    **chosen: Any,
) -> Evaluation:
    """Drive scenarios with and without the safety layer.

    Args:
        paths: as of `drivestack.run`. out: the folder, which must not exist unless `resume`.
        horizon: for how long twins of interventions are driven [s]. ablate: also every check left
        out, and by itself. prices: also the layer at each of these. watching: told how far it is.
        chosen: what else `drivestack.run` takes; `checks`, `bind` and `price` are the layer.

    Raises:
        InputError: one sentence; nothing has been written. KeyboardInterrupt: what is finished is
        in the folder, and `resume` goes on.
    """
    folder = Path(out)
    settings = settings_of(**chosen, twins=horizon)
    layer = settings.driver.layer or WHOLE_LAYER
    others = {name: value for name, value in chosen.items() if name not in _OF_LAYERS}
    arms = arms_of(layer, ablate, prices)
    watch = watching or (lambda name: nullcontext())
    runs: dict[str, Run] = {}
    for arm in arms:
        with watch(arm.name) as progress:
            runs[arm.name] = run(
                *paths, out=folder / ARMS / arm.name, resume=resume, progress=progress,
                twins=None if arm.name == NONE else horizon, **arm.words, **others,
            )  # fmt: skip
    bare = folder / ARMS / NONE
    whole, *rest = (account_of(arm, folder / ARMS / arm.name, bare) for arm in arms[1:])
    whole = with_saved(whole, paths, settings, arms, folder)
    return Evaluation(folder, horizon, runs[NONE], (whole, *rest))


_OF_LAYERS = ("checks", "bind", "price", "critic")
