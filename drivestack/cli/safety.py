"""The verbs of `safety` and their options; what they do is loaded when they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import status
from .choices import WithChoices, WithDefault, names_in
from .options import (
    Batch,
    Bind,
    Checks,
    Cluster,
    ControlLatency,
    CriticFile,
    Debug,
    Json,
    Only,
    Out,
    PlanLatency,
    Price,
    Report,
    Resume,
    Seed,
    Shard,
    Smoothed,
    Traffic,
    Vehicle,
    Workers,
)

safety = typer.Typer(
    cls=WithDefault, help="Judge the safety layer, and drivers to compare it with."
)


@safety.callback()
def _safety() -> None:
    """Judge the safety layer, and drivers to compare it with."""


@safety.command(WithDefault.DEFAULT, cls=WithChoices, epilog=status.EXPLAINED)
def suite(
    scenarios: Annotated[
        list[Path], typer.Argument(metavar="SUITE", help="As of 'drivestack run'.")
    ],
    stack: Annotated[str, typer.Option(help="Who drives: {stacks}.")] = "idm",
    controller: Annotated[str, typer.Option(help="Who tracks the plan: {controllers}.")] = "mpc",
    backend: Annotated[str, typer.Option(help="Which world: {backends}.")] = "engine",
    checks: Checks = None,
    bind: Bind = None,
    price: Price = None,
    critic: CriticFile = None,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Also leave out each check, and have it alone.")
    ] = False,
    prices: Annotated[
        str | None, typer.Option(metavar="A,B", help="Also the layer at each of these prices.")
    ] = None,
    horizon: Annotated[
        float, typer.Option(help="How long the twin of an intervention is followed [s].")
    ] = 8.0,
    batch: Batch = 32,
    workers: Workers = 1,
    out: Out = None,
    resume: Resume = False,
    shard: Shard = "1/1",
    only: Only = None,
    cluster: Cluster = None,
    seed: Seed = None,
    vehicle: Vehicle = None,
    every_vehicle: Annotated[
        bool, typer.Option("--every-vehicle", help="In recordings: drive each in turn.")
    ] = False,
    traffic: Traffic = None,
    smoothed: Smoothed = False,
    plan_latency: PlanLatency = 0,
    control_latency: ControlLatency = 0,
    report: Report = True,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """What the layer's interventions were worth: with it, without it, and a twin of each."""
    from .interventions import evaluate_and_show

    return evaluate_and_show(
        scenarios, out, as_json, prices, report, resume=resume, horizon=horizon, ablate=ablate,
        stack=stack, controller=controller, backend=backend, checks=names_in(checks),
        bind=names_in(bind), price=price, critic=critic, batch=batch, workers=workers, shard=shard,
        only=only, cluster=cluster, seed=seed, vehicle="all" if every_vehicle else vehicle,
        traffic=traffic, smoothed=smoothed, plan_latency=plan_latency,
        control_latency=control_latency,
    )  # fmt: skip


Noise = Annotated[
    str,
    typer.Option(
        metavar="Y,SPEED",
        help="Deviations of the tracker for the rows under noise [m, m/s]; none: no such rows.",
    ),
]
NoiseSeed = Annotated[int, typer.Option(min=0, help="Of the noise.")]
Every = Annotated[
    int, typer.Option(min=1, metavar="N", help="Drive one of N cases, drawn at random.")
]
Listed = Annotated[
    str | None,
    typer.Option("--list", metavar="KIND", help="Name cases of our row: missed, needless or harm."),
]
Picture = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Write curves over the price at each latency, .svg or .html."
    ),
]
Through = Annotated[
    str | None,
    typer.Option(help="Drive the grid by this stack too, through the engine: {stacks}."),
]


@safety.command("r157-grid", cls=WithChoices, epilog=status.EXPLAINED)
def r157_grid(
    latency: Annotated[float, typer.Option(help="From sensing to braking [s].")] = 0.75,
    latency_model: Annotated[
        str,
        typer.Option(
            help="delay: of every command; timer: of attention, as reference models have it."
        ),
    ] = "timer",
    price: Annotated[
        float | None,
        typer.Option(help="Of a needless brake, in collisions; default: act on what is certain."),
    ] = None,
    persistence: Annotated[
        int, typer.Option(min=1, help="Samples with motion before the rule acts.")
    ] = 2,
    profile: Annotated[
        str,
        typer.Option(help="How the other one moves aside: ramp, slow-ramp, fast-ramp, sinusoid."),
    ] = "ramp",
    noise: Noise = "0.05,0.05",
    seed: NoiseSeed = 0,
    every: Every = 1,
    listed: Listed = None,
    out: Picture = None,
    stack: Through = None,
    workers: Workers = 1,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Drive the 29,970 cut-ins of UN R157's study by the what-if rule and reference models."""
    from .r157_grid import Asked, grid_and_show

    asked = Asked(
        latency,
        latency_model,
        price,
        persistence,
        profile,
        noise,
        seed,
        every,
        listed,
        out,
        stack,
        workers,
    )
    return grid_and_show(asked, as_json)
