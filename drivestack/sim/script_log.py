"""What the log says of a scenario's script: events as they began and ended, and whether it ran."""

from __future__ import annotations

from typing import Any

import numpy as np

from drivestack.core.episode import Episode
from drivestack.core.script import Measure, Script

_ANYWAY = (Measure.TIME, Measure.ENDED, Measure.BEGUN)
"""Measures that need no body to come anywhere."""


def script_events(episode: Episode) -> list[dict[str, Any]]:
    """One event for every cue that began, and one for every cue that ended later."""
    events: list[dict[str, Any]] = []
    for name, times in zip(episode.start.script.names, episode.cues, strict=False):
        if times["fired"]:
            events.append({"tick": int(times["began"]), "event": "cue", "name": name})
        if times["over"] and times["ended"] > times["began"]:
            events.append({"tick": int(times["ended"]), "event": "cue_over", "name": name})
    return events


def exercised(episode: Episode) -> bool | None:
    """Whether everything happened that the scenario is about.

    A cue that waits for bodies to come near, to travel or to be so fast may never fire: a cautious
    ego is not cut in on. None: no cue of the script waits for any body.
    """
    waiting = _waits_for_bodies(episode.start.script)
    if not waiting.any():
        return None
    fired = episode.cues["fired"] if len(episode.cues) else np.zeros(len(waiting), np.bool_)
    return bool(fired[waiting].all())


def _waits_for_bodies(script: Script) -> np.ndarray:
    """(E,) cues with actions and a condition on a body."""
    waits = np.zeros(len(script.cues), np.bool_)
    for row, cue in enumerate(script.cues):
        first = int(cue["conditions_at"])
        measures = script.conditions["measure"][first : first + int(cue["conditions_n"])]
        waits[row] = cue["actions_n"] > 0 and not np.isin(measures, _ANYWAY).all()
    return waits
