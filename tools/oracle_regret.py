"""What the oracle misses by not trying everything: its advice against a full search.

    python tools/oracle_regret.py [--states 500] [--seeds 3] [--json] [--out docs/oracle.md]

Both judge by the same draws of the hidden state; the full search tries all manoeuvres in all of
them. Regret is what the best one there is worth beyond the one advised, on the judge's scale of
[0, 1].
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from drivestack.core.errors import DrivestackError, InputError
from drivestack.core.protocols import Doubtful
from drivestack.core.types import Decision, Floats, Ints
from drivestack.expert.oracle import Oracle
from drivestack.learn.families import families_in, start_of
from drivestack.learn.moments import moments_of
from drivestack.report.markdown import table
from drivestack.sim.driver import Driver, kin_of
from drivestack.sim.experts import STYLES
from drivestack.sim.files import write_text
from drivestack.sim.intervals import means
from drivestack.sim.rollout import Rollout
from drivestack.sim.runner import Lockstep
from drivestack.stack import Setup
from drivestack.world import build_world

ROOT = Path(__file__).resolve().parents[1]
FILES = [ROOT / "scenarios" / name for name in ("highway_env.yaml", "rare.yaml", "r157.yaml")]

EVERY = 40
"""Ticks between two states of one drive: 2 s."""


class Comparing:
    """A brancher that asks both at moments of a drive."""

    def __init__(self, oracle: Oracle) -> None:
        self._quick = oracle
        self._full = replace(oracle, most=256, finalists=256, alike=0.0)
        self.regret: list[float] = []

    def on_decision(self, slots: Ints, rollout: Rollout, decision: Decision) -> None:
        """Compare what both advise in the scenarios whose moment it is."""
        now = moments_of(slots, rollout, decision, EVERY)
        if now is None:
            return
        rows, held, route, goal = now
        world = cast(Doubtful, rollout.world)
        quick = self._quick.advise(world, rows, held, route, goal)
        full = self._full.advise(world, rows, held, route, goal)
        for row in np.flatnonzero(quick.best >= 0).tolist():
            best = float(full.value[row].max())
            (own,) = full.value[row][full.number[row] == quick.best[row]]
            self.regret.append(best - float(own))


def regrets(states: int, seeds: Sequence[int]) -> Floats:
    """Of so many states, an equal number of every family or nearly."""
    families = families_in(FILES)
    each = -(-states // len(families))
    found: list[float] = []
    for name, document in families.items():
        starts = [start_of(document, seed) for seed in seeds]
        rates, actuators = kin_of(starts[0])
        starts = [start for start in starts if kin_of(start) == (rates, actuators)]
        comparing = Comparing(STYLES["oracle"](Setup(rates, actuators=actuators)))
        world = build_world("engine")
        stack = Driver("pdm_lane").stack_in(starts[0], world)
        Lockstep(world, stack, starts, [], comparing).run(len(starts))
        found += comparing.regret[:each]
        print(f"{name}: {min(len(comparing.regret), each)} states", file=sys.stderr)
    return np.array(found[:states])


def summary(regret: Floats) -> dict[str, float]:
    """Of regrets (S,): mean with its 95 % interval, quantiles, shares of none and of large ones."""
    (mean,) = means("oracle regret", regret[:, None], np.ones((len(regret), 1)))
    if mean.value is None or mean.low is None or mean.high is None:
        raise InputError(f"expected two states at least, got {len(regret)}")
    return {
        "states": len(regret),
        "mean": mean.value,
        "low": mean.low,
        "high": mean.high,
        "median": float(np.median(regret)),
        "p95": float(np.quantile(regret, 0.95)),
        "none": float((regret <= 0.0).mean()),
        "above_0.1": float((regret > 0.1).mean()),
    }


def page(told: dict[str, float]) -> str:
    """The page of a summary."""
    rows = [
        ["states", f"{told['states']:.0f}"],
        ["mean", f"{told['mean']:.4f} ({told['low']:.4f} to {told['high']:.4f})"],
        ["median", f"{told['median']:.4f}"],
        ["95th percentile", f"{told['p95']:.4f}"],
        ["nothing missed", f"{100 * told['none']:.1f} %"],
        ["above 0.1", f"{100 * told['above_0.1']:.1f} %"],
    ]
    return (
        HEAD.format(states=f"{told['states']:.0f}") + "\n" + table(("regret", "value"), rows) + "\n"
    )


HEAD = """# What the oracle misses

Made by `python tools/oracle_regret.py --states {states} --out docs/oracle.md`, none of it by hand.

The oracle screens 128 manoeuvres by rules, tries 16 in one draw of the hidden state and 6 of them
in three more. A full search tries all of them in all four draws. Regret: what the best one there is
worth beyond the one advised, on the judge's scale of [0, 1], in states of drives of `pdm_lane`.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the regret is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--states", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=3, help="drives of each family")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--out", type=Path, help="also write a page")
    asked = parser.parse_args(arguments)
    if asked.states < 1 or asked.seeds < 1:
        parser.error("--states and --seeds: expected at least 1")
    try:
        told = summary(regrets(asked.states, range(asked.seeds)))
    except DrivestackError as error:
        print(f"oracle_regret: {error}", file=sys.stderr)
        return 2
    if asked.out:
        write_text(asked.out, page(told))
    if asked.json:
        print(json.dumps(told))
        return 0
    for name, value in told.items():
        print(f"{name}: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
