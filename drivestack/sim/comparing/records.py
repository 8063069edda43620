"""What a comparison of runs finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivestack.metrics.direction import Better


class Sign(StrEnum):
    """What a difference says of the other run, by the test of its group."""

    WORSE = "worse"
    BETTER = "better"
    LOWER = "lower"
    HIGHER = "higher"
    """LOWER and HIGHER: of measures that say not how well."""
    UNCLEAR = "unclear"
    """Pairs differ, and chance may have done it."""
    EQUAL = "equal"
    """No pair differs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure over the pairs of a group in which both runs have it.

    Attributes:
        measure: name. better: which way. rate: whether it is a share of episodes. pairs: that have
        it in both. changed: of those, that differ. base, other: mean of each run; None without
        pairs. difference: other minus base. low, high: its interval (rates: Newcombe's for pairs,
        means: bootstrapped or, of very many pairs, normal); None of fewer than two pairs.
        p: rates: exact McNemar test; None of means. tolerance: loss that is allowed.
        regression: WORSE, the whole interval is beyond the tolerance, and the measure is one that
        gates: an outcome, a score, or one that was asked for.
    """

    measure: str
    better: Better
    rate: bool
    pairs: int
    changed: int
    base: float | None
    other: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    sign: Sign
    tolerance: float
    regression: bool


@dataclass(frozen=True, slots=True)
class Group:
    """All measures over some pairs, regressions first.

    Attributes:
        name: "total", or a family: the part of scenario ids before "/" and "@". pairs: in it.
        level: error of its intervals and tests: 5 % of the total, of a family 5 % by the number
        of families (Bonferroni), so that many families raise no more false alarms than one.
    """

    name: str
    pairs: int
    level: float
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """An episode that came out otherwise.

    Attributes:
        scenario: id. base, other: its episode numbers. appeared, vanished: what is wrong with it in
        the other run only, or in the base only; worst first. score: of the other run minus that
        of the base, `pdms@1`.
    """

    scenario: str
    base: int
    other: int
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something that the runs were made with, and that differs."""

    what: str
    base: str
    other: str


@dataclass(frozen=True, slots=True)
class Unpaired:
    """Scenarios of one run only: how many, and the first of them."""

    count: int
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Against:
    """The base and one other run.

    Attributes:
        run: folder of the other run. pairs: scenarios of both. base_only, other_only: the rest.
        redefined: pairs whose scenarios have the same id and different contents. rescored: pairs
        whose scores are made of different terms. deviations: other versions, settings, files.
        uncompared: measures that one of the tables lacks. total, families: differences, families
        with regressions first and none where there is only one. changed: how many episodes came
        out otherwise. changes: the worst of them.
    """

    run: str
    pairs: int
    base_only: Unpaired
    other_only: Unpaired
    redefined: int
    rescored: int
    deviations: tuple[Deviation, ...]
    uncompared: tuple[str, ...]
    total: Group
    families: tuple[Group, ...]
    changed: int
    changes: tuple[Changed, ...]

    @property
    def regressions(self) -> tuple[tuple[str, Difference], ...]:
        """Group and measure of all that is established."""
        groups = (self.total, *self.families)
        return tuple((g.name, d) for g in groups for d in g.differences if d.regression)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run and those that are compared with it.

    Attributes:
        base: its folder. against: one for each other run.
    """

    base: str
    against: tuple[Against, ...]

    @property
    def regressed(self) -> bool:
        """Whether any regression is established."""
        return any(one.regressions for one in self.against)
