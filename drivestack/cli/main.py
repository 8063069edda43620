"""The command line: few verbs, the same as functions of the package; nothing heavy at start-up."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.sim.interrupts import ignore_signals_from_now_on, terminated_as_interrupted

from . import status
from .choices import Interrupted, Verbs, WithChoices, names_in
from .collecting import collect
from .failures import why
from .options import (
    Batch,
    Bind,
    Checks,
    Cluster,
    ControlLatency,
    CriticFile,
    Debug,
    Execute,
    Explain,
    Folder,
    Json,
    Only,
    Out,
    PlanLatency,
    Planner,
    PlannerDeadline,
    Plant,
    PolicyFile,
    Price,
    Reference,
    Report,
    Resume,
    ScorerFile,
    Seed,
    ShadowLayer,
    Shard,
    Smoothed,
    Traffic,
    TwinsOf,
    Vehicle,
    Workers,
)
from .safety import safety
from .screen import complain
from .training import train

app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # loading rich takes longer than all the rest of `--help`
    help="Drive a car in simulation with a complete stack.",
    epilog=status.EXPLAINED,
)

app.add_typer(safety, name="safety")
app.add_typer(train, name="train")
app.command(epilog=status.EXPLAINED)(collect)
app.command(epilog=status.EXPLAINED)(why)


@app.command(cls=WithChoices, epilog=status.EXPLAINED)
def run(
    scenarios: Annotated[
        list[Path],
        typer.Argument(
            help="Scenarios, suites (.yaml), recordings (.xml, .xml.gz), OpenSCENARIO, "
            "ids of highway-env scenes."
        ),
    ],
    stack: Annotated[str, typer.Option(help="Who drives: {stacks}.")] = "idm",
    controller: Annotated[str, typer.Option(help="Who tracks the plan: {controllers}.")] = "mpc",
    backend: Annotated[str, typer.Option(help="Which world: {backends}.")] = "engine",
    batch: Batch = 32,
    workers: Workers = 1,
    out: Out = None,
    resume: Resume = False,
    shard: Shard = "1/1",
    only: Only = None,
    cluster: Cluster = None,
    seed: Seed = None,
    ego: Annotated[str | None, typer.Option(help="Replaces the kind of ego: {ego kinds}.")] = None,
    plant: Plant = None,
    vehicle: Vehicle = None,
    traffic: Traffic = None,
    smoothed: Smoothed = False,
    physics: Annotated[str | None, typer.Option(help="Replaces the physics: {physics}.")] = None,
    plan_latency: PlanLatency = 0,
    control_latency: ControlLatency = 0,
    execute: Execute = "replan",
    planner: Planner = "inline",
    planner_deadline: PlannerDeadline = 0.05,
    policy: PolicyFile = None,
    scorer: ScorerFile = None,
    checks: Checks = None,
    bind: Bind = None,
    price: Price = None,
    critic: CriticFile = None,
    shadow_layer: ShadowLayer = False,
    twins: TwinsOf = None,
    reference: Reference = "pdm15",
    explain: Explain = None,
    report: Report = True,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Run scenarios, write the log and a report, show a table."""
    from .runs import run_and_show

    return run_and_show(
        scenarios,
        out,
        resume,
        as_json,
        explain or (),
        report,
        shard=shard,
        only=only,
        cluster=cluster,
        stack=stack,
        controller=controller,
        backend=backend,
        batch=batch,
        workers=workers,
        seed=seed,
        ego=ego,
        plant=plant,
        vehicle=vehicle,
        traffic=traffic,
        smoothed=smoothed,
        physics=physics,
        plan_latency=plan_latency,
        control_latency=control_latency,
        execute=execute,
        planner=planner,
        planner_deadline=planner_deadline,
        policy=policy,
        scorer=scorer,
        checks=names_in(checks),
        bind=names_in(bind),
        price=price,
        critic=critic,
        shadow_layer=shadow_layer,
        twins=twins,
        reference=reference,
    )


@app.command(epilog=status.EXPLAINED)
def resume(
    run: Annotated[Path, typer.Argument(help="The folder of a run that stopped.")],
    batch: Batch = 32,
    workers: Workers = 1,
    cluster: Cluster = None,
    explain: Explain = None,
    report: Report = True,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Go on with a run that was interrupted or killed; its folder says what is run."""
    from .runs import resume_and_show

    return resume_and_show(
        run, as_json, explain or (), report, batch=batch, workers=workers, cluster=cluster
    )


@app.command("report", epilog=status.EXPLAINED)
def report_(
    run: Folder,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default: report.html in the folder.")
    ] = None,
    episodes: Annotated[
        int, typer.Option(min=0, help="How many can be replayed in it, failures first.")
    ] = 20,
    debug: Debug = False,
) -> int:
    """Write the report of a run: one page that needs no network."""
    from .reports import write_report

    return write_report(run, out, episodes)


@app.command(epilog=status.EXPLAINED)
def replay(
    run: Folder,
    episode: Annotated[
        int | None, typer.Option(metavar="ID", help="Number of the episode in the run.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a report that has this episode.")] = None,
    mp4: Annotated[
        Path | None, typer.Option(help="Write a video; needs the extra 'video'.")
    ] = None,
    debug: Debug = False,
) -> int:
    """Look at an episode: as a page, as a video, or where its report is."""
    from .reports import replay as show

    return show(run, episode, html, mp4)


@app.command(epilog=status.EXPLAINED)
def merge(
    runs: Annotated[list[Path], typer.Argument(help="Folders of all shards of a run.")],
    out: Annotated[Path, typer.Option(help="New folder for the whole run.")],
    report: Report = True,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Put the shards of a run together, show a table."""
    from .runs import merge_and_show

    return merge_and_show(runs, out, as_json, report)


@app.command("import")
def import_(
    files: Annotated[
        list[str],
        typer.Argument(help="OpenSCENARIO .xosc, CommonRoad .xml or .xml.gz, highway-env ids."),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path(),
    first: Annotated[
        int, typer.Option(min=1, help="How many scenarios of each file, of all parameter sets.")
    ] = 1,
    debug: Debug = False,
) -> int:
    """Write scenarios of other formats as our YAML."""
    from .importing import import_files

    return import_files(files, out, first)


@app.command(epilog=status.COMPARE_EXPLAINED)
def compare(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN", help="Run folders; the first is the base.")
    ],
    measure: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Compare by this only, and let its losses count; may be repeated. Otherwise all "
            "are shown, and outcomes, scores and what these are made of count.",
        ),
    ] = None,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="A loss up to this is no regression, in the measure's unit; rates and scores in "
            "shares of 1. May be repeated.",
        ),
    ] = None,
    fail_on_regression: Annotated[
        bool, typer.Option("--fail-on-regression", help="Exit with 1 if one is established.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(help="Write a page of two runs, with their episodes side by side."),
    ] = None,
    episodes: Annotated[
        int | None,
        typer.Option(min=0, help="How many pairs the page can replay, worst first; default: 10."),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Compare runs on the scenarios that they share: differences, regressions, what changed."""
    from .compare import compare_and_show, page_of

    page = page_of(html, episodes)
    return compare_and_show(runs, measure or (), tolerance or (), fail_on_regression, as_json, page)


@app.command("compile")
def compile_(workers: Workers = 1, debug: Debug = False) -> int:
    """Compile all kernels now, so that no run waits for it; what is in the cache stays."""
    from .compiling import compile_kernels

    return compile_kernels(workers)


@app.command("list")
def list_(
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of scenario files.")
    ] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show scenes, stacks, stages, checks and metrics."""
    from .catalogue import show

    return show(schema, as_json)


_Usage: Any = typer.BadParameter.__base__
"""What typer raises for words that it cannot use; it has no public name there."""


def program() -> int:
    """`main` as a process of its own, which then only has to end."""
    code = main()
    ignore_signals_from_now_on()
    return code


def main(words: Sequence[str] | None = None) -> int:
    """The program `drivestack`.

    Args:
        words: of the command line; None: this process's.

    Returns:
        The exit status. Mistakes have become one sentence on standard error.
    """
    given = sys.argv[1:] if words is None else list(words)
    try:
        with terminated_as_interrupted():
            code = app(given or ["--help"], prog_name="drivestack", standalone_mode=False)
            sys.stdout.flush()
            return code
    except _Usage as error:
        complain(_usage_sentence(error))
        return status.BAD_INPUT
    except (InputError, EnvironmentFault) as error:
        if "--debug" in given:
            traceback.print_exc()
        complain(" ".join(str(error).split()))
        at_fault = isinstance(error, EnvironmentFault)
        return status.BAD_MACHINE if at_fault else status.BAD_INPUT
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EPIPE):
            raise
        if error.errno != errno.EPIPE:  # a reader that goes away, as `head` does, knows
            complain(f"cannot write the result: {error.strerror}; what was finished is in the log")
        sys.stdout = Path(os.devnull).open("w")  # what is left in its buffer would fail again
        return status.BAD_MACHINE
    except (Interrupted, KeyboardInterrupt, typer.Abort):
        complain("interrupted")
        return status.INTERRUPTED


def _usage_sentence(error: Any) -> str:
    """One sentence, and where to read on."""
    text = " ".join(error.format_message().split()).rstrip(".")
    verb = error.ctx.command_path if error.ctx else "drivestack"
    advice = "" if text.endswith("?") else f"; see '{verb} --help'"
    return f"{text[:1].lower()}{text[1:]}{advice}"


if __name__ == "__main__":
    sys.exit(main())
