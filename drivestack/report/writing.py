"""Writes a report: chooses what to embed, gathers every page's data, puts the document together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.sim.files import write_text
from drivestack.sim.parquet import connected


from .document import document
from .episode_block import episode_block, map_block
from .pages import PAGES
from .pages.look import Look, went_wrong
from .reading import RunLog, opened
from .replay import replay_of

EMBEDDED = 20
"""Episodes in a page unless told otherwise: about 3 MB at most."""

NAME = "report.html"


def write(folder: str | Path, path: str | Path | None = None, episodes: int = EMBEDDED) -> Path:
    """Write the report of a finished run.

    Args:
        folder: of the run. path: of the file; None: ``report.html`` in the folder.
        episodes: how many can be replayed in it: those that went wrong first, then those with
        interventions, then the rest.

    Raises:
        InputError: the folder is no run that a report can be made of.
    """
    log = opened(Path(folder))
    rows, acted = list(log.episodes), log.acted()
    numbers = chosen(rows, acted, episodes)
    return _written(log, Look(log, rows, acted, tuple(numbers)), path)


def write_one(folder: str | Path, number: int, path: str | Path) -> Path:
    """Write a report in which exactly one episode can be replayed.

    Raises:
        InputError: as `write`, or there is no such episode.
    """
    log = opened(Path(folder))
    check_episode(log, number)
    rows = list(log.episodes)
    return _written(log, Look(log, rows, log.acted(), (number,)), path)


def check_episode(log: RunLog, number: int) -> None:
    """Raise InputError unless the run has this episode."""
    last = len(log.episodes) - 1
    if not 0 <= number <= last:
        near = min(max(number, 0), last)
        raise InputError(
            f"{log.folder}: no episode {number}; episodes are 0 to {last}, the nearest is {near}"
        )


def chosen(rows: Sequence[dict[str, Any]], acted: dict[int, int], most: int) -> list[int]:
    """Numbers of the episodes to embed, in queue order."""
    def rank(row: dict[str, Any]) -> tuple[bool, bool, int]:
        return not went_wrong(row), not acted.get(row["episode"]), row["episode"]

    return sorted(row["episode"] for row in sorted(rows, key=rank)[: max(most, 0)])


def _written(log: RunLog, look: Look, path: str | Path | None) -> Path:
    target = Path(path) if path is not None else log.folder / NAME
    pages = {name: (page.title, page.data(look)) for name, page in PAGES.items()}
    text = document(f"{log.folder.resolve().name} - drivestack", pages, _blocks(log, look.embedded))
    try:
        write_text(target, text)
    except OSError as error:
        raise EnvironmentFault(f"{target}: cannot be written ({error.strerror})") from None
    return target


def _blocks(log: RunLog, numbers: Sequence[int]) -> dict[str, str]:
    """Episodes and the maps that they are driven on, by name."""
    events = log.events(numbers)
    found: dict[str, str] = {}
    with connected() as connection:
        for number in numbers:
            replay = replay_of(log, number, events[number], connection)
            found[f"episode-{number}"] = episode_block(replay)
            digest = str(replay.row["map"])
            if f"map-{digest}" not in found:
                found[f"map-{digest}"] = map_block(log, digest, connection)
    return found
