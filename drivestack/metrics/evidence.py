"""What measures look at: an episode, and everything several of them need, made once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.core.episode import Episode, ReferenceRun
from drivestack.core.tables import Kind
from drivestack.core.types import Floats

from .collision import Collision, collisions
from .criticality.pairs import Pairs, pairs_of
from .drive import FRAME, Drive, at_frames, drive_of, frame_ticks, scored_rows
from .lane_facts import LaneFacts, lane_facts
from .route_progress import route_progress
from .signals import Signals, signals, yaw_rate


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """An episode up to its first contact, seen in several ways.

    Attributes:
        episode: the whole of it. drive: dense arrays, T ticks. facts: lanes at all ticks.
        frames: (F,) the ticks nearest to every 0.1 s. signals: filtered ones, every 0.1 s.
        collisions: first contacts. pairs: the ego and each other road user at every tick.
        progress: along the route [m]. reference: who drove the same scenario, if anybody did.
    """

    episode: Episode
    drive: Drive
    facts: LaneFacts
    frames: NDArray[np.intp]
    signals: Signals
    collisions: tuple[Collision, ...]
    pairs: Pairs
    progress: float
    reference: ReferenceRun | None

    @property
    def driven(self) -> bool:
        """Whether there is a single tick; a failed run may have none, and scores 0 everywhere."""
        return len(self.drive.ego) > 0

    def tick(self, row: int | np.integer) -> int:
        """The tick of a row of the drive."""
        return int(self.episode.ego["tick"][row])

    def when(self, row: int | np.integer) -> str:
        """The time of a row of the drive, for sentences."""
        return f"{self.tick(row) * self.episode.dt:.2f} s"

    def at(self, row: int | np.integer) -> str:
        """`when`, as an adverb."""
        return f"at {self.when(row)}"

    def id(self, other: int | np.integer) -> int:
        """The id of a column of the drive."""
        return int(self.drive.id[other])

    def name(self, other: int | np.integer) -> str:
        """What a column of the drive is called in sentences."""
        return f"{Kind(int(self.drive.kind[other])).name.lower()} {self.id(other)}"

    def row_at_frame(self, frame: int | np.integer) -> int:
        """The row of the drive nearest to a frame of the signals."""
        return min(round(float(frame) * FRAME / self.episode.dt), len(self.drive.ego) - 1)


def gathered(episode: Episode, reference: ReferenceRun | None = None) -> Evidence:
    """Everything that measures look at."""
    drive = drive_of(episode)
    pose = np.ascontiguousarray(drive.ego[:, :3])
    facts = lane_facts(episode.map, pose, drive.size)
    return Evidence(
        episode=episode,
        drive=drive,
        facts=facts,
        frames=frame_ticks(len(pose), episode.dt),
        signals=_signals(episode),
        collisions=tuple(collisions(drive, facts.straddles)),
        pairs=pairs_of(drive),
        progress=route_progress(episode.start, episode.map, pose),
        reference=reference,
    )


def _signals(episode: Episode) -> Signals:
    """The signals of an episode every 0.1 s, at the footprint centre.

    Lateral acceleration is speed times yaw rate; nuPlan's own is always 0 (scores.md, trap 2).
    """
    rows = scored_rows(episode)
    yaw = at_frames(np.unwrap(rows["yaw"]), episode.dt)
    speed = at_frames(np.ascontiguousarray(rows["v"]), episode.dt)
    accel: Floats = at_frames(np.ascontiguousarray(rows["accel"]), episode.dt)
    return signals(accel, speed * yaw_rate(yaw, FRAME), yaw, FRAME)
