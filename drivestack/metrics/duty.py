"""Whether contact had to be avoided: always, or by UN R157's rule for vehicles that cut in.

Source: UN Regulation 157, 5.2.5.2: contact must be avoided if the time to collision, when the
other vehicle is 0.30 m over the lane line, is more than v_rel / (2 * 6 m/s2) + 0.35 s.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from drivestack.core.episode import Episode
from drivestack.core.start import DutyRule
from drivestack.roads.lanes import local_coordinates, width_at

OVER_THE_LINE = 0.30
"""[m]"""
BRAKING = 6.0
"""[m/s2]"""
REACTION = 0.35
"""[s]"""


class Standing(StrEnum):
    """What a case was, by how it went."""

    NOTHING_ASKED = ""
    MUST_AVOID = "must_avoid"
    EXEMPT = "exempt"
    NOT_EXERCISED = "not_exercised"


def standing_of(episode: Episode) -> Standing:
    """Whether contact had to be avoided in an episode."""
    duty = episode.start.duty
    if duty.rule is DutyRule.NONE:
        return Standing.NOTHING_ASKED
    if duty.cue >= 0 and not (duty.cue < len(episode.cues) and episode.cues["fired"][duty.cue]):
        return Standing.NOT_EXERCISED
    if duty.rule is DutyRule.MUST_AVOID:
        return Standing.MUST_AVOID
    return _cut_in(episode, duty.agent, int(episode.cues["began"][duty.cue]))


def must_avoid(time_to_collision: float, closing: float) -> bool:
    """The rule.

    Args:
        time_to_collision: [s], negative when they are beside each other. closing: [m/s].
    """
    return closing <= 0.0 or time_to_collision > closing / (2.0 * BRAKING) + REACTION


def _cut_in(episode: Episode, agent: int, began: int) -> Standing:
    """By the time to collision at the first tick at which the agent is over the line."""
    others = episode.agents[episode.agents["id"] == agent]
    ticks = episode.ego["tick"]
    for other in others[others["tick"] > began]:
        ego = episode.ego[np.searchsorted(ticks, other["tick"])]
        lane = episode.map.lanes[ego["lane"]]
        points = episode.map.points
        s, lateral = local_coordinates(lane, points, float(other["x"]), float(other["y"]))
        own, _ = local_coordinates(lane, points, float(ego["x"]), float(ego["y"]))
        inner = abs(lateral) - other["width"] / 2.0
        if inner > width_at(lane, points, own) / 2.0 - OVER_THE_LINE:
            continue
        closing = float(ego["v"] - other["v"])
        gap = s - own - (episode.size[0] + other["length"]) / 2.0
        time = gap / closing if closing > 0.0 else np.inf
        if gap < 0.0:
            return Standing.EXEMPT
        return Standing.MUST_AVOID if must_avoid(time, closing) else Standing.EXEMPT
    return Standing.NOT_EXERCISED
