"""Mutants that no test can notice, by name and with the reason; and the score without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .changes import Mutant, mutants_of

Reasons = Mapping[str, Mapping[str, str]]
"""By file, then by the mutant's name."""


def reasons_in(path: Path) -> Reasons:
    """Why mutants are the same program, of a YAML file: file, name, reason."""
    return yaml.safe_load(path.read_text()) or {} if path.exists() else {}


@dataclass
class Score:
    """Of one file.

    Attributes:
        killed, explained, survived: mutants that tests notice, that are the same program, and the
        rest. stale: names of explained ones that are noticed or not there any more.
    """

    file: str
    killed: int = 0
    explained: list[Mutant] = field(default_factory=list)
    survived: list[Mutant] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Of those that were decided."""
        return self.killed + len(self.explained) + len(self.survived)


def score_of(file: str, survives: Mapping[int, bool], reasons: Reasons) -> Score:
    """Count the mutants of a file, given by number whether they survive."""
    own, score, names = reasons.get(file, {}), Score(file), set()
    for mutant in mutants_of(file):
        names.add(mutant.name)
        if mutant.number not in survives:
            continue
        if not survives[mutant.number]:
            score.killed += 1
            if mutant.name in own:
                score.stale.append(f"{mutant.name} (a test notices it)")
        elif mutant.name in own:
            score.explained.append(mutant)
        else:
            score.survived.append(mutant)
    score.stale += [f"{name} (there is no such mutant)" for name in own if name not in names]
    return score


def told(scores: list[Score], least: float) -> bool:
    """Print the table and who survived by name; whether all is as it should be."""
    for one in scores:
        print(f"{one.total:5d} mutants, {one.killed:5d} noticed, {len(one.explained):3d} explained,"
              f" {len(one.survived):3d} survived  {one.file}")  # fmt: skip
    for one in scores:
        for mutant in one.survived:
            print(f"  survives: {one.file} {mutant.name}")
        for name in one.stale:
            print(f"  wrongly explained: {one.file} {name}")
    killed = sum(one.killed for one in scores)
    total = sum(one.total - len(one.explained) for one in scores)
    share = killed / total if total else 1.0
    print(f"{share:.2%} of {total} mutants that are other programs were noticed; "
          f"{sum(len(one.explained) for one in scores)} are explained")  # fmt: skip
    return share >= least and not any(one.stale for one in scores)
