"""Make the checkpoints that come with the package: flow, scorer and critic, with one mined round.

    python tools/reference_model.py [--folder build/reference] [--workers 2] [--install]
        [--tensorboard FOLDER]

Every step goes on where it was interrupted. The critic is made beside the others, from the first
training on: trainings take one core. With `--install` the checkpoints are put into the package,
docs/models.md and docs/critic.md say what they are made of and how good they are.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from drivestack.behavior.checkpoint import POLICY, SCORER, facts_of, shipped
from drivestack.core.errors import DrivestackError
from drivestack.learn.critic import making as critic
from drivestack.learn.critic.page import page_of as critic_page
from drivestack.learn.critic.plan import Amounts
from drivestack.learn.curves import Curves
from drivestack.learn.planner.course import Course
from drivestack.learn.planner.making import Making as Policy
from drivestack.learn.planner.making import make_policy
from drivestack.learn.planner.recorded import Recorded, make_recorded
from drivestack.learn.planner.teaching import FACTS, HIMSELF, Teaching, make_demonstrations
from drivestack.learn.scorer.making import CHECKPOINT, make_scorer
from drivestack.learn.scorer.making import Making as Scoring
from drivestack.report.markdown import table
from drivestack.safety.critic import SHIPPED as SHIPPED_CRITIC
from drivestack.safety.critic import Critic
from drivestack.scenario.files import shared_folder
from drivestack.sim.files import write_text

ROOT = Path(__file__).resolve().parents[1]

FILES = tuple(
    ROOT / "scenarios" / name
    for name in ("highway_env.yaml", "rare.yaml", "r157.yaml", "ncap.yaml")
)
"""Families that are learned from, but for those that are left out."""

RECORDINGS = ROOT / "scenarios" / "ngsim.yaml"
"""Whose recorded drivers are learned from, where the recordings are there."""

LIVELY = FILES[:1]
"""Those in which others react to the ego: where a clone strays from what experts visit."""

DATA = ("demonstrations", "recorded", "mined", "mined_lively")
"""Folders that the policy is made of, in its order; there may be no recorded drivers."""

SEEDS, MINED, MINED_LIVELY, TRIED = 20, 4, 24, 8
"""Scenarios of each family and driver: of experts, of the mined round, also in lively families, of
trials for the scorer."""

FIRST_TRIED = 3
"""Of trials for the scorer that drives in the mined round."""

CRITIC = Amounts(training=5, nominal=4, unsafe=18, report=3)
"""Of the critic: about half of the usual ones, as they take half of the time."""

FIRST, COURSE = Course(steps=3000), Course(steps=6000)
"""Of the policy that is mined, and of the one that is shipped."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make what is not made yet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "reference")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--tensorboard", type=Path, metavar="FOLDER", help="losses as curves")
    asked = parser.parse_args(arguments)
    try:
        with Curves(asked.tensorboard) as curves:
            made(asked.folder, asked.workers, curves)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130
    except DrivestackError as error:
        print(f"reference_model: {error}", file=sys.stderr)
        return 2
    if asked.install:
        install(asked.folder)
    return 0


def made(folder: Path, workers: int, curves: Curves) -> None:
    """Demonstrations, a first stack, what it makes of its own states, the policy, the scorer.

    The first stack drives in the mined round and in the trials: what it visits is near to what the
    last one will visit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taught, humans, mined, lively = (folder / name for name in DATA)
    first, flow = folder / "first.safetensors", folder / "flow.safetensors"
    first_scorer, scorer = folder / "first_scorer", folder / "scorer"
    judge = first_scorer / CHECKPOINT
    shown = Teaching(FILES, taught, drivers=(HIMSELF, "pdm_lane"), seeds=SEEDS, workers=workers)
    visited, again = (
        Teaching(
            files, out, ("oracle",), ("flow",), seeds=seeds, policy=first, scorer=judge,
            workers=workers,
        )
        for files, out, seeds in ((FILES, mined, MINED), (LIVELY, lively, MINED_LIVELY))
    )  # fmt: skip
    tried = Scoring(FILES, first_scorer, policy=first, seeds=FIRST_TRIED, workers=workers)
    appraised = Scoring(
        FILES, scorer, policy=flow, driver="flow", scorer=judge, seeds=TRIED, workers=workers
    )
    driven = Recorded((RECORDINGS,), humans, workers=workers)
    known = (taught, humans) if _are_there(humans) else (taught,)
    data, draw = (*known, mined, lively), partial(curves.beside, bar)
    steps: tuple[tuple[str, Path, Callable[[], Any]], ...] = (
        ("demonstrations", taught / FACTS, lambda: make_demonstrations(shown, bar)),
        ("recorded", humans / FACTS, lambda: _recall(driven)),
        ("first policy", first, lambda: make_policy(Policy(known, first, FIRST), draw("first"))),
        ("first scorer", judge, lambda: make_scorer(tried, bar)),
        ("mined round", mined / FACTS, lambda: make_demonstrations(visited, bar)),
        ("lively families", lively / FACTS, lambda: make_demonstrations(again, bar)),
        ("policy", flow, lambda: make_policy(Policy(data, flow, COURSE), draw("flow"))),
        ("scorer", scorer / CHECKPOINT, lambda: make_scorer(appraised, bar)),
    )
    beside = Beside(folder / "critic")
    try:
        for what, done, make in steps:
            if what == "first policy":
                beside.begin()
            if not done.exists():
                _timed(what, make)
        beside.wait()
    finally:
        beside.end()


class Beside:
    """The critic, made in a process of its own while the others go on."""

    def __init__(self, folder: Path) -> None:
        self._done = folder / critic.CHECKPOINT
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=make_critic, args=(folder,))

    def begin(self) -> None:
        """Begin, if it is not made yet."""
        if not self._done.exists():
            self._process.start()

    def wait(self) -> None:
        """Until it is made.

        Raises:
            DrivestackError: it was not; the process said why.
        """
        if self._process.pid is not None:
            self._process.join()
        if not self._done.exists():
            raise DrivestackError("the critic was not made; the same command tries again")

    def end(self) -> None:
        """Stop what still runs; it goes on there the next time."""
        if self._process.pid is not None and self._process.is_alive():
            self._process.terminate()
            self._process.join()


def make_critic(folder: Path) -> None:
    """The critic, in one process; what goes wrong is told in a sentence."""
    end_with_parent()
    asked = critic.Making(FILES, folder, amounts=CRITIC)
    try:
        _timed("critic", lambda: critic.make_critic(asked, lambda step, done, total: None))
    except KeyboardInterrupt:
        sys.exit(130)
    except DrivestackError as error:
        print(f"reference_model: critic: {error}", file=sys.stderr)
        sys.exit(2)


def end_with_parent() -> None:
    """End this process as soon as the one that began it is gone, killed or not.

    Else the same command would make the same a second time beside it.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlast, args=(parent,), daemon=True).start()


def _outlast(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)


def _are_there(humans: Path) -> bool:
    """Whether recorded drivers can be learned from."""
    return (humans / FACTS).exists() or (shared_folder() / "data").is_dir()


def _recall(asked: Recorded) -> None:
    """Demonstrations of recorded drivers, where the recordings are there."""
    if _are_there(asked.out):
        make_recorded(asked, bar)
        return
    print(
        f"recorded: no recordings in {shared_folder()} (DRIVESTACK_SHARED names the folder), so "
        "nothing is learned from recorded drivers",
        file=sys.stderr,
    )


def install(folder: Path) -> None:
    """Put the checkpoints into the package, and say in docs/models.md what they are."""
    for name, path, kind in (
        ("flow", folder / "flow.safetensors", POLICY),
        ("scorer", folder / "scorer" / CHECKPOINT, SCORER),
    ):
        facts_of(path, kind)
        shipped(name).parent.mkdir(exist_ok=True)
        shutil.copyfile(path, shipped(name))
    made_critic = folder / "critic"
    Critic.read(made_critic / critic.CHECKPOINT)
    SHIPPED_CRITIC.parent.mkdir(exist_ok=True)
    shutil.copyfile(made_critic / critic.CHECKPOINT, SHIPPED_CRITIC)
    facts = json.loads((made_critic / critic.FIGURES).read_text())
    write_text(ROOT / "docs" / "critic.md", critic_page(facts))
    write_text(ROOT / "docs" / "models.md", page())


def page() -> str:
    """The cards of the shipped checkpoints, of what their headers say."""
    flow, scorer = facts_of(shipped("flow"), POLICY), facts_of(shipped("scorer"), SCORER)
    figures = [[name, f"{value:.3f}"] for name, value in flow["figures"].items()]
    outcomes = {n: f for n, f in scorer["figures"].items() if not n.startswith("choice")}
    choices = {n: f for n, f in scorer["figures"].items() if n.startswith("choice")}
    files = shipped("flow"), shipped("scorer"), SHIPPED_CRITIC
    sizes = [[file.stem, f"{file.stat().st_size / 1e6:.2f} MB"] for file in files]
    return HEAD.format(
        sizes=table(("checkpoint", "size"), sizes),
        flow=_told(flow),
        course=", ".join(f"{k} {v}" for k, v in flow["course"].items() if not isinstance(v, dict)),
        figures=table(("figure of moments held out", "value"), figures),
        scorer=_told(scorer),
        outcomes=_table("outcome", outcomes),
        choices=_table("among", choices),
    )


HEAD = """# Shipped models

Made by `python tools/reference_model.py --install`; nothing here is typed.

{sizes}

## flow: the policy

{flow}

Course: {course}.

{figures}

`min_ade`: mean distance of the nearest of 16 candidates [m] from what the expert did; `ade`: of the
first; `spread`: of candidates from their mean [m].

## scorer: the scoring model

{scorer}

{outcomes}

`ece`: expected calibration error; `mean`: of the outcome; `rmse`: of what is foretold.

What choices are worth on the judge's scale of [0, 1], on moments held out; `gap_closed`: of the way
from a random candidate to the best one:

{choices}

## critic: the learned safety critic

Asked by `--critic shipped`; what it is made of, and all its figures: [critic.md](critic.md).
"""


def _told(facts: dict[str, Any]) -> str:
    data, versions = facts["data"], facts["versions"]
    return (
        f"- {data['moments']} moments learned from, {data['held_out']} held out "
        f"(sha256 {data['sha256'][:16]}); seeds 0 to 7,999 and 8,000 to 8,999.\n"
        f"- Code {facts['code'][:16]}; torch {versions.get('torch', 'none')}, numpy "
        f"{versions['numpy']}."
    )


def _table(what: str, rows: dict[str, dict[str, float]]) -> str:
    heads = list(dict.fromkeys(key for figures in rows.values() for key in figures))
    cells = [
        [name, *(f"{figures[key]:.3f}" if key in figures else "" for key in heads)]
        for name, figures in rows.items()
    ]
    return table((what, *heads), cells)


def _timed(what: str, make: Callable[[], Any]) -> None:
    begin = time.perf_counter()
    make()
    print(f"\r{what}: {time.perf_counter() - begin:.0f} s{' ' * 40}", file=sys.stderr)


def bar(step: str, done: int, total: int, loss: float | None = None) -> None:
    """A line that is written over; steps of a training every hundred."""
    if loss is not None and done % 100 and done < total:
        return
    said = "" if loss is None else f", loss {loss:.3f}"
    print(f"\r{step}: {done} of {total}{said}   ", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
