"""The ego and the stop lines of an episode's lights, tick by tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.lights import HALTING, Colour
from drivestack.core.types import Bools, Floats, Ints
from drivestack.roads.stop_lines import Lines, beyond, colours, fronts, lines_of

from .evidence import Evidence


@dataclass(frozen=True, slots=True, eq=False)
class Approach:
    """The middle of the ego's front bumper as the stop lines see it.

    Attributes:
        lines: S of them. beyond: (T, S) how far it is over the line [m]. within: (T, S) it is
        within the lane's width. colour: (T, S) `Colour`.
    """

    lines: Lines
    beyond: Floats
    within: Bools
    colour: Ints

    def halts(self) -> Bools:
        """(T, S) the line may not be crossed."""
        return np.isin(self.colour, HALTING)

    def waits(self, reach: float) -> Bools:
        """(T,) a line that is not green lies ahead within `reach` [m]."""
        ahead = self.within & (self.beyond <= 0.0) & (self.beyond >= -reach)
        return (ahead & (self.halts() | (self.colour == Colour.YELLOW))).any(axis=1)

    def crosses(self) -> Bools:
        """(T, S) the line was crossed between the tick before and this one."""
        found = np.zeros(self.within.shape, np.bool_)
        found[1:] = (self.beyond[:-1] < 0.0) & (self.beyond[1:] >= 0.0) & self.within[1:]
        return found


def approach(evidence: Evidence) -> Approach | None:
    """Everything up to the first contact; None where there are no lights, or no tick at all."""
    episode = evidence.episode
    lights = episode.start.lights
    if not lights or not evidence.driven:
        return None
    ego, lines = evidence.drive.ego, lines_of(episode.map, lights)
    front = fronts(ego, evidence.drive.size[0])
    along, lateral = beyond(lines.pose, front[:, None])
    ticks = episode.ego["tick"][: len(ego)]
    within = np.abs(lateral) <= 0.5 * lines.width
    return Approach(lines, along, within, colours(lights, lines, ticks))
