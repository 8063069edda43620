"""What becomes of an ego within a stretch of time: a mishap, how hard, how far it gets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from drivestack.core.episode import Episode, Outcome
from drivestack.core.geometry import TOUCH
from drivestack.metrics.collision import collisions
from drivestack.metrics.criticality.drac import deceleration_to_avoid
from drivestack.metrics.criticality.pairs import pairs_of
from drivestack.metrics.drive import drive_of
from drivestack.metrics.evidence import gathered
from drivestack.metrics.lane_facts import lane_facts
from drivestack.metrics.traffic_lights import TrafficLights
from drivestack.roads.lanes import local_coordinates


class Mishap(StrEnum):
    """What may have happened."""

    NONE = "none"
    CONTACT = "contact"
    RED_LIGHT = "red_light"
    """It crossed a stop line at red."""
    OFF_ROAD = "off_road"
    """It left the road sideways; driving off the end of a map is none."""


@dataclass(frozen=True, slots=True)
class Fate:
    """Of one ego, from a tick on.

    Attributes:
        mishap: the gravest, in the order of `Mishap`. tick: of it, or else the last one.
        object: id of whom it touched, -1: nobody.
        at_fault: nuPlan's, of the first contact at fault.
        impact: relative speed [m/s]. delta_v: change of the ego's speed at equal masses [m/s].
        path: distance driven until each tick [m], from 0.
        follower_drac: the most braking that whoever follows needed, at his present speed [m/s2].
    """

    mishap: Mishap
    tick: int
    object: int
    at_fault: bool
    impact: float
    delta_v: float
    path: tuple[float, ...]
    follower_drac: float

    @property
    def bad(self) -> bool:
        """Whether there was a mishap."""
        return self.mishap is not Mishap.NONE

    def travelled(self, ticks: int) -> float:
        """Distance driven [m] in the first ticks, or in all there are."""
        return self.path[min(ticks, len(self.path) - 1)]


def fate_of(episode: Episode, first: int, ticks: int) -> Fate:
    """What became of the ego of an episode within some ticks of a first one."""
    part = _within(episode, first, first + ticks)
    drive = drive_of(part)
    pose = np.ascontiguousarray(drive.ego[:, :3])
    last = int(part.ego["tick"][len(pose) - 1])
    steps = np.hypot(*np.diff(pose[:, :2], axis=0).T)
    path = (0.0, *np.cumsum(steps).tolist())
    drac = _follower_drac(part)
    if part.ego["contact"].any():
        hits = collisions(drive, lane_facts(part.map, pose, drive.size).straddles)
        hit = next((hit for hit in hits if hit.at_fault), hits[0] if hits else None)
        change = hit.delta_v if hit else 0.0
        other = int(part.ego["contact_with"][len(pose) - 1])
        fault = hit is not None and hit.at_fault
        return Fate(Mishap.CONTACT, last, other, fault, 2.0 * change, change, path, drac)
    crossed = _crossed_at_red(part)
    if crossed is not None:
        return Fate(Mishap.RED_LIGHT, crossed, -1, True, 0.0, 0.0, path, drac)
    mishap = Mishap.OFF_ROAD if _left_sideways(part) else Mishap.NONE
    return Fate(mishap, last, -1, mishap is Mishap.OFF_ROAD, 0.0, 0.0, path, drac)


def _within(episode: Episode, first: int, last: int) -> Episode:
    """The ticks of an episode from a first to a last one; it went on if that is not its end."""

    def some(rows: np.ndarray) -> np.ndarray:
        return rows[(rows["tick"] >= first) & (rows["tick"] <= last)]

    goes_on = int(episode.ego["tick"][-1]) > last
    outcome = Outcome.TIMEOUT if goes_on else episode.outcome
    return replace(episode, ego=some(episode.ego), agents=some(episode.agents), outcome=outcome)


def _crossed_at_red(episode: Episode) -> int | None:
    """The tick at which it ran a red light, if it did."""
    if not episode.start.lights:
        return None
    (reason,) = TrafficLights().measure(gathered(episode))
    return reason.tick if reason.value == 0.0 else None


def _left_sideways(episode: Episode) -> bool:
    """Whether it ended beside its nearest lane, and not beyond the end of that lane."""
    if episode.outcome is not Outcome.OFF_ROAD:
        return False
    last, lanes = episode.ego[-1], episode.map.lanes
    row = lanes[int(last["lane"])]
    s, _ = local_coordinates(row, episode.map.points, float(last["x"]), float(last["y"]))
    return 0.0 <= s <= float(row["length"])


def _follower_drac(episode: Episode) -> float:
    """The most that whoever drives behind in the ego's way has to brake [m/s2]."""
    pairs = pairs_of(drive_of(episode))
    gap, closing = pairs.gap_behind(), pairs.velocity()[:, 0]
    conflict = pairs.following() & (closing > 0.0) & (gap > TOUCH)
    if not conflict.any():
        return 0.0
    still = np.zeros(int(conflict.sum()))
    return float(deceleration_to_avoid(gap[conflict], closing[conflict], still).max())
