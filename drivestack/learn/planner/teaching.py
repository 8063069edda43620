"""Makes demonstrations: families, drivers and seeds; what is done is in files of a folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from drivestack.behavior import tokens
from drivestack.behavior.checkpoint import check_given
from drivestack.core.errors import InputError, unknown
from drivestack.core.sources import source_digest
from drivestack.learn.families import CALIBRATION, TRAINING, families_in, families_of, left_out
from drivestack.learn.folder import made, pinned
from drivestack.learn.pool import Advance, all_done
from drivestack.sim.experts import EXPERTS, STYLES
from drivestack.sim.files import sha256_of, write_text
from drivestack.sim.manifest import versions
from drivestack.stack import APPRAISED, LEARNED, STACKS

from . import demonstrations
from .collecting import Job, collected
from .demonstrations import Demonstrations
from .table import table_of
from .weighing import weighed

UNSEEN = ("rare-animal", "rare-opening-door", "r157.cut-in")
"""Families that are never learned from, unless others are named; the cut-ins are those of the R157
grid."""

HIMSELF = "expert"
"""The driver that is whoever is asked."""

PLAN, FACTS = "plan.json", "demonstrations.json"
"""Files in the folder, beside one `.npz` a job."""


@dataclass(frozen=True, slots=True)
class Teaching:
    """What is asked for.

    Attributes:
        files: of scenarios. out: the folder. experts: names in `EXPERTS`, between whom
        seeds are shared out. drivers: stacks that drive; `expert`: each expert by himself. unseen:
        families that are left out; None: the usual ones.
        seeds: of each family and driver, of which one in `held_out` is of those to validate with.
        batch: scenarios of a job. policy, scorer: checkpoints of drivers that have them; None: the
        shipped ones.
    """

    files: tuple[Path, ...]
    out: Path
    experts: tuple[str, ...] = tuple(STYLES)
    drivers: tuple[str, ...] = (HIMSELF, "pdm_lane")
    unseen: tuple[str, ...] | None = None
    seeds: int = 20
    held_out: int = 10
    batch: int = 10
    policy: Path | None = None
    scorer: Path | None = None
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Lessons:
    """A job as a task (`learn.pool.Task`); files: of scenarios; folder: where it goes."""

    job: Job
    files: tuple[str, ...]
    folder: Path

    @property
    def part(self) -> Path:
        """Its file."""
        return self.folder / f"{self.job.name}.npz"

    def is_done(self) -> bool:
        """Whether its file is there."""
        return self.part.exists()

    def do(self) -> None:
        """Drive and ask, and write the answers."""
        document = families_of(self.files)[self.job.family]
        demonstrations.write(self.part, collected(self.job, document))


def make_demonstrations(asked: Teaching, advance: Advance) -> dict[str, Any]:
    """Collect what is not collected yet; returns the facts that are also in the folder.

    Raises:
        InputError: one sentence: a file or name is wrong, the folder is of something else.
        EnvironmentFault: the folder cannot be made.
        KeyboardInterrupt: what was finished is in files.
    """
    families = families_in(asked.files)
    for document in families.values():
        if document.scenario.map.kind == "commonroad":
            raise InputError(
                f"{document.block.place}: '{document.scenario.id}' is a recording: only "
                "'--experts recorded' learns from it, split by site and time"
            )
    unseen = left_out(families, asked.unseen, UNSEEN)
    for name in asked.experts:
        if name not in EXPERTS:
            raise unknown("expert", name, EXPERTS)
    for name in asked.drivers:
        if name not in STACKS and name != HIMSELF:
            raise unknown("driver", name, [HIMSELF, *STACKS])
    check_given(asked.policy, asked.scorer)
    made(asked.out)
    provenance = _provenance(asked, tuple(families))
    pinned(asked.out / PLAN, provenance, "demonstrations")
    files = tuple(map(str, asked.files))
    learned = [name for name in families if name not in unseen]
    tasks = [Lessons(job, files, asked.out) for job in _jobs(asked, learned)]
    all_done(tasks, asked.workers, "collecting", advance)
    found = Demonstrations.joined([demonstrations.read(task.part) for task in tasks])
    if len(found) == 0:
        raise InputError("no moment of these scenarios has anything to teach")
    facts = provenance | {
        "sha256": found.digest(),
        "moments": len(found),
        "collected": table_of(found),
        "drawn": table_of(found, weighed(found)),
    }
    write_text(asked.out / FACTS, json.dumps(facts, indent=1))
    return facts


def _jobs(asked: Teaching, families: list[str]) -> Iterator[Job]:
    """Jobs with other seeds each; those to validate with come from their own range."""
    late = max(asked.seeds // asked.held_out, 1)
    policy = None if asked.policy is None else str(asked.policy)
    scorer = None if asked.scorer is None else str(asked.scorer)
    for place, family in enumerate(families):
        for turn, driver in enumerate(asked.drivers):
            shift = 7 * (place * len(asked.drivers) + turn)
            for seeds, count in ((TRAINING, asked.seeds - late), (CALIBRATION, late)):
                step = len(seeds) // max(count, 1)
                own = [seeds[(number * step + shift) % len(seeds)] for number in range(count)]
                for number, expert in enumerate(asked.experts):
                    # by turns, so that who is asked about the few to validate with differs
                    his = own[(number + place) % len(asked.experts) :: len(asked.experts)]
                    who = expert if driver == HIMSELF else driver
                    for first in range(0, len(his), asked.batch):
                        some = tuple(sorted(his[first : first + asked.batch]))
                        yield Job(
                            family,
                            who,
                            expert,
                            some,
                            policy if who in LEARNED else None,
                            scorer if who in APPRAISED else None,
                        )


def _provenance(asked: Teaching, families: tuple[str, ...]) -> dict[str, Any]:
    """All that the result depends on."""
    package = Path(tokens.__file__).parents[1]
    told = asdict(asked)
    for name in ("files", "out", "workers", "policy", "scorer"):
        told.pop(name)
    return {
        "kind": "demonstrations",
        "asked": told,
        "policy": sha256_of(asked.policy) if asked.policy else "shipped",
        "scorer": sha256_of(asked.scorer) if asked.scorer else "shipped",
        "families": families,
        "files": {str(file): sha256_of(file) for file in asked.files},
        "code": source_digest(Path(__file__), package),
        "versions": versions(),
    }
