"""What is known of a layer after driving with and without it."""

from __future__ import annotations

from dataclasses import dataclass

from drivestack.sim.intervals import Mean, Rate, rate
from drivestack.sim.paired import Interval

from .labels import NEEDED, Label


@dataclass(frozen=True, slots=True)
class Share:
    """A rate with its 95 % interval; where nothing was seen, also the rule of three.

    Attributes:
        at_most: 3 / trials where there were no hits: the 95 % upper bound; else None.
    """

    rate: Rate
    at_most: float | None

    @classmethod
    def of(cls, hits: int, trials: int) -> Share:
        """Of counts."""
        nothing = hits == 0 and trials > 0
        return cls(rate(hits, trials), min(3.0 / trials, 1.0) if nothing else None)


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each label was given.

    Attributes:
        labels: counts by label, of every label.
    """

    labels: dict[Label, int]

    @classmethod
    def of(cls, labels: list[Label]) -> Counts:
        """Counted."""
        return cls({label: labels.count(label) for label in Label})

    @property
    def needed(self) -> int:
        """With a mishap where nothing is done."""
        return sum(self.labels[label] for label in NEEDED)

    @property
    def acted(self) -> int:
        """In which the layer acted, of those whose label is known."""
        quiet = (Label.QUIET, Label.MISSED, Label.UNKNOWN)
        return sum(n for label, n in self.labels.items() if label not in quiet)

    @property
    def precision(self) -> Share:
        """Needed, of those in which it acted."""
        return Share.of(self.needed - self.labels[Label.MISSED], self.acted)

    @property
    def recall(self) -> Share:
        """Acted, of those in which it was needed."""
        return Share.of(self.needed - self.labels[Label.MISSED], self.needed)

    @property
    def avoided(self) -> Share:
        """Saved, of those in which it was needed."""
        return Share.of(self.labels[Label.SAVED], self.needed)

    @property
    def harm(self) -> Share:
        """With a mishap that there is not without the layer, of all that are known."""
        known = sum(self.labels.values()) - self.labels[Label.UNKNOWN]
        return Share.of(self.labels[Label.HARM], known)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a layer takes, besides what it gives.

    Attributes:
        hours: driven. brakes, hard_brakes: below -3.5 and -5 m/s2, each an hour; likewise
        of the runs without the layer: bare_brakes, bare_hard_brakes.
        jerk, bare_jerk: root mean square [m/s3]. override: share of the time in which it acts.
        progress: with the layer less without [m], mean of pairs that are safe in both.
        rear_conflicts: spells in which a follower needs more than 3.4 m/s2, and none of the twin's.
        chatter: times that it is switched within spells, a second of them.
    """

    hours: float
    brakes: float
    hard_brakes: float
    bare_brakes: float
    bare_hard_brakes: float
    jerk: float
    bare_jerk: float
    override: float
    progress: Mean
    rear_conflicts: int
    chatter: float


@dataclass(frozen=True, slots=True)
class Case:
    """An episode or a spell that is to be looked at.

    Attributes:
        arm: name. label: of it. episode: number. scenario: id. spell: number, None: the episode.
        time: [s] of the spell, or of the mishap. check, object: why it acted, or empty and -1.
        why: a sentence. file: the scenario it was saved as, or empty.
    """

    arm: str
    label: Label
    episode: int
    scenario: str
    spell: int | None
    time: float
    check: str
    object: int
    why: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One layer beside none.

    Attributes:
        arm: name. checks, bound, price: of the layer. folder: of its run.
        episodes: labels of whole episodes. spells: of every intervention, by its twin.
        by_check: the same by the check that acted. paired: share of episodes with a mishap,
        with the layer less without. p: exact McNemar test of it.
        lead, margin: of needed spells [s]. impact: mean delta-v of the mishaps [m/s] without and
        with, of mitigated ones. cost: what it took. cases: missed, needless, harmful ones.
    """

    arm: str
    checks: tuple[str, ...]
    bound: tuple[str, ...]
    price: float
    folder: str
    episodes: Counts
    spells: Counts
    by_check: dict[str, Counts]
    paired: Interval
    p: float
    lead: tuple[float, ...]
    margin: tuple[float, ...]
    too_late: int
    impact: tuple[tuple[float, float], ...]
    cost: Cost
    cases: tuple[Case, ...]
