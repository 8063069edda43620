"""The verb `collect`: what experts do, as files to learn from; goes on where it was stopped."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from drivestack.core.errors import InputError

from . import status
from .choices import names_in
from .options import Debug, Json, PolicyFile, ScorerFile, Unseen
from .screen import complain
from .training import progress_bar

Experts = Annotated[
    str | None,
    typer.Option(
        metavar="A,B",
        help="Who is asked what to do, by turns; default: the oracles. recorded, alone: the "
        "recorded drivers of recordings.",
    ),
]


def collect(
    scenarios: Annotated[
        list[Path], typer.Argument(help="Scenarios and suites; each of their ids is a family.")
    ],
    out: Annotated[Path, typer.Option(help="Folder; the same again goes on where it stopped.")],
    experts: Experts = None,
    drivers: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Stacks that drive; expert: whoever is asked himself; default: expert,pdm_lane.",
        ),
    ] = None,
    unseen: Unseen = None,
    seeds: Annotated[
        int | None, typer.Option(min=2, help="Of each family and driver; default: 20.")
    ] = None,
    policy: PolicyFile = None,
    scorer: ScorerFile = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Ask an expert what to do at moments of drives, for planners to learn from."""
    from drivestack.learn.planner.recorded import Recorded, make_recorded
    from drivestack.learn.planner.sides import RECORDED
    from drivestack.learn.planner.teaching import Teaching, make_demonstrations
    from drivestack.sim.experts import STYLES

    names, files = names_in(experts) or tuple(STYLES), tuple(scenarios)
    left = None if unseen is None else tuple(names_in(unseen) or ())
    if RECORDED in names:
        _check_alone(names, drivers=drivers, seeds=seeds, policy=policy, scorer=scorer)
        make = partial(make_recorded, Recorded(files, out, left, workers))
    else:
        asked = Teaching(
            files=files,
            out=out,
            experts=names,
            drivers=tuple(names_in("expert,pdm_lane" if drivers is None else drivers) or ()),
            unseen=left,
            seeds=20 if seeds is None else seeds,
            policy=None if policy is None else Path(policy),
            scorer=None if scorer is None else Path(scorer),
            workers=workers,
        )
        make = partial(make_demonstrations, asked)
    try:
        with progress_bar(shown=not as_json) as advance:
            facts = make(advance)
    except KeyboardInterrupt:
        complain(f"interrupted; the same command goes on with what is in {out}")
        return status.INTERRUPTED
    if as_json:
        print(json.dumps(facts))
        return status.OK
    _tell(facts, out)
    return status.OK


def _check_alone(names: tuple[str, ...], **others: object) -> None:
    """Raise InputError where more is asked of recorded drivers than they can tell."""
    if len(names) > 1:
        raise InputError("expert 'recorded' is asked alone: give the others a folder of their own")
    for name, value in others.items():
        if value is not None:
            raise InputError(f"--{name}: expert 'recorded' tells of recorded drives alone")


def _tell(facts: dict[str, Any], out: Path) -> None:
    """What was collected, for people."""
    from drivestack.learn.planner.table import above
    from drivestack.learn.planner.teaching import FACTS

    for title, shares in facts["collected"].items():
        told = ", ".join(f"{name} {share:g} %" for name, share in shares.items())
        print(f"{title}: {told}")
    often = ", ".join(above(facts["drawn"], 25.0)) or "nothing"
    print(f"more than a quarter of what training draws: {often}")
    print(f"{facts['moments']} moments in {out}; all facts: {out / FACTS}")
