"""Write docs/planners.md: planners on the same scenarios, paired, by seeds that none was made with.

    python tools/planners.py [--seeds 100] [--families 12] [--arms flow,pdm_lane] [--against flow]
        [--workers 2] [--folder build/planners] [--out docs/planners.md]

An arm is a stack, or a name of one's own for `flow_only` with another checkpoint:
`--arms flow_only,mse=build/reference/heads/mse.safetensors --against flow_only`. Progress is
measured against the oracle's on the same seed. What was driven by this code and these checkpoints
is kept in the folder and not driven again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.behavior.checkpoint import POLICY, check_given, facts_of, shipped
from drivestack.core.errors import DrivestackError, InputError, unknown
from drivestack.core.sources import source_digest
from drivestack.core.start import Start
from drivestack.learn.families import families_in, shares_cases, start_of
from drivestack.learn.planner.sides import sides_of
from drivestack.learn.planner.teaching import UNSEEN
from drivestack.report.markdown import table
from drivestack.safety import BARE
from drivestack.scenario.loader import Document
from drivestack.scenario.resolve import starts as first_states
from drivestack.sim import suite as runner
from drivestack.sim.driver import Driver
from drivestack.sim.files import sha256_of, write_text
from drivestack.sim.paired import Discordant, mean_of
from drivestack.sim.settings import Settings
from drivestack.stack import APPRAISED, LEARNED

ROOT = Path(__file__).resolve().parents[1]
FIRST = 9000
"""Seeds from here on are for reports: nothing was learned from them, or chosen by them."""

SCENES = ("roundabout-v1", "intersection-v2", "merge-v1", "highway-v0", "exit-v1")
"""Of highway-env: the interactive ones."""

CANDIDATE = "flow"
"""With whom the others are compared, unless another one is named."""

ALONE = "flow_only"
"""The stack of arms that are checkpoints: no candidates but their own."""

ARMS = ("flow", "flow-", "flow_only", "rules_only", "pdm_lane", "pdm_lane-", "pdm15", "pdm15-",
        "idm", "idm-", "oracle")  # fmt: skip
"""Stacks; with a minus: without the safety layer. The oracle is whom progress is compared with."""

KEPT = ("scenario", "seed", "at_fault", "contact", "pdms_1", "no_at_fault_collision_navsim",
        "drivable_area_strict", "ego_progress_pdms", "ttc_projected", "comfort", "mean_speed",
        "goal_reached")  # fmt: skip
"""Columns of an episode."""

BARELY = "-"
"""At the end of an arm's name: without the safety layer."""

TOGETHER = 20
"""Scenarios whose rows are kept in one file; larger counts go on where smaller ones ended."""

MARGIN = 0.02
"""At-fault contacts may be more by so much at the upper end of the interval, and not worse."""


Groups = list[list[dict[str, Any]]]
"""Episodes, suite by suite."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Scenarios that are shown together: a name, starts by family, and those families that have so
    few cases that these were also learned from."""

    name: str
    starts: dict[str, list[Start]]
    known: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Scenarios."""
        return sum(map(len, self.starts.values()))


def suites(seeds: int, families: int) -> list[Suite]:
    """Of `seeds` scenarios for each scene, and `families` for each family of the other suites.

    Families that nothing was learned from are apart, and so is the site of recordings. Of the other
    sites there are the recordings that were held out, at most `seeds` of either kind; there are
    none where the folder of shared data is not.
    """
    scenarios = ROOT / "scenarios"
    env = families_in([scenarios / "highway_env.yaml"])
    found = [Suite(scene, {scene: _starts(env[scene], seeds)}) for scene in SCENES]
    for name in ("rare", "r157", "ncap"):
        own = families_in([scenarios / f"{name}.yaml"])
        for kind, some in (
            (name, [n for n in own if n not in UNSEEN]),
            (f"{name}, never learned from", [n for n in own if n in UNSEEN]),
        ):
            if some:
                starts = {n: _starts(own[n], families) for n in some}
                known = tuple(n for n in some if n not in UNSEEN and shares_cases(own[n]))
                found.append(Suite(kind, starts, known))
    return [*found, *_recorded(seeds)]


def _recorded(count: int) -> list[Suite]:
    """The egos of recordings: of so many that were held out, and of the site that was left out."""
    try:
        files = families_in([ROOT / "scenarios" / "ngsim.yaml"])
        sides = sides_of(files)
        return [
            Suite(name, {key: list(first_states([files[n] for n in _picked(chosen, count)]))})
            for name, key, chosen in (
                ("ngsim", "ngsim-held-out", sides.held_out),
                ("ngsim, never learned from", "ngsim-apart", sides.apart),
            )
        ]
    except InputError as error:
        print(f"planners: no recordings are driven: {error}", file=sys.stderr)
        return []


def _picked(names: Collection[str], count: int) -> list[str]:
    """So many names, or all there are, from the whole list alike."""
    whole = sorted(names)
    places = np.linspace(0, len(whole) - 1, min(count, len(whole))).round()
    return [whole[int(place)] for place in places]


def _starts(document: Document, count: int) -> list[Start]:
    return [start_of(document, FIRST + number) for number in range(count)]


@dataclass(frozen=True, slots=True)
class Arm:
    """Who drives: a name in the tables, a stack, a checkpoint other than the usual one."""

    name: str
    stack: str
    policy: str | None = None

    @staticmethod
    def of(text: str) -> Arm:
        """As the command line writes it: ``flow``, ``flow-``, ``mse=FILE``, ``mse-=FILE``.

        Raises:
            InputError: it is no arm, or the file no policy.
        """
        name, told, file = text.partition("=")
        if not told:
            if name not in ARMS:
                raise unknown("arm", name, ARMS)
            return Arm(name, name.removesuffix(BARELY))
        if not name.removesuffix(BARELY) or name in ARMS or "/" in name:
            raise InputError(f"arm '{text}': expected a name of its own before '='")
        facts_of(Path(file), POLICY)
        return Arm(name, ALONE, file)

    @property
    def is_bare(self) -> bool:
        """Whether it drives without the safety layer."""
        return self.name.endswith(BARELY)


@dataclass(frozen=True, slots=True)
class Driving:
    """How arms are driven: where rows are kept, processes, checkpoints other than the shipped."""

    folder: Path
    workers: int
    policy: str | None
    scorer: str | None

    def rows(self, arm: Arm, suite: Suite) -> list[dict[str, Any]]:
        """Of every scenario, in order; what is kept is read."""
        found = []
        for family, starts in suite.starts.items():
            for first in range(0, len(starts), TOGETHER):
                found += self._some(arm, family, first, starts[first : first + TOGETHER])
        return found

    def _some(self, arm: Arm, family: str, first: int, starts: list[Start]) -> list[dict[str, Any]]:
        driver, which = self.driver(arm), f"{family}-{first}-{len(starts)}"
        name = f"{arm.name.replace(BARELY, '.bare')}-{which}-{_made_by(driver)}.json"
        path = self.folder / name
        if path.exists():
            known = json.loads(path.read_text())
            if _are_of(known, starts):
                return known
        settings = Settings(driver, workers=self.workers, reference=Driver("oracle"))
        run = runner.run_starts(starts, settings)
        rows = [{key: row[key] for key in KEPT} for row in run.episodes]
        self.folder.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(rows))
        print(f"{arm.name} on {family}: {len(rows)} from number {first} on", file=sys.stderr)
        return rows

    def driver(self, arm: Arm) -> Driver:
        """Whoever drives an arm."""
        policy = arm.policy or (self.policy if arm.stack in LEARNED else None)
        scorer = self.scorer if arm.stack in APPRAISED else None
        layer = BARE if arm.is_bare else None
        return Driver(arm.stack, layer=layer, policy=policy, scorer=scorer)


def _are_of(rows: list[dict[str, Any]], starts: list[Start]) -> bool:
    """Whether rows are of these scenarios: another count of recordings picks others."""
    told = [(row["scenario"], row["seed"]) for row in rows]
    return told == [(start.scenario, start.seed) for start in starts]


def _made_by(driver: Driver) -> str:
    """Names the code, the scenario files and the checkpoints that rows are made by."""
    package = Path(runner.__file__).resolve().parents[1]
    parts = [source_digest(Path(runner.__file__), package), _scenarios()]
    if driver.stack in LEARNED:
        parts.append(sha256_of(Path(driver.policy or shipped("flow"))))
    if driver.stack in APPRAISED:
        parts.append(sha256_of(Path(driver.scorer or shipped("scorer"))))
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:12]


@cache  # as the starts, which are read once
def _scenarios() -> str:
    files = sorted((ROOT / "scenarios").rglob("*.yaml"))
    return hashlib.sha256("".join(map(sha256_of, files)).encode()).hexdigest()


def page(
    found: dict[str, dict[str, list[dict[str, Any]]]], command: str, against: str = CANDIDATE,
    known: Sequence[str] = (),
) -> str:  # fmt: skip
    """The page of rows by suite and arm; `known`: families whose cases were also learned from."""
    parts = [HEAD.format(command=command)]
    if known:
        parts.append(f"Too few cases to keep any back, so that these were also learned from: "
                     f"{', '.join(known)}.\n")  # fmt: skip
    parts += ["## All suites\n", _whole(found)]
    parts += [f"## Against `{against}`, pair by pair\n", _pairs(found, against)]
    for name, arms in found.items():
        parts += [f"## {name}\n", _terms(arms)]
    return "\n".join(parts) + "\n"


HEAD = """# Planners

Made by `{command}`; nothing here is typed. The same scenarios for all, seeds from 9,000 on, which
nothing was learned from; recordings are those that were held out, and those of a site apart.
`pdms@1` times 100, its progress measured against the oracle's on the same seed. A
minus means: without the safety layer. Intervals of 95 %: bootstrap for means, Newcombe for paired
rates.
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


def _pairs(found: dict[str, dict[str, list[dict[str, Any]]]], against: str) -> str:
    rows = []
    for suite, arms in found.items():
        for arm, other in arms.items():
            if arm != against:
                rows.append(_pair(suite, arm, [arms[against]], [other]))
    for arm in next(iter(found.values())):
        if arm != against:
            own = [arms[against] for arms in found.values()]
            rows.append(_pair("all", arm, own, [arms[arm] for arms in found.values()]))
    heads = ("suite", f"{against} minus", "pdms@1", "at fault only", "points", "not worse")
    return table(heads, rows) + "\n"


def _pair(suite: str, arm: str, own: Groups, other: Groups) -> list[str]:
    """One row of the table of pairs, over groups of the same scenarios."""
    gains = [_scores(one) - _scores(two) for one, two in zip(own, other, strict=True)]
    gain = mean_of(gains, "planners", suite, arm)
    hits = Discordant.of(_hits(chain(*own)), _hits(chain(*other)))
    more = hits.difference
    return [
        suite,
        arm,
        f"{100 * gain.value:+.1f} ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})",
        f"{hits.first_only} : {hits.second_only}",
        f"{100 * more.low:+.1f} to {100 * more.high:+.1f}",
        "yes" if more.high < MARGIN else "**no**",
    ]


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


def _hits(rows: Iterable[dict[str, Any]]) -> np.ndarray:
    return np.array([bool(row["at_fault"]) for row in rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Drive what is not kept, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--seeds", type=int, default=100)
    add("--families", type=int, default=12)
    add("--arms", default=",".join(ARMS))
    add("--against", default=CANDIDATE)
    add("--workers", type=int, default=2)
    add("--policy")
    add("--scorer")
    add("--folder", type=Path, default=ROOT / "build" / "planners")
    add("--out", type=Path, default=ROOT / "docs" / "planners.md")
    asked = parser.parse_args(arguments)
    if asked.seeds < 1 or asked.families < 1:
        parser.error("--seeds and --families: expected at least 1")
    driving = Driving(asked.folder, asked.workers, asked.policy, asked.scorer)
    try:
        check_given(asked.policy, asked.scorer)
        arms = _arms(asked.arms, asked.against)
        chosen = suites(asked.seeds, asked.families)
        found = {s.name: {arm.name: driving.rows(arm, s) for arm in arms} for s in chosen}
    except DrivestackError as error:
        print(f"planners: {error}", file=sys.stderr)
        return 2
    command = f"python tools/planners.py --seeds {asked.seeds} --families {asked.families}"
    if asked.arms != ",".join(ARMS):
        command += f" --arms {asked.arms}"
    if asked.against != CANDIDATE:
        command += f" --against {asked.against}"
    for name in ("policy", "scorer"):
        if getattr(asked, name):
            command += f" --{name} {getattr(asked, name)}"
    write_text(
        asked.out, page(found, command, asked.against, list(chain(*(s.known for s in chosen))))
    )
    print(asked.out)
    return 0


def _arms(text: str, against: str) -> list[Arm]:
    arms = [Arm.of(word) for word in text.split(",")]
    names = [arm.name for arm in arms]
    if against not in names or len(set(names)) < len(names):
        raise InputError(f"--arms {text}: expected {against} and others, each once")
    return arms


if __name__ == "__main__":
    sys.exit(main())
