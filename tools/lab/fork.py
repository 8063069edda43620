"""The averaging trap in closed loop: who passes an obstacle that drivers pass on either side?

    python tools/lab/fork.py [--json] [--quick] [--out runs/lab]

`fork.yaml`: it stands in the middle of the road, two and a half seconds ahead. Half of the
demonstrations pass on the left, half on the right (`oracle_left`, `oracle_right`), and both heads
learn from the same ones with the same encoder. Each drives 200 scenes that nothing was learned
from, with its own candidates alone and no safety layer: its first candidate, or one of 16, chosen
by the rules of `pdm_lane` or by a scoring model that has learned what came of candidates of `flow`
at the fork. Negative control: `mse`, whose one answer is the mean, hits it, whoever chooses; who
stops before it has not cleared it. What is collected and trained is kept in `build/lab`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from drivestack.core.start import Start
from drivestack.learn.families import REPORT, families_in, start_of
from drivestack.report.markdown import table
from drivestack.sim.intervals import rate
from tools.lab.command import Experiment, Result, main
from tools.lab.figure import Line, Panel
from tools.lab.fork_drives import ENDS, Drive, driven, planners_of
from tools.lab.fork_lessons import QUICK, SCENE, TRIED, WHOLE, judge_of, taught

SHOWN = 12
"""Drives of each arm that are in the figure."""


def measure(quick: bool) -> Result:
    """Collect, train, drive."""
    extent = QUICK if quick else WHOLE
    checkpoints = taught(extent)
    judge = judge_of(checkpoints[TRIED], extent)
    starts = scenes(extent.scenes)
    arms, paths = [], {}
    for head, checkpoint in checkpoints.items():
        for choice, planner in planners_of(checkpoint, judge).items():
            drives = driven(planner, starts)
            arm = counted(head, choice, drives)
            arms.append(arm)
            paths[f"{head} {choice}"] = shown(drives)
            print(f"{head}, {choice}: {arm['ends']}", file=sys.stderr)
    return {
        "arms": arms,
        "paths": paths,
        "scenes": extent.scenes,
        "taught": extent.taught,
        "tried": extent.tried,
        "steps": extent.steps,
    }


def scenes(count: int) -> list[Start]:
    """Scenes of seeds that nothing is learned from."""
    (document,) = families_in([SCENE]).values()
    return [start_of(document, seed) for seed in REPORT[:count]]


def counted(head: str, choice: str, drives: Sequence[Drive]) -> dict[str, Any]:
    """How often drives ended in which way, and rates with intervals."""
    ends = Counter(drive.end for drive in drives)
    hit, cleared = ends["hit"], ends["left"] + ends["right"]
    return {
        "head": head,
        "choice": choice,
        "ends": {end: ends[end] for end in ENDS},
        "hit": asdict(rate(hit, len(drives))),
        "cleared": asdict(rate(cleared, len(drives))),
    }


def shown(drives: Sequence[Drive]) -> list[list[list[float]]]:
    """Some paths, for the figure: x and y of each [m]."""
    return [drive.path.round(2).T.tolist() for drive in drives[:SHOWN]]


def tables(result: Result) -> str:
    """One row an arm."""
    rows = []
    for arm in result["arms"]:
        ends = [str(arm["ends"][end]) for end in ENDS]
        rows.append(
            [arm["head"], arm["choice"], *ends, _spread(arm["hit"]), _spread(arm["cleared"])]
        )
    return table(["head", "chosen by", *ENDS, "hit [%]", "cleared [%]"], rows)


def _spread(of: dict[str, Any]) -> str:
    share = 100.0 * of["hits"] / of["trials"]
    return f"{share:.1f} ({100.0 * of['low']:.1f} to {100.0 * of['high']:.1f})"


def panels(result: Result) -> list[Panel]:
    """Where some drives went; the obstacle is at 0."""
    titles = {
        "mse first": "mse: its one answer",
        "flow first": "flow: its first candidate",
        "flow rules": "flow: one of 16, by rules",
        "flow scorer": "flow: one of 16, by the scorer",
    }
    there = {name: title for name, title in titles.items() if name in result["paths"]}
    return [
        Panel(
            title,
            "along the road [m]",
            "to the left [m]",
            [
                Line("obstacle", [-0.5, 0.5, 0.5, -0.5, -0.5], [-0.9, -0.9, 0.9, 0.9, -0.9]),
                *(Line("", *path) for path in result["paths"][name]),
            ],
            dots=False,
        )
        for name, title in there.items()
    ]


EXPERIMENT = Experiment("fork", __doc__ or "", measure, tables, panels)

if __name__ == "__main__":
    sys.exit(main(EXPERIMENT))
