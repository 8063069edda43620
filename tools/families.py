"""Write docs/families.md: how dangerous the rare families are, and how the stacks drive them.

    python tools/families.py [--instances 67] [--shard 1/27] [--stacks pdm_lane idm] [--workers 2]
        [--out docs/families.md]

Simple answers are tried in forks of the first states (`rare/answers.py`); the stacks drive a shard
of `scenarios/rare.yaml`.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rare.answers import ANSWERS, HUMAN, KEEP, QUICK, Found, found
from rare.draws import families

from drivestack.report.markdown import table
from drivestack.sim.files import write_text
from drivestack.sim.suite import run

ROOT = Path(__file__).resolve().parents[1]

HEAD = """# Rare families

Made by `python tools/families.py {arguments}`; nothing here is typed.

## What simple drivers get out of them

The ego keeps lane and speed until it notices the hazard: its sensors see it, and its event has
begun. Then each answer is tried in a fork of the same world. *Keeps on*: the share of instances in
which doing nothing ends by contact or off the road. *Attentive*: 0.75 s of reaction, then braking
with 6 m/s2, or one lane to the left or right with 4 m/s2 across; *machine*: 0.2 s, 8 m/s2, 6 m/s2.
*Brakes*: the share that braking alone avoids; *any*: that at least one of its three answers avoids.

{answers}

## How the stacks drive

A shard of `scenarios/rare.yaml` ({shard}). At fault by nuPlan's classes. *Exercised*: the hazard's
event came about; families in which something just stands have none.

{stacks}
"""


def main() -> None:
    """Try, drive, write."""
    options = _options()
    answers = _answers(options.instances)
    stacks = "\n\n".join(_driven(stack, options) for stack in options.stacks)
    arguments = f"--instances {options.instances} --shard {options.shard}"
    page = HEAD.format(arguments=arguments, answers=answers, shard=options.shard, stacks=stacks)
    write_text(options.out, page)
    print(page)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=67, help="of a family and difficulty")
    parser.add_argument("--shard", default="1/27")
    parser.add_argument("--stacks", nargs="*", default=["pdm_lane", "idm"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "families.md")
    return parser.parse_args()


def _answers(instances: int) -> str:
    rows = []
    for family in families(ROOT / "scenarios" / "rare"):
        for difficulty, starts in family.drawn(instances).items():
            rows.append([family.name, f"{difficulty:g}", len(starts), *_shares(found(starts))])
            print(*rows[-1], sep="\t", flush=True)
    head = ["family", "difficulty", "instances", "noticed at", "keeps on: fails"]
    head += ["attentive: brakes", "any", "machine: brakes", "any"]
    return table(head, rows)


def _shares(seen: Found) -> list[str]:
    keeps = seen.failed[:, ANSWERS.index(KEEP)].mean()
    parts = [seen.avoided(some).mean() for some in (HUMAN[:1], HUMAN, QUICK[:1], QUICK)]
    near, far = seen.distance.min(), seen.distance.max()
    return [f"{near:.0f} to {far:.0f} m", *(f"{100 * part:.0f} %" for part in (keeps, *parts))]


def _driven(stack: str, options: argparse.Namespace) -> str:
    begin = time.perf_counter()
    suite = ROOT / "scenarios" / "rare.yaml"
    result = run(suite, stack=stack, shard=options.shard, workers=options.workers)
    seconds = time.perf_counter() - begin
    groups = defaultdict[tuple[str, str], list[dict[str, Any]]](list)
    for row in result.episodes:
        family, difficulty = re.match(r"([\w-]+)/.*?difficulty=([\d.]+)", row["scenario"]).groups()
        groups[family, difficulty].append(row)
    rows = [[*key, *_figures(group)] for key, group in sorted(groups.items())]
    head = ["family", "difficulty", "episodes", "contacts", "at fault", "off the road", "failed"]
    head += ["exercised", "mean speed", "pdms@1"]
    count, compiled = len(result.episodes), result.compiling
    took = f"{count} episodes in {seconds:.0f} s, of which {compiled:.0f} s compiling."
    return f"### {stack}\n\n{took}\n\n{table(head, rows)}"


def _figures(rows: Sequence[dict[str, Any]]) -> list[str | int]:
    def count(wanted: Any) -> int:
        return sum(bool(wanted(row)) for row in rows)

    asked = count(lambda row: row["exercised"])
    exercised = f"{count(lambda row: row['exercised'] == 'yes')} of {asked}" if asked else ""
    return [
        len(rows),
        count(lambda row: row["contact"]),
        count(lambda row: row["at_fault"]),
        count(lambda row: row["outcome"] == "off_road"),
        count(lambda row: row["outcome"] == "failed"),
        exercised,
        f"{sum(row['mean_speed'] for row in rows) / len(rows):.1f}",
        f"{sum(row['pdms_1'] for row in rows) / len(rows):.2f}",
    ]


if __name__ == "__main__":
    main()
