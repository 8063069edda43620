"""The verbs of `safety` and their options; what they do is loaded when they are called."""

from __future__ import annotations

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
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Drive the 29,970 cut-ins of UN R157's study by the what-if rule and reference models."""
    from .r157_grid import grid_and_show

    return grid_and_show(latency, latency_model, price, persistence, profile, as_json)
