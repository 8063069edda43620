"""The verb `collect`: what experts do, as files to learn from; goes on where it was stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from . import status
from .choices import names_in
from .options import Debug, Json, PolicyFile, ScorerFile
from .screen import complain
from .training import progress_bar


def collect(
    scenarios: Annotated[
        list[Path], typer.Argument(help="Scenarios and suites; each of their ids is a family.")
    ],
    out: Annotated[Path, typer.Option(help="Folder; the same again goes on where it stopped.")],
    experts: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Who is asked what to do, by turns; default: all."),
    ] = None,
    drivers: Annotated[
        str,
        typer.Option(metavar="A,B", help="Stacks that drive; expert: whoever is asked himself."),
    ] = "expert,pdm_lane",
    unseen: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Families to leave out, or none; default: rare-animal,rare-opening-door.",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(min=2, help="Of each family and driver.")] = 20,
    policy: PolicyFile = None,
    scorer: ScorerFile = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Ask an expert what to do at moments of drives, for planners to learn from."""
    from drivestack.learn.planner.teaching import FACTS, Teaching, make_demonstrations
    from drivestack.sim.experts import EXPERTS

    asked = Teaching(
        files=tuple(scenarios),
        out=out,
        experts=tuple(names_in(experts) or EXPERTS),
        drivers=tuple(names_in(drivers) or ()),
        unseen=None if unseen is None else tuple(names_in(unseen) or ()),
        seeds=seeds,
        policy=None if policy is None else Path(policy),
        scorer=None if scorer is None else Path(scorer),
        workers=workers,
    )
    try:
        with progress_bar(shown=not as_json) as advance:
            facts = make_demonstrations(asked, advance)
    except KeyboardInterrupt:
        complain(f"interrupted; the same command goes on with what is in {out}")
        return status.INTERRUPTED
    if as_json:
        print(json.dumps(facts))
        return status.OK
    for title, shares in facts["table"].items():
        told = ", ".join(f"{name} {share:g} %" for name, share in shares.items())
        print(f"{title}: {told}")
    print(f"{facts['moments']} moments in {out}; all facts: {out / FACTS}")
    return status.OK
