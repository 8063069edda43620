"""Rows of the table `lights`: what was shown at every stop line, from when on."""

from __future__ import annotations

import numpy as np

from drivestack.core.episode import Episode
from drivestack.core.lights import Colour
from drivestack.roads.stop_lines import colours, lines_of

from .considered import Columns


def light_rows(number: int, episode: Episode) -> Columns:
    """One row for each stop line at the first tick and at every tick at which its colour changes.

    left_x to right_y are the ends of the line [m].
    """
    lights, ticks = episode.start.lights, episode.ego["tick"]
    lines = lines_of(episode.map, lights)
    if len(lines.lane) and len(ticks):
        shown = colours(lights, lines, ticks)
        changed = np.ones(shown.shape, np.bool_)
        changed[1:] = shown[1:] != shown[:-1]
        line, row = np.nonzero(changed.T)
        colour = shown[row, line]
    else:
        line, row, colour = (np.zeros(0, np.intp) for _ in range(3))
    names = np.array([light.name for light in lights], dtype=object)
    across = 0.5 * lines.width[line]
    columns: Columns = {
        "episode": np.full(len(line), number, np.int32),
        "light": names[lines.light[line]],
        "line": line.astype(np.int32),
        "lane": lines.lane[line],
        "tick": ticks[row],
        "colour": np.array([Colour(c).name.lower() for c in colour.tolist()], dtype=object),
    }
    x, y, yaw = lines.pose[line].T
    for side, sign in (("left", 1.0), ("right", -1.0)):
        columns[f"{side}_x"] = x - sign * across * np.sin(yaw)
        columns[f"{side}_y"] = y + sign * across * np.cos(yaw)
    return columns
