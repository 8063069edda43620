"""Train every other head on the demonstrations of `tools/reference_model.py`, and compare them.

    python tools/reference_heads.py [--folder build/reference] [--steps N] [--heads mse,mixture]
        [--out docs/heads.md]

Same encoder, data and course for all, so that what differs is the head. Every head goes on where it
was interrupted; checkpoints are in `heads` of the folder. To drive by them:
`python tools/planners.py --arms flow_only,mse=build/reference/heads/mse.safetensors
--against flow_only --out docs/heads_driven.md`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from drivestack.behavior.checkpoint import POLICY, facts_of, policy_of
from drivestack.behavior.heads import HEADS
from drivestack.behavior.noise import bank
from drivestack.behavior.policy import Policy
from drivestack.behavior.tokens import Ego
from drivestack.core.errors import DrivestackError, InputError, unknown
from drivestack.learn.planner.course import Course
from drivestack.learn.planner.demonstrations import Demonstrations, read_all
from drivestack.learn.planner.making import Making, make_policy, split
from drivestack.learn.planner.positions import places
from drivestack.learn.planner.teaching import FACTS
from drivestack.report.markdown import table
from drivestack.sim.files import write_text
from tools.reference_model import COURSE, DATA, bar

ROOT = Path(__file__).resolve().parents[1]

FORK, PASSES, VALLEY, CANDIDATES = "rare-fork", 2.0, 1.0, 16
"""The family in which drivers disagree; who ends so far aside [m] passes, and who ends within so
much of the middle [m], at least half as far along, has driven into what others pass. Our choice."""

SHOWN = ("min_ade", "ade", "spread", "start_recall", "stop_recall", "stop_chance")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is not trained yet, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--folder", type=Path, default=ROOT / "build" / "reference")
    add("--steps", type=int, default=COURSE.steps)
    add("--heads", default=",".join(HEADS))
    add("--out", type=Path, default=ROOT / "docs" / "heads.md")
    asked = parser.parse_args(arguments)
    try:
        made = trained(asked.folder, asked.heads.split(","), asked.steps)
        write_text(asked.out, page(asked.folder, made))
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    except DrivestackError as error:
        print(f"reference_heads: {error}", file=sys.stderr)
        return 2
    print(asked.out)
    return 0


def trained(folder: Path, heads: Sequence[str], steps: int) -> dict[str, Path]:
    """The checkpoints of some heads; those that are there, of the same data and course, are kept.

    Raises:
        InputError: there is no such head, or nothing to learn from.
    """
    for head in heads:
        if head not in HEADS:
            raise unknown("head", head, HEADS)
    data = _data(folder)
    digest = read_all(data).digest()
    (folder / "heads").mkdir(exist_ok=True)
    found = {}
    for head in heads:
        course = replace(COURSE, head=head, steps=steps)
        # the policy is made of the same already
        ready = [folder / "flow.safetensors"] if head == "flow" else []
        ready.append(folder / "heads" / f"{head}.safetensors")
        fitting = [path for path in ready if _is_of(path, course, digest)]
        if not fitting:
            make_policy(Making(data, ready[-1], course), bar)
        found[head] = (fitting or ready[-1:])[0]
    return found


def _data(folder: Path) -> tuple[Path, ...]:
    there = tuple(folder / name for name in DATA if (folder / name).is_dir())
    for data in there:
        if not (data / FACTS).exists():
            raise InputError(f"{data}: is not whole; tools/reference_model.py goes on with it")
    if not there:
        raise InputError(
            f"{folder}: has no demonstrations; tools/reference_model.py makes them there"
        )
    return there


def _is_of(checkpoint: Path, course: Course, digest: str) -> bool:
    if not checkpoint.exists():
        return False
    facts = facts_of(checkpoint, POLICY)
    return facts["course"] == asdict(course) and facts["data"]["sha256"] == digest


def page(folder: Path, checkpoints: dict[str, Path]) -> str:
    """What figures of held-out moments say of every head, and how often it is in the valley."""
    _, held_out = split(read_all(_data(folder)))
    rows = []
    for head, checkpoint in checkpoints.items():
        figures = facts_of(checkpoint, POLICY)["figures"]
        size = checkpoint.stat().st_size / 1e6
        cells = [f"{figures[name]:.3f}" if name in figures else "-" for name in SHOWN]
        valley = in_the_valley(policy_of(checkpoint), held_out)
        rows.append([head, f"{size:.1f} MB", *cells, *_shares(valley)])
    facts = facts_of(next(iter(checkpoints.values())), POLICY)
    return HEAD.format(
        moments=facts["data"]["moments"],
        held_out=facts["data"]["held_out"],
        sha256=facts["data"]["sha256"][:16],
        steps=facts["course"]["steps"],
        rows=table(("head", "size", *SHOWN, "valley", "left", "right", "moments"), rows),
    )


def _shares(valley: np.ndarray | None) -> list[str]:
    if valley is None:
        return ["-", "-", "-", "0"]
    return [*(f"{share:.3f}" for share in valley[:3]), f"{valley[3]:.0f}"]


def in_the_valley(policy: Policy, found: Demonstrations) -> np.ndarray | None:
    """Of candidates where an expert passes the fork: shares in the valley, left, right; moments.

    None: there is no such moment.
    """
    if FORK not in found.names:
        return None
    speed = found.tokens.ego[:, Ego.SPEED]
    gone, left, _ = places(found.knots, speed)
    passing = (found.family == found.names.index(FORK)) & (np.abs(left) > PASSES)
    # who has swerved already does not choose any more
    undecided = np.abs(found.tokens.ego[:, Ego.STEER]) < 1e-2
    rows = np.flatnonzero(passing & undecided)
    if len(rows) == 0:
        return None
    some = found.some(rows)
    knots = policy.candidates(some.tokens, bank(CANDIDATES, policy.head.width))
    flat = knots.reshape(-1, *knots.shape[2:]).astype(np.float32)
    ends, sides, _ = places(flat, speed[rows].repeat(CANDIDATES))
    onward = ends > 0.5 * gone[rows].repeat(CANDIDATES)
    valley = onward & (np.abs(sides) < VALLEY)
    return np.array([valley.mean(), (sides > PASSES).mean(), (sides < -PASSES).mean(), len(rows)])


HEAD = """# Heads

Made by `python tools/reference_heads.py`; nothing here is typed. Every head of
[behavior/heads](../drivestack/behavior/heads) with the same encoder, learned from the same
{moments} moments (sha256 {sha256}) in {steps} steps, looked at on {held_out} held out.

{rows}

`min_ade`: mean distance of the nearest of 16 candidates [m] from what the expert did; `ade`: of the
first; `spread`: of candidates from their mean [m]. `start_recall`: where the expert starts, the
share of moments with a candidate that does; `stop_recall`, `stop_chance`: where he stands, with
one, and the share of candidates. `valley`: where an expert passes the obstacle of `rare-fork` and
has not begun to steer, the share of candidates that go on within a metre of the middle; `left`,
`right`: that end two metres aside. What this is worth in closed loop: [lab.md](lab.md), the fork.
"""

if __name__ == "__main__":
    sys.exit(main())
