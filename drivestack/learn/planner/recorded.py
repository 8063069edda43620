"""Makes demonstrations of recorded drivers; what is done is in files of a folder."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.behavior import tokens
from drivestack.core.errors import InputError
from drivestack.core.sources import source_digest
from drivestack.learn.families import (
    CALIBRATION,
    TRAINING,
    families_in,
    families_of,
)
from drivestack.learn.folder import made, pinned
from drivestack.learn.pool import Advance, all_done
from drivestack.scenario.commonroad.smoothing import ORDER, SECONDS
from drivestack.scenario.loader import Document
from drivestack.sim.files import sha256_of, write_text
from drivestack.sim.manifest import versions

from . import demonstrations
from .demonstrations import Demonstrations
from .recalling import KEPT, REASONS, recalled
from .sides import LEAST, RECORDED, Sides, file_of, sides_of
from .table import table_of
from .teaching import FACTS, PLAN
from .weighing import weighed


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is asked for.

    Attributes:
        files: of scenarios with recordings. out: the folder. unseen: sites that are left out; None:
        the usual ones.
    """

    files: tuple[Path, ...]
    out: Path
    unseen: tuple[str, ...] | None = None
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Remembering:
    """One recording as a task (`learn.pool.Task`).

    Attributes:
        document: id of the scenario. drives: numbers of vehicles and seeds. files: of scenarios;
        folder: where it goes.
    """

    document: str
    site: str
    drives: tuple[tuple[int, int], ...]
    files: tuple[str, ...]
    folder: Path

    @property
    def part(self) -> Path:
        """Its file."""
        return self.folder / f"{self.document}.npz"

    @property
    def notes(self) -> Path:
        """What became of its moments."""
        return self.folder / f"{self.document}.notes.json"

    def is_done(self) -> bool:
        """Whether its file is there; the notes are written before it."""
        return self.part.exists()

    def do(self) -> None:
        """Drive as recorded, and write what was done."""
        document = families_of(self.files)[self.document]
        found, notes = recalled(document, self.site, self.drives)
        told = {"count": notes.count, "average": notes.average, "final": notes.final}
        write_text(self.notes, json.dumps(told))
        demonstrations.write(self.part, found)


def make_recorded(asked: Recorded, advance: Advance) -> dict[str, Any]:
    """Collect what is not collected yet; returns the facts that are also in the folder.

    Raises:
        InputError: one sentence: a file is wrong or no recording, the folder is of something else.
        EnvironmentFault: the folder cannot be made.
        KeyboardInterrupt: what was finished is in files.
    """
    documents = families_in(asked.files)
    sides = sides_of(documents, asked.unseen)
    tasks, provenance = _tasks(asked, sides), _provenance(asked, documents, sides)
    made(asked.out)
    pinned(asked.out / PLAN, provenance, "demonstrations")
    all_done(tasks, asked.workers, "recalling", advance)
    found = Demonstrations.joined([demonstrations.read(task.part) for task in tasks])
    if len(found) == 0:
        raise InputError(f"nobody was recorded there for {LEAST:g} s in a way that can be learned")
    facts = provenance | {
        "sha256": found.digest(),
        "moments": len(found),
        "drives": sum(len(task.drives) for task in tasks),
        **_noted([json.loads(task.notes.read_text()) for task in tasks]),
        "collected": table_of(found),
        "drawn": table_of(found, weighed(found)),
    }
    write_text(asked.out / FACTS, json.dumps(facts, indent=1))
    return facts


def _tasks(asked: Recorded, sides: Sides) -> list[Remembering]:
    """A task a recording; drives are numbered by the seeds of their side."""
    tasks, used = [], Counter[bool]()
    files = tuple(map(str, asked.files))
    for window in sides.windows:
        validates = window.name in sides.held_out
        seeds = CALIBRATION if validates else TRAINING
        own = []
        for vehicle in sides.drives[window.name]:
            own.append((vehicle, seeds[used[validates] % len(seeds)]))
            used[validates] += 1
        tasks.append(Remembering(window.name, window.site, tuple(own), files, asked.out))
    return tasks


def _noted(notes: list[dict[str, Any]]) -> dict[str, Any]:
    """What became of the moments: shares [%], and how far what is learned is off [m]."""
    count = Counter[str]()
    for one in notes:
        count.update(one["count"])
    average, final = (
        np.array([value for one in notes for value in one[key]]) for key in ("average", "final")
    )
    whole = count.total()
    return {
        "looked_at": whole,
        "shares": {name: round(100.0 * count[name] / whole, 2) for name in (KEPT, *REASONS)},
        "ade_m": {"mean": float(average.mean()), "p95": float(np.percentile(average, 95))},
        "fde_m": {"mean": float(final.mean()), "p95": float(np.percentile(final, 95))},
    }


def _provenance(asked: Recorded, documents: dict[str, Document], sides: Sides) -> dict[str, Any]:
    """All that the result depends on."""
    package = Path(tokens.__file__).parents[1]
    names = [window.name for window in sides.windows]
    return {
        "kind": "demonstrations",
        "experts": [RECORDED],
        "filter": f"Savitzky-Golay over {SECONDS:g} s, order {ORDER}",
        "unseen": list(sides.unseen),
        "learned": [name for name in names if name not in sides.held_out],
        "held_out": [name for name in names if name in sides.held_out],
        "files": {str(file): sha256_of(file) for file in asked.files},
        "recordings": {name: sha256_of(file_of(documents[name])) for name in names},
        "code": source_digest(Path(__file__), package),
        "versions": versions(),
    }
