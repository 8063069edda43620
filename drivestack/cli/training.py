"""The verbs of `train`: from scenarios to a checkpoint; each goes on where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from . import status
from .choices import WithDefault, names_in
from .options import Debug, Json, ScorerFile, Unseen
from .screen import complain


class _Heads(WithDefault):
    """A word that is no verb names a head, such as ``train flow DATA``."""

    DEFAULT = "head"


train = typer.Typer(cls=_Heads, help="Train what is learned, to a checkpoint.")


@train.callback()
def _train() -> None:
    """Train what is learned, to a checkpoint."""


@train.command(epilog=status.EXPLAINED)
def head(
    name: Annotated[str, typer.Argument(help="Of the policy's head, such as flow.")],
    data: Annotated[list[Path], typer.Argument(help="Files of demonstrations, or folders.")],
    out: Annotated[Path, typer.Option(help="Checkpoint; the same again goes on where it stopped.")],
    steps: Annotated[int, typer.Option(min=1, help="Of the optimiser.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="Of weights, order and noise.")] = 0,
    tensorboard: Annotated[
        Path | None, typer.Option(help="Folder in which TensorBoard finds the loss.")
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Train a policy's head, and its encoder, on demonstrations."""
    from drivestack.learn.curves import Curves
    from drivestack.learn.planner.course import Course
    from drivestack.learn.planner.making import Making, make_policy, summary

    asked = Making(tuple(data), out, Course(head=name, steps=steps, seed=seed))
    try:
        with progress_bar(shown=not as_json) as bar, Curves(tensorboard) as curves:
            facts = make_policy(asked, curves.beside(_with_loss(bar), name))
    except KeyboardInterrupt:
        complain("interrupted; the same command goes on")
        return status.INTERRUPTED
    if as_json:
        print(json.dumps(facts))
    else:
        print(summary(facts))
        print(f"checkpoint: {out}")
    return status.OK


def _with_loss(bar: Callable[..., None]) -> Callable[[str, int, int, float], None]:
    return lambda step, done, total, loss: bar(step, done, total, f", loss {loss:.3f}")


@train.command(epilog=status.EXPLAINED)
def critic(
    scenarios: Annotated[
        list[Path], typer.Argument(help="Scenarios and suites; each of their ids is a family.")
    ],
    out: Annotated[Path, typer.Option(help="Folder; the same again goes on where it stopped.")],
    unseen: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Families that are not learned from, or none; default: "
            "rare-red-light,r157.cut-out.",
        ),
    ] = None,
    episodes: Annotated[
        int, typer.Option(min=1, help="Episodes of each family and stack that are learned from.")
    ] = 10,
    missed: Annotated[
        float, typer.Option(help="Bound of the share of unsafe episodes without an alarm.")
    ] = 0.05,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    page: Annotated[Path | None, typer.Option(help="Also write the figures as Markdown.")] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Train a safety critic on what becomes of plans in forks of the world."""
    from drivestack.learn.critic.making import CHECKPOINT, FIGURES, UNSEEN, Making, make_critic
    from drivestack.learn.critic.page import page_of, summary
    from drivestack.learn.critic.plan import Amounts
    from drivestack.report.writing import check_target, saved

    if page is not None and page.resolve().parent != out.resolve():
        check_target(page)  # before hours of work
    chosen = UNSEEN if unseen is None else tuple(names_in(unseen) or ())
    amounts = Amounts(training=episodes)
    asked = Making(tuple(scenarios), out, chosen, amounts, missed=missed, workers=workers)
    try:
        with progress_bar(shown=not as_json) as advance:
            facts = make_critic(asked, advance)
    except KeyboardInterrupt:
        complain(f"interrupted; the same command goes on with what is in {out}")
        return status.INTERRUPTED
    if page is not None:
        saved(page_of(facts), page)
    if as_json:
        print(json.dumps(facts))
    else:
        print(summary(facts))
        print(f"checkpoint: {out / CHECKPOINT}; all figures: {out / FIGURES}")
    return status.OK


@train.command(epilog=status.EXPLAINED)
def scorer(
    scenarios: Annotated[
        list[Path], typer.Argument(help="Scenarios and suites; each of their ids is a family.")
    ],
    out: Annotated[Path, typer.Option(help="Folder; the same again goes on where it stopped.")],
    policy: Annotated[
        Path | None, typer.Option(help="Checkpoint whose candidates are tried; default: shipped.")
    ] = None,
    driver: Annotated[
        str, typer.Option(help="Learned stack that drives, and whose candidates are tried.")
    ] = "flow_ruled",
    scorer: ScorerFile = None,
    unseen: Unseen = None,
    seeds: Annotated[int, typer.Option(min=2, help="Of each family.")] = 20,
    steps: Annotated[int, typer.Option(min=1, help="Of the optimiser.")] = 3000,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Train a scoring model on what comes of candidates in forks of the world."""
    from drivestack.learn.scorer.making import CHECKPOINT, FIGURES, Making, make_scorer
    from drivestack.learn.scorer.training import Course

    asked = Making(
        files=tuple(scenarios),
        out=out,
        policy=policy,
        driver=driver,
        scorer=None if scorer is None else Path(scorer),
        unseen=None if unseen is None else tuple(names_in(unseen) or ()),
        seeds=seeds,
        course=Course(steps=steps),
        workers=workers,
    )
    try:
        with progress_bar(shown=not as_json) as advance:
            facts = make_scorer(asked, advance)
    except KeyboardInterrupt:
        complain(f"interrupted; the same command goes on with what is in {out}")
        return status.INTERRUPTED
    if as_json:
        print(json.dumps(facts))
        return status.OK
    for name, figures in facts["figures"].items():
        print(f"{name}: " + ", ".join(f"{key} {value:.3f}" for key, value in figures.items()))
    print(f"checkpoint: {out / CHECKPOINT}; all figures: {out / FIGURES}")
    return status.OK


@contextmanager
def progress_bar(shown: bool) -> Iterator[Callable[..., None]]:
    """A bar for each step; quiet where nobody looks."""
    import sys

    if not shown or not sys.stderr.isatty():
        yield lambda step, done, total, note="": None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns: Any = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Remaining(),
    )
    tasks: dict[str, Any] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:

        def advance(step: str, done: int, total: int, note: str = "") -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done, total=total, description=step + note)

        yield advance
