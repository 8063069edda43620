"""What is driven to make a critic: families, stacks, seeds, and which numbers stand for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drivestack.learn.families import CALIBRATION, REPORT, TRAINING

from .collecting import EVERY, NATURAL, Job
from .variations import Variation

LEARNED_FROM = ("idm", "pdm15", "constant", "reckless")
NOMINAL = ("idm", "pdm15")
"""Stacks that drive as one should: natural rates and false alarms are theirs."""

UNSAFE = ("constant", "reckless")
"""Stacks that make the contacts which a critic must not miss."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is driven: scenarios of each family and stack.

    Attributes:
        training: to learn from. nominal: for calibration and false alarms. unsafe: for the
        threshold. report: of each, for the figures that are printed. batch: scenarios of a job.
    """

    training: int = 10
    nominal: int = 6
    unsafe: int = 36
    report: int = 4
    batch: int = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """All jobs.

    Attributes:
        families: ids, in order. unseen: those never learned from. stacks: that are learned from.
    """

    families: tuple[str, ...]
    unseen: tuple[str, ...]
    amounts: Amounts
    stacks: tuple[str, ...] = LEARNED_FROM

    @property
    def groups(self) -> tuple[tuple[str, str], ...]:
        """Family and stack of every number."""
        return tuple((family, stack) for family in self.families for stack in LEARNED_FROM)

    def training(self) -> Iterator[Job]:
        """What is learned from."""
        seen = [family for family in self.families if family not in self.unseen]
        yield from self._jobs(seen, self.stacks, TRAINING, self.amounts.training)

    def nominal(self, seeds: range, count: int) -> Iterator[Job]:
        """Driving as one should, where what the stack does is executed."""
        stacks = [stack for stack in NOMINAL if stack in self.stacks]
        yield from self._jobs(self.families, stacks, seeds, count, NATURAL)

    def unsafe(self, seeds: range, count: int) -> Iterator[Job]:
        """Driving that ends in contacts; nothing is forked."""
        stacks = [stack for stack in UNSAFE if stack in self.stacks]
        yield from self._jobs(self.families, stacks, seeds, count, ())

    def judging(self) -> dict[str, list[Job]]:
        """By purpose, all that a network is judged by."""
        amounts = self.amounts
        return {
            "calibration": list(self.nominal(CALIBRATION, amounts.nominal)),
            "threshold": list(self.unsafe(CALIBRATION, amounts.unsafe)),
            "report": list(self.nominal(REPORT, amounts.report)),
            "report-unsafe": list(self.unsafe(REPORT, amounts.report)),
        }

    def _jobs(
        self,
        families: Sequence[str],
        stacks: Sequence[str],
        seeds: range,
        count: int,
        variations: tuple[Variation, ...] | None = None,
    ) -> Iterator[Job]:
        """Jobs of `count` scenarios of each family and stack, with other seeds each."""
        step = len(seeds) // max(count, 1)
        for place, (family, stack) in enumerate(self.groups):
            if family not in families or stack not in stacks:
                continue
            own = [seeds[(number * step + 7 * place) % len(seeds)] for number in range(count)]
            for first in range(0, count, self.amounts.batch):
                some = tuple(sorted(own[first : first + self.amounts.batch]))
                kinds = {} if variations is None else {"variations": variations}
                yield Job(family, stack, place, some, every=EVERY, **kinds)
