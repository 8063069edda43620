"""The verbs of `safety` and their options; what they do is loaded when they are called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import status
from .options import Debug, Json

safety = typer.Typer(help="Judge the safety layer, and drivers to compare it with.")


@safety.callback()
def _safety() -> None:
    """Judge the safety layer, and drivers to compare it with."""


@safety.command("r157-grid", epilog=status.EXPLAINED)
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
    noise: Annotated[
        str,
        typer.Option(
            metavar="Y,SPEED",
            help="Deviations of the tracker for the rows under noise [m, m/s]; none: no such rows.",
        ),
    ] = "0.05,0.05",
    seed: Annotated[int, typer.Option(min=0, help="Of the noise.")] = 0,
    every: Annotated[int, typer.Option(min=1, metavar="N", help="Drive each N-th case only.")] = 1,
    listed: Annotated[
        str | None,
        typer.Option(
            "--list", metavar="KIND", help="Name cases of our row: missed, needless or harm."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write curves over the price at each latency, .svg or .html."
        ),
    ] = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Drive the 29,970 cut-ins of UN R157's study by the what-if rule and reference models."""
    from .r157_grid import Asked, grid_and_show

    asked = Asked(
        latency, latency_model, price, persistence, profile, noise, seed, every, listed, out
    )
    return grid_and_show(asked, as_json)
