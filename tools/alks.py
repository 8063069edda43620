"""Import every valid parameter set of the public ALKS templates, and count them by family.

    python tools/alks.py FOLDER [--shard 1/1] [--workers 2] [--out docs/alks.md]

FOLDER holds the variation files of the templates. Importing means all that `drivestack run` does
before it drives: parameters, road network, storyboard, first states. What cannot be imported is
named. Interrupt it when you like; a shard takes every n-th set.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

from drivestack.core.errors import InputError
from drivestack.scenario.expand import case_at, combinations, included
from drivestack.scenario.loader import documents
from drivestack.scenario.resolve import resolve
from drivestack.sim.files import write_text
from drivestack.sim.settings import Shard

_CHUNK = 250
"""Sets that a process imports at a time."""

HEAD = """# The ALKS grid

Made by `python tools/alks.py FOLDER{arguments}`; nothing here is typed. Every valid parameter set
of the public templates of UN R157 (OpenMSL's `logical_scenarios`) is imported: parameters, roads,
storyboard, first states. *Raw*: sets before the files' own constraints{shard}.

{table}

{total} of {valid} valid sets imported, {seconds:.0f} s with {workers} processes.
"""


@dataclass(frozen=True, slots=True)
class Family:
    """A variation file: its sets before and after its constraints, and how many were imported."""

    name: str
    raw: int
    valid: int
    imported: int
    seconds: float


def main() -> int:
    """Import, print, write."""
    options = _options()
    files = sorted(options.folder.glob("*_variation*.xosc"))
    if not files:
        print(f"{options.folder}: holds no *_variation*.xosc", file=sys.stderr)
        return 2
    begun = time.perf_counter()
    found: list[Family] = []
    for path in files:
        print(f"{len(found)}/{len(files)} {path.stem}", file=sys.stderr, flush=True)
        found.append(_family(path, options.shard, options.workers))
    page = _page(found, time.perf_counter() - begun, options)
    print(page)
    if options.out:
        write_text(options.out, page)
    return 0 if all(one.imported == one.valid for one in found) else 1


def _family(path: Path, shard: Shard, workers: int) -> Family:
    begun = time.perf_counter()
    (document,) = documents(path)
    share = [number for place, number in enumerate(included(document)) if shard.holds(place)]
    chunks = [share[at : at + _CHUNK] for at in range(0, len(share), _CHUNK)]
    engine: Any = joblib.Parallel
    parallel = engine(workers, return_as="generator_unordered", batch_size=1)
    failed = 0
    for failures in parallel(joblib.delayed(_failures)(path, chunk) for chunk in chunks):
        failed += len(failures)
        for sentence in failures:
            print(sentence, file=sys.stderr)
    seconds = time.perf_counter() - begun
    return Family(path.stem, combinations(document), len(share), len(share) - failed, seconds)


def _failures(path: Path, numbers: list[int]) -> list[str]:
    """A sentence for each set that cannot be imported."""
    (document,) = documents(path)
    sentences = []
    for number in numbers:
        try:
            list(resolve(case_at(document, number)))
        except InputError as error:
            sentences.append(str(error))
    return sentences


def _page(found: list[Family], seconds: float, options: argparse.Namespace) -> str:
    rows = [
        "| family | raw | valid | imported | seconds |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {one.name} | {one.raw:,} | {one.valid:,} | {one.imported:,} | {one.seconds:.1f} |"
            for one in found
        ),
    ]
    return HEAD.format(
        shard=""
        if options.shard.count == 1
        else f"; here one shard, {options.shard}, of the valid",
        arguments="" if options.shard.count == 1 else f" --shard {options.shard}",
        table="\n".join(rows),
        total=f"{sum(one.imported for one in found):,}",
        valid=f"{sum(one.valid for one in found):,}",
        seconds=seconds,
        workers=options.workers,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shard", type=Shard.of, default=Shard())
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
