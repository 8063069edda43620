"""How far the ego was from where its recorded driver was at the same time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Reason
from drivestack.core.start import iso_log

from .drive import scored_rows
from .errors import displacement
from .evidence import Evidence


@dataclass(frozen=True, slots=True)
class LogDisplacement:
    """`log_ade_m`, the mean over all ticks, and `log_fde_m`, at the last one, of the displacement
    [m], up to the first contact and as long as the log lasts; absent where nobody was recorded.
    """

    names: tuple[str, ...] = ("log_ade_m", "log_fde_m")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """Both values of one episode."""
        episode = evidence.episode
        rows, log = scored_rows(episode), iso_log(episode.start)
        rows = rows[rows["tick"] < len(log)]
        mean, last = self.names
        if not len(rows):
            nothing = "nobody was recorded"
            return Reason(mean, None, nothing), Reason(last, None, nothing)
        pose = np.stack([rows["x"], rows["y"], rows["yaw"]], axis=-1)
        apart = displacement(pose, log[rows["tick"], :3])
        average, final, tick = float(apart.mean()), float(apart[-1]), int(rows["tick"][-1])
        where = "from the recorded driver"
        when = f"at {tick * episode.dt:.2f} s"
        return (
            Reason(mean, average, f"{average:.2f} m {where} on average", measured=average),
            Reason(last, final, f"{final:.2f} m {where} {when}", tick, None, final),
        )
