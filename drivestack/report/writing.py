"""Writes a report: chooses what to embed, gathers every page's data, puts the document together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.sim.files import write_text
from drivestack.sim.parquet import connected

from .document import document
from .episode_block import episode_block, map_block
from .pages import PAGES
from .pages.look import Look, Row, went_wrong
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
    rows, acted = log.episodes(), log.acted()
    return _written(Look(log, rows, acted, tuple(chosen(rows, acted, episodes))), path)


def write_one(folder: str | Path, number: int, path: str | Path) -> Path:
    """Write a report in which exactly one episode can be replayed.

    Raises:
        InputError: as `write`, or there is no such episode.
    """
    log = opened(Path(folder))
    rows = log.episodes()
    check_episode(log, rows, number)
    return _written(Look(log, rows, log.acted(), (number,)), path)


def check_episode(log: RunLog, rows: Sequence[Row], number: int) -> None:
    """Raise InputError unless the run has this episode."""
    known = [row["episode"] for row in rows]
    if number in known:
        return
    if not known:
        raise InputError(f"{log.folder}: no episode {number}; the run has none at all")
    near = min(known, key=lambda one: abs(one - number))
    raise InputError(
        f"{log.folder}: no episode {number}; its {len(known)} are from {known[0]} to {known[-1]}, "
        f"the nearest is {near}"
    )


def chosen(rows: Sequence[Row], acted: dict[int, int], most: int) -> list[int]:
    """Numbers of the episodes to embed, in queue order."""

    def rank(row: Row) -> tuple[bool, bool, int]:
        return not went_wrong(row), not acted.get(row["episode"]), row["episode"]

    return sorted(row["episode"] for row in sorted(rows, key=rank)[: max(most, 0)])


def _written(look: Look, path: str | Path | None) -> Path:
    folder = look.log.folder
    target = Path(path) if path is not None else folder / NAME
    pages = {name: (page.title, page.data(look)) for name, page in PAGES.items()}
    rows = [row for row in look.rows if row["episode"] in look.embedded]
    blocks = with_blocks(look.log, rows, "episode-", {})
    return saved(document(f"{folder.resolve().name} - drivestack", pages, blocks), target)


def saved(text: str, target: Path) -> Path:
    """A page on the disk, whole.

    Raises:
        InputError: as `check_target`. EnvironmentFault: it cannot be written.
    """
    check_target(target)
    try:
        write_text(target, text)
    except OSError as error:
        raise EnvironmentFault(f"{target}: cannot be written ({error.strerror})") from None
    return target


def check_target(target: Path) -> None:
    """Raise InputError where no file can be written: a folder, or below what is none."""
    try:
        is_folder, has_folder = target.is_dir(), target.parent.is_dir()
    except (OSError, ValueError) as error:  # such as a name that is too long
        raise InputError(f"{target!s:.100}: not a path of a file ({error})") from None
    if is_folder:
        raise InputError(f"{target}: is a folder; give the name of a file to write")
    if not has_folder:
        raise InputError(f"{target}: there is no folder {target.parent} to write it into")


def with_blocks(
    log: RunLog, rows: Sequence[Row], prefix: str, there: Mapping[str, str]
) -> dict[str, str]:
    """Episodes, and the maps that they are driven on, as blocks by name.

    Args:
        rows: of the episodes. prefix: of their names. there: blocks that need not be made again.
    """
    events = log.events([row["episode"] for row in rows])
    found: dict[str, str] = {}
    with connected() as connection:
        for row in rows:
            replay = replay_of(log, row, events[row["episode"]], connection)
            found[f"{prefix}{row['episode']}"] = episode_block(replay)
            if (name := f"map-{row['map']}") not in found and name not in there:
                found[name] = map_block(log, row["map"], connection)
    return found
