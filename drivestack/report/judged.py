"""Writes the page of a judged safety layer: `safety.json` and its interventions as figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drivestack.sim.interventions.reading import rows_in

from .document import document
from .pages import JUDGED, WATCHED
from .pages.judgement import Judgement
from .writing import NAME, saved


def write_judgement(folder: str | Path, facts: dict[str, Any]) -> Path:
    """Write the page into the folder of an evaluation.

    Args:
        facts: as `drivestack.sim.interventions.facts` makes them, with twins or of human drivers.

    Raises:
        EnvironmentFault: it cannot be written.
    """
    whole = next(iter(facts["layers"].values()))
    run = Path(whole["folder"])
    names = {row["episode"]: row["scenario"] for row in rows_in(run, "episodes")}
    spells = [{**row, "scenario": names[row["episode"]]} for row in rows_in(run, "interventions")]
    judged = Judgement(facts, spells)
    kinds = JUDGED if "horizon" in facts else WATCHED
    pages = {name: (page.title, page.data(judged)) for name, page in kinds.items()}
    title = f"{Path(folder).resolve().name} - safety - drivestack"
    return saved(document(title, pages, {}), Path(folder) / NAME)
