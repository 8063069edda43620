"""Lane keeping LK: the centre does not stay off the middle of its lane for two seconds in a row.

Source: NAVSIM v2 `pdm_scorer.py`. Frames in intersections are skipped and do not reset the count.
Ours: the middle is that of the lane the ego is in (or nearest to), not of a route, and a lane
change is excused: a spell off the middle in which the ego gets into another lane of the same road.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Reason
from drivestack.core.types import Bools, Floats, Ints

from .drive import FRAME
from .evidence import Evidence

MOST_OFFSET, LONGEST = 0.5, 2.0
"""Distance from the middle [m], and time in a row beyond it [s] at which the score is 0; NAVSIM."""

LANE_CHANGE = 6.0
"""Spells longer than this [s] are no lane change. Our choice: twice the time that the router gives
one."""


@dataclass(frozen=True, slots=True)
class Spell:
    """Frames in a row off the middle of a lane, those in intersections left out.

    Attributes:
        last: its last frame. frames: how many. changed: it led into another lane of the same road.
    """

    last: int
    frames: int
    changed: bool

    @property
    def excused(self) -> bool:
        """Whether it was a lane change."""
        return self.changed and self.frames * FRAME <= LANE_CHANGE

    @property
    def seconds(self) -> float:
        """Time between its first and its last frame [s]."""
        return (self.frames - 1) * FRAME


def spells(lateral: Floats, lane: Ints, road: NDArray, crossing: Bools) -> Iterator[Spell]:
    """Spells off the middle, every 0.1 s.

    Args:
        lateral: (F,) distance from the middle of the lane [m]. lane, road: (F,) whose middle.
        crossing: (F,) in an intersection.
    """
    seen = np.flatnonzero(~crossing)
    off = np.abs(lateral[seen]) > MOST_OFFSET
    edges = np.flatnonzero(np.diff(np.concatenate([[False], off, [False]]).astype(np.int8)))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        # from the last frame before the spell to the first one after it
        around = seen[max(first - 1, 0) : end + 1]
        sideways = (lane[around[1:]] != lane[around[:-1]]) & (road[around[1:]] == road[around[:-1]])
        yield Spell(int(seen[end - 1]), end - first, bool(sideways.any()))


@dataclass(frozen=True, slots=True)
class LaneKeeping:
    """`lane_keeping`: 0 or 1, 0 without ticks; `lane_change_s`: excused as lane changes [s]."""

    names: tuple[str, ...] = ("lane_keeping", "lane_change_s")

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """The score of one episode."""
        keeping, changing = self.names
        if not evidence.driven:
            nothing = "did not drive"
            return Reason(keeping, 0.0, nothing), Reason(changing, 0.0, nothing)
        facts, at = evidence.facts, evidence.frames
        road = evidence.episode.map.lanes["road"][facts.near]
        found = list(spells(facts.lateral[at], facts.near[at], road[at], facts.crossing[at]))
        excused = sum(spell.frames for spell in found if spell.excused) * FRAME
        counted = [spell for spell in found if not spell.excused]
        sideways = Reason(changing, excused, f"{excused:.1f} s excused as lane changes")
        if not counted:
            sentence = f"never more than {MOST_OFFSET:g} m off the middle of its lane"
            return Reason(keeping, 1.0, sentence, None, None, 0.0, LONGEST), sideways
        too_long = [spell for spell in counted if spell.seconds >= LONGEST - 1e-9]
        spell = too_long[0] if too_long else max(counted, key=lambda spell: spell.frames)
        row = evidence.frames[spell.last]
        sentence = (
            f"{spell.seconds:.1f} s in a row, until {evidence.when(row)}, more than "
            f"{MOST_OFFSET:g} m off the middle of its lane; allowed: less than {LONGEST:g} s"
        )
        tick, kept = evidence.tick(row), float(not too_long)
        return Reason(keeping, kept, sentence, tick, None, spell.seconds, LONGEST), sideways
