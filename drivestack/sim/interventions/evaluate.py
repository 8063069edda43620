"""`drivestack safety SUITE`: drives it with and without the layer, accounts for the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivestack.sim.settings import settings_of
from drivestack.sim.suite import Run, finished_run

from .accounts import account_of
from .alarms import Alarms, alarms_in
from .arms import NONE, WHOLE, arms_of
from .driving import Watching, drive_arms, layer_in
from .foretold import Reliability, reliability_in
from .records import Account
from .saving import with_saved
from .twins import HORIZON


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What a layer was worth on some scenarios.

    Attributes:
        folder: where everything is. horizon: of the twins [s]. bare: the run without the layer.
        accounts: of the layer, then of every other arm. alarms: what monitors said without it.
        reliability: of the critic there; None: there was none.
    """

    folder: Path
    horizon: float
    bare: Run
    accounts: tuple[Account, ...]
    alarms: tuple[Alarms, ...]
    reliability: Reliability | None


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
        chosen: what else `drivestack.run` takes; `checks`, `bind`, `price` and `critic` are
        the layer.

    Raises:
        InputError: one sentence; nothing has been written. KeyboardInterrupt: what is finished is
        in the folder, and `resume` goes on.
    """
    folder, settings = Path(out), settings_of(**chosen, twins=horizon)
    arms = arms_of(layer_in(chosen), ablate, prices)
    runs = drive_arms(paths, folder, arms, resume, watching, horizon, **chosen)
    judged = {arm.name: account_of(arm, runs[arm.name], runs[NONE]) for arm in arms[1:]}
    judged[WHOLE] = with_saved(judged[WHOLE], paths, settings, arms, folder)
    return Evaluation(
        folder=folder,
        horizon=horizon,
        bare=finished_run(runs[NONE]),
        accounts=tuple(judged.values()),
        alarms=alarms_in(runs[NONE]),
        reliability=reliability_in(runs[NONE]),
    )
