"""Write docs/planners.md: planners on the same scenarios, paired, by seeds that none was made with.

    python tools/planners.py [--seeds 100] [--families 12] [--arms flow,pdm_lane] [--workers 2]
        [--folder build/planners] [--out docs/planners.md]

Progress is measured against the oracle's on the same seed. What was driven by this code is kept in
the folder and not driven again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.core.errors import DrivestackError
from drivestack.core.sources import source_digest
from drivestack.core.start import Start
from drivestack.learn.families import families_in, start_of
from drivestack.learn.planner.teaching import UNSEEN
from drivestack.report.markdown import table
from drivestack.safety import BARE
from drivestack.scenario.loader import Document
from drivestack.sim import suite as runner
from drivestack.sim.driver import Driver
from drivestack.sim.files import write_text
from drivestack.sim.paired import Discordant, mean_of
from drivestack.sim.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
FIRST = 9000
"""Seeds from here on are for reports: nothing was learned from them, or chosen by them."""

SCENES = ("roundabout-v1", "intersection-v2", "merge-v1", "highway-v0", "exit-v1")
"""Of highway-env: the interactive ones."""

CANDIDATE = "flow"

ARMS = ("flow", "flow-", "flow_only", "rules_only", "pdm_lane", "pdm_lane-", "pdm15", "pdm15-",
        "idm", "idm-")  # fmt: skip
"""Stacks; with a minus: without the safety layer."""

KEPT = ("scenario", "seed", "at_fault", "contact", "pdms_1", "no_at_fault_collision_navsim",
        "drivable_area_strict", "ego_progress_pdms", "ttc_projected", "comfort", "mean_speed",
        "goal_reached")  # fmt: skip
"""Columns of an episode."""

MARGIN = 0.02
"""At-fault contacts may be more by so much at the upper end of the interval, and not worse."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Scenarios that are shown together: a name, and starts by family."""

    name: str
    starts: dict[str, list[Start]]

    @property
    def count(self) -> int:
        """Scenarios."""
        return sum(map(len, self.starts.values()))


def suites(seeds: int, families: int) -> list[Suite]:
    """Of `seeds` scenarios for each scene, and `families` for each family of the other suites."""
    scenarios = ROOT / "scenarios"
    env = families_in([scenarios / "highway_env.yaml"])
    rare = families_in([scenarios / "rare.yaml"])
    found = [Suite(scene, {scene: _starts(env[scene], seeds)}) for scene in SCENES]
    for name, some in (
        ("rare", [n for n in rare if n not in UNSEEN]),
        ("rare, never learned from", list(UNSEEN)),
    ):
        found.append(Suite(name, {n: _starts(rare[n], families) for n in some}))
    for name in ("r157", "ncap"):
        own = families_in([scenarios / f"{name}.yaml"])
        found.append(Suite(name, {n: _starts(document, families) for n, document in own.items()}))
    return found


def _starts(document: Document, count: int) -> list[Start]:
    return [start_of(document, FIRST + number) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Driving:
    """How arms are driven: where rows are kept, processes, checkpoints other than the shipped."""

    folder: Path
    workers: int
    policy: str | None
    scorer: str | None

    def rows(self, arm: str, suite: Suite) -> list[dict[str, Any]]:
        """Of every scenario, in order; what is kept is read."""
        found = []
        for family, starts in suite.starts.items():
            found += self._family(arm, family, starts)
        return found

    def _family(self, arm: str, family: str, starts: list[Start]) -> list[dict[str, Any]]:
        name = f"{arm.replace('-', '.bare')}-{family}-{len(starts)}-{_code()}.json"
        path = self.folder / name
        if path.exists():
            return json.loads(path.read_text())
        settings = Settings(self._driver(arm), workers=self.workers, reference=Driver("oracle"))
        run = runner.run_starts(starts, settings)
        rows = [{key: row[key] for key in KEPT} for row in run.episodes]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(rows))
        print(f"{arm} on {family}: {len(rows)}", file=sys.stderr)
        return rows

    def _driver(self, arm: str) -> Driver:
        stack = arm.removesuffix("-")
        policy = self.policy if stack in ("flow", "flow_only") else None
        scorer = self.scorer if stack in ("flow", "flow_only", "rules_only") else None
        layer = BARE if arm.endswith("-") else None
        return Driver(stack, layer=layer, policy=policy, scorer=scorer)


def _code() -> str:
    package = Path(runner.__file__).resolve().parents[1]
    return source_digest(Path(runner.__file__), package)[:12]


def page(found: dict[str, dict[str, list[dict[str, Any]]]], command: str) -> str:
    """The page of rows by suite and arm."""
    parts = [HEAD.format(command=command), "## All suites\n", _whole(found)]
    parts += ["## Against `flow`, pair by pair\n", _pairs(found)]
    for name, arms in found.items():
        parts += [f"## {name}\n", _terms(arms)]
    return "\n".join(parts) + "\n"


HEAD = """# Planners

Made by `{command}`; nothing here is typed. The same scenarios for all, seeds from 9,000 on, which
nothing was learned from. `pdms@1` times 100, its progress measured against the oracle's on the same
seed. A minus means: without the safety layer. Intervals of 95 %: bootstrap for means, Newcombe for
paired rates.
"""


def _whole(found: dict[str, dict[str, list[dict[str, Any]]]]) -> str:
    arms = list(next(iter(found.values())))
    rows = []
    for arm in arms:
        groups = [_scores(found[suite][arm]) for suite in found]
        mean = mean_of(groups, "planners", arm)
        fault = sum(row["at_fault"] for suite in found.values() for row in suite[arm])
        count = sum(map(len, groups))
        each = [f"{100.0 * group.mean():.1f}" for group in groups]
        spread = f"{100 * mean.value:.1f} ({100 * mean.low:.1f} to {100 * mean.high:.1f})"
        rows.append([arm, spread, f"{fault} of {count}", *each])
    return table(("arm", "pdms@1", "at fault", *found), rows) + "\n"


def _pairs(found: dict[str, dict[str, list[dict[str, Any]]]]) -> str:
    rows = []
    for suite, arms in found.items():
        own = arms[CANDIDATE]
        for arm, other in arms.items():
            if arm == CANDIDATE:
                continue
            gain = mean_of([_scores(own) - _scores(other)], "planners", suite, arm)
            hits = Discordant.of(_hits(own), _hits(other))
            more = hits.difference
            rows.append(
                [
                    suite,
                    arm,
                    f"{100 * gain.value:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})",
                    f"{hits.first_only} : {hits.second_only}",
                    f"{100 * more.low:+.1f} to {100 * more.high:+.1f}",
                    "yes" if more.high < MARGIN else "**no**",
                ]
            )
    heads = ("suite", "flow minus", "pdms@1", "at fault only", "points", "not worse")
    return table(heads, rows) + "\n"


def _terms(arms: dict[str, list[dict[str, Any]]]) -> str:
    names = ("no_at_fault_collision_navsim", "drivable_area_strict", "ego_progress_pdms",
             "ttc_projected", "comfort", "mean_speed")  # fmt: skip
    rows = []
    for arm, episodes in arms.items():
        means = [_mean([row[name] for row in episodes]) for name in names]
        rows.append([arm, *means, f"{sum(bool(row['goal_reached']) for row in episodes)}"])
    return table(("arm", "NC", "DAC", "EP", "TTC", "C", "m/s", "goals"), rows) + "\n"


def _mean(values: list[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.3f}" if known else "-"


def _scores(rows: list[dict[str, Any]]) -> np.ndarray:
    return np.array([row["pdms_1"] or 0.0 for row in rows], np.float64)


def _hits(rows: list[dict[str, Any]]) -> np.ndarray:
    return np.array([bool(row["at_fault"]) for row in rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Drive what is not kept, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--seeds", type=int, default=100)
    add("--families", type=int, default=12)
    add("--arms", default=",".join(ARMS))
    add("--workers", type=int, default=2)
    add("--policy")
    add("--scorer")
    add("--folder", type=Path, default=ROOT / "build" / "planners")
    add("--out", type=Path, default=ROOT / "docs" / "planners.md")
    asked = parser.parse_args(arguments)
    arms = asked.arms.split(",")
    if CANDIDATE not in arms or set(arms) - set(ARMS):
        parser.error(f"--arms: expected {CANDIDATE} and others of {', '.join(ARMS)}")
    driving = Driving(asked.folder, asked.workers, asked.policy, asked.scorer)
    try:
        chosen = suites(asked.seeds, asked.families)
        found = {s.name: {arm: driving.rows(arm, s) for arm in arms} for s in chosen}
    except DrivestackError as error:
        print(f"planners: {error}", file=sys.stderr)
        return 2
    command = f"python tools/planners.py --seeds {asked.seeds} --families {asked.families}"
    if asked.arms != ",".join(ARMS):
        command += f" --arms {asked.arms}"
    write_text(asked.out, page(found, command))
    print(asked.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
