"""Runs that are kept: one folder a driver and scene, driven once and read ever after."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from drivestack.core.sources import source_digest
from drivestack.core.start import EgoKind, Start
from drivestack.scenario.loader import documents
from drivestack.scenario.override import Override, overridden
from drivestack.scenario.resolve import starts as resolved
from drivestack.sim import suite as runner
from drivestack.sim.driver import Driver
from drivestack.sim.files import write_text
from drivestack.sim.log import RunFolder
from drivestack.sim.progress import Advance
from drivestack.sim.reading import MANIFEST
from drivestack.sim.settings import Settings

REFERENCE = "idm-as-ego"
"""highway-env's own IDM/MOBIL driver in the ego's place."""

IN_FORCE = {
    "slot": ("acc_max", "comfort_acc_max", "comfort_acc_min", "distance_wanted", "politeness",
             "max_braking_imposed", "lane_change_delay"),
    "bodies": ("time_wanted", "delta", "min_gain", "target_speed"),
}  # fmt: skip
"""IDM's and MOBIL's constants in a first state: of the scene, and of the ego's row."""

_KEY, _CONSTANTS = "asked.json", "constants.json"
_PACKAGE = Path(runner.__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Request:
    """What a page is made of.

    Attributes:
        suite: the file. scenes: of its scenes, in order. drivers: stacks, and `REFERENCE`.
        first, seeds: the seeds first ... first + seeds - 1. folder: where runs are kept.
        workers: processes.
    """

    suite: Path
    scenes: tuple[str, ...]
    drivers: tuple[str, ...]
    first: int
    seeds: int
    folder: Path
    workers: int

    def place(self, driver: str, scene: str) -> Path:
        """The run folder of one driver on one scene."""
        return self.folder / driver / scene

    def key(self, driver: str, scene: str) -> dict[str, Any]:
        """All that a kept run depends on."""
        return {
            "driver": driver,
            "scene": scene,
            "first": self.first,
            "seeds": self.seeds,
            "suite": self.suite.read_text(),
            "code": code_digest(),
        }

    def is_kept(self, driver: str, scene: str) -> bool:
        """Whether exactly this has been driven, to the end and by this code."""
        place = self.place(driver, scene)
        try:
            asked = json.loads((place / _KEY).read_text())
            manifest = json.loads((place / MANIFEST).read_text())
        except (OSError, ValueError):
            return False
        return asked == self.key(driver, scene) and not manifest["interrupted"]


@cache
def code_digest() -> str:
    """Hash of all code that a run depends on."""
    return source_digest(Path(runner.__file__).resolve(), _PACKAGE)[:16]


def drive(request: Request) -> None:
    """Drive what is not kept yet; after Ctrl-C what has finished is kept."""
    for driver in request.drivers:
        due = [scene for scene in request.scenes if not request.is_kept(driver, scene)]
        if not due:
            _note(f"{driver}: kept")
            continue
        for scene in due:
            _drive_one(request, driver, scene, _starts(request, driver, scene))


def _starts(request: Request, driver: str, scene: str) -> list[Start]:
    """First states on one scene, in the order of seeds."""
    ego = EgoKind.IDM if driver == REFERENCE else EgoKind.STACK
    wanted = range(request.first, request.first + request.seeds)
    starts = [s for s in _all_seeds(request.suite, scene, ego) if s.seed in wanted]
    if [start.seed for start in starts] != list(wanted):
        raise SystemExit(
            f"{request.suite}: {scene} should have the seeds {wanted[0]} to {wanted[-1]}, "
            f"in order; {len(starts)} of them are there"
        )
    return starts


@cache
def _all_seeds(path: Path, scene: str, ego: EgoKind) -> list[Start]:
    """The suite's first states on one scene; drivers that are put in place alike share them."""
    _note(f"reading first states of {scene}, ego {ego.value}")
    own = [document for document in documents(path) if document.scenario.map.env == scene]
    return list(resolved([overridden(document, Override(ego=ego)) for document in own]))


def _drive_one(request: Request, driver: str, scene: str, starts: Sequence[Start]) -> None:
    place = request.place(driver, scene)
    shutil.rmtree(place, ignore_errors=True)
    settings = Settings(
        driver=Driver() if driver == REFERENCE else Driver(stack=driver), workers=request.workers
    )

    def tell(advance: Advance) -> None:
        done, total = advance.done, advance.total
        if sys.stderr.isatty() or done == total:
            end = "\n" if done == total else "\r"
            print(f"{driver} on {scene}: {done} of {total}", end=end, file=sys.stderr, flush=True)

    runner.run_starts(starts, settings, RunFolder(place), tell)
    write_text(place / _CONSTANTS, json.dumps(_constants(starts)))
    write_text(place / _KEY, json.dumps(request.key(driver, scene)))


def _constants(starts: Sequence[Start]) -> dict[str, tuple[float, float]]:
    """Least and largest value of every constant of `IN_FORCE` over some first states."""
    tables = {
        "slot": [start.slot[0] for start in starts],
        "bodies": [start.bodies[int(start.slot["ego"][0])] for start in starts],
    }
    found = {}
    for table, names in IN_FORCE.items():
        for name in names:
            values = [float(row[name]) for row in tables[table]]
            found[name] = min(values), max(values)
    return found


def constants(request: Request, scene: str) -> dict[str, tuple[float, float]]:
    """What drove the reference on one scene: least and largest value of each constant."""
    return json.loads((request.place(REFERENCE, scene) / _CONSTANTS).read_text())


def episodes(request: Request, driver: str, scene: str) -> list[dict[str, Any]]:
    """The log's rows of one driver on one scene, in the order of seeds."""
    path = request.place(driver, scene) / "episodes.parquet"
    with duckdb.connect(config={"threads": 1}) as connection:
        found = connection.execute("SELECT * FROM read_parquet(?) ORDER BY seed", [str(path)])
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def manifest(request: Request, driver: str, scene: str) -> dict[str, Any]:
    """With what a run was made."""
    return json.loads((request.place(driver, scene) / MANIFEST).read_text())


def seconds(request: Request, pairs: Iterable[tuple[str, str]]) -> float:
    """Wall time that all kept runs took together [s]."""
    return sum(manifest(request, driver, scene)["wall_seconds"] for driver, scene in pairs)


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
