"""How far the ego was from where its recorded driver was at the same time."""

from __future__ import annotations

import numpy as np

from drivestack.core.episode import Episode
from drivestack.core.start import iso_log

from .drive import scored_rows
from .errors import displacement


class LogDisplacement:
    """`log_ade_m`, the mean over all ticks, and `log_fde_m`, at the last one, of the displacement
    [m], up to the first contact and as long as the log lasts; absent where nobody was recorded.
    """

    def measure(self, episode: Episode) -> dict[str, float]:
        """Two values, or none."""
        rows, log = scored_rows(episode), iso_log(episode.start)
        rows = rows[rows["tick"] < len(log)]
        if not len(rows):
            return {}
        pose = np.stack([rows["x"], rows["y"], rows["yaw"]], axis=-1)
        apart = displacement(pose, log[rows["tick"], :3])
        return {"log_ade_m": float(apart.mean()), "log_fde_m": float(apart[-1])}
