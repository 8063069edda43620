"""Makes demonstrations of recorded drivers; what is done is in files of a folder."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.behavior import tokens
from drivestack.behavior.knots import DT, STEPS
from drivestack.core.errors import InputError
from drivestack.core.sources import source_digest
from drivestack.learn.families import (
    CALIBRATION,
    TRAINING,
    check_unseen,
    families_in,
    families_of,
)
from drivestack.learn.folder import made, pinned
from drivestack.learn.pool import Advance, all_done
from drivestack.scenario.commonroad.contents import Contents, read_contents
from drivestack.scenario.commonroad.obstacles import Track
from drivestack.scenario.commonroad.seats import unsuited
from drivestack.scenario.commonroad.smoothing import ORDER, SECONDS
from drivestack.scenario.loader import Document
from drivestack.scenario.map_schema import CommonRoadMap
from drivestack.sim.files import sha256_of, write_text
from drivestack.sim.manifest import versions

from . import demonstrations
from .demonstrations import Demonstrations
from .intervals import Window, held_out, site_of
from .recalling import KEPT, REASONS, recalled
from .table import table_of
from .teaching import FACTS, PLAN
from .weighing import weighed

RECORDED = "recorded"
"""The expert who was recorded, for people."""

UNSEEN = ("USA_Lanker",)
"""Sites that are never learned from, unless others are named. Ours: NGSIM's older files of
Lankershim tell of no lights, so drivers stop for what nobody sees; and 25 files make a test."""

_LEAST = STEPS * DT + 0.5
"""Recorded for so long [s], a drive has a moment to learn from, half a second after it begins."""


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
    told = {name: _contents(document) for name, document in documents.items()}
    sites = {site_of(contents.name): documents[name] for name, contents in told.items()}
    unseen = asked.unseen
    if unseen is None:
        unseen = tuple(name for name in UNSEEN if name in sites)
    check_unseen(sites, unseen)
    drives = _drives({n: c for n, c in told.items() if site_of(c.name) not in unseen})
    windows = [
        Window(name, site_of(told[name].name), _numbers(told[name]), len(own))
        for name, own in drives.items()
    ]
    late = _late(windows)
    tasks = _tasks(asked, windows, drives, late)
    provenance = _provenance(asked, documents, windows, unseen, late)
    made(asked.out)
    pinned(asked.out / PLAN, provenance, "demonstrations")
    all_done(tasks, asked.workers, "recalling", advance)
    found = Demonstrations.joined([demonstrations.read(task.part) for task in tasks])
    if len(found) == 0:
        raise InputError(f"nobody was recorded there for {_LEAST:g} s in a way that can be learned")
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


def _contents(document: Document) -> Contents:
    return read_contents(_file_of(document))


def _file_of(document: Document) -> Path:
    """Its recording; raises InputError where it has none."""
    road = document.scenario.map
    if not isinstance(road, CommonRoadMap):
        raise InputError(
            f"{document.block.place}: '{document.scenario.id}' is no recording, which expert "
            f"'{RECORDED}' needs: he can only tell what he did"
        )
    return document.roots.find(document.folder, road.file)


def _numbers(contents: Contents) -> frozenset[int]:
    return frozenset(track.id for track in contents.tracks if track.moves)


def _drives(told: dict[str, Contents]) -> dict[str, list[int]]:
    """Numbers of the vehicles of every recording from whom something can be learned, each drive
    once: some files hold the same ones."""
    known: set[str] = set()
    found: dict[str, list[int]] = {}
    for name, contents in told.items():
        found[name] = []
        for track in contents.tracks:
            if unsuited(track, contents.clock):
                continue
            seconds = float(track.steps[-1] - track.steps[0]) * contents.clock.dt
            print_of = _print(site_of(contents.name), track)
            if seconds >= _LEAST - 1e-9 and print_of not in known:
                known.add(print_of)
                found[name].append(track.id)
    return {name: numbers for name, numbers in found.items() if numbers}


def _print(site: str, track: Track) -> str:
    """A fingerprint of a drive, wherever its file's clock begins."""
    states = np.ascontiguousarray(np.round(track.states, 3)).tobytes()
    return hashlib.sha256(f"{site} {track.id} ".encode() + states).hexdigest()


def _late(windows: Sequence[Window]) -> frozenset[str]:
    """Names of the recordings to validate with, of each site by itself."""
    sites = sorted({window.site for window in windows})
    return frozenset().union(*(held_out([w for w in windows if w.site == s]) for s in sites))


def _tasks(
    asked: Recorded, windows: list[Window], drives: dict[str, list[int]], late: frozenset[str]
) -> list[Remembering]:
    """A task a recording; drives are numbered by the seeds of their side."""
    tasks, used = [], Counter[bool]()
    for window in windows:
        validates = window.name in late
        seeds = CALIBRATION if validates else TRAINING
        own = []
        for vehicle in drives[window.name]:
            own.append((vehicle, seeds[used[validates] % len(seeds)]))
            used[validates] += 1
        files = tuple(map(str, asked.files))
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


def _provenance(
    asked: Recorded,
    documents: dict[str, Document],
    windows: list[Window],
    unseen: Sequence[str],
    late: frozenset[str],
) -> dict[str, Any]:
    """All that the result depends on."""
    package = Path(tokens.__file__).parents[1]
    names = [window.name for window in windows]
    return {
        "kind": "demonstrations",
        "experts": [RECORDED],
        "filter": f"Savitzky-Golay over {SECONDS:g} s, order {ORDER}",
        "unseen": list(unseen),
        "learned": [name for name in names if name not in late],
        "held_out": [name for name in names if name in late],
        "files": {str(file): sha256_of(file) for file in asked.files},
        "recordings": {name: sha256_of(_file_of(documents[name])) for name in names},
        "code": source_digest(Path(__file__), package),
        "versions": versions(),
    }
