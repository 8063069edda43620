"""When recorded traffic stopped being a replay: the ego had left its own recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import Episode
from drivestack.core.start import iso_log


@dataclass(frozen=True, slots=True)
class Handover:
    """The hand-over of recorded traffic.

    Attributes:
        tick: the first at which the ego had left its recording; others react from then on.
        distance: how far it had [m]; None where it was not, or no longer, recorded.
    """

    tick: int
    distance: float | None


def handover_of(episode: Episode) -> Handover | None:
    """The hand-over of an episode; None if it was replayed to its end, or nobody could react.

    Told from the drive; the engine decides it by the same comparison (`world.reactive`).
    """
    start, log = episode.start, iso_log(episode.start)
    if not start.slot["reactive"][0]:
        return None
    recorded = min(len(log), len(episode.ego))
    dx, dy = (episode.ego[name][:recorded] - log[:recorded, k] for k, name in enumerate("xy"))
    distance = np.sqrt(dx * dx + dy * dy)
    left = np.flatnonzero(distance > start.slot["departure"][0])
    if len(left):
        return Handover(int(episode.ego["tick"][left[0]]), float(distance[left[0]]))
    if len(log) < len(episode.ego):
        return Handover(int(episode.ego["tick"][len(log)]), None)
    return None
