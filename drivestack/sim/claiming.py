"""Taking a run folder: new, or where the same run has stopped; by one process at a time."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.scenario.pins import changed

from . import journal as journals
from .files import TEMPORARY, sha256_of, sync_folder
from .journal import Journal, Part
from .log import RunFolder
from .signals import PREFIX as SIGNALS


@contextlib.contextmanager
def claimed(folder: RunFolder, header: dict[str, Any], resume: bool) -> Iterator[Journal]:
    """Hold a folder for this process, new, or with `resume` perhaps begun before.

    Args:
        header: what is to be run.

    Raises:
        InputError: somebody else holds it, or what was begun in it is something else.
    """
    fresh = _made(folder.path, resume)
    with contextlib.ExitStack() as stack:
        try:
            with folder.faults_told():
                journal = stack.enter_context(journals.held(folder.path))
                _prepare(folder, journal, json.loads(json.dumps(header)))
        except EnvironmentFault:
            if fresh:
                shutil.rmtree(folder.path, ignore_errors=True)
            raise
        yield journal


def _prepare(folder: RunFolder, journal: Journal, header: dict[str, Any]) -> None:
    if journal.header:
        _refuse_other(folder.path, journal.header, header)
        _sweep(folder, journal)
    else:
        _check_empty(folder.path)
        journal.begin(header)


def _made(path: Path, resume: bool) -> bool:
    """Make the folder; whether it was not there before."""
    try:
        path.mkdir(parents=True)
        sync_folder(path.parent)
    except FileExistsError:
        if not resume:
            raise InputError(f"{path}: another run has just taken this folder") from None
        if not path.is_dir():
            raise InputError(f"{path}: not a folder of a run") from None
        return False
    except OSError as error:
        raise InputError(f"{path}: cannot be made ({error.strerror})") from None
    return True


def _check_empty(path: Path) -> None:
    """Refuse a folder that holds other things than an empty journal."""
    if {file.name for file in path.iterdir()} - {journals.NAME}:
        (path / journals.NAME).unlink()
        raise InputError(f"{path}: not a folder of a run; give another one")


def _sweep(folder: RunFolder, journal: Journal) -> None:
    """Remove what no line of the journal vouches for, and forget tiles whose parts are bad."""
    for file in folder.path.glob(f".*{TEMPORARY}"):
        file.unlink()
    for signals in folder.path.glob(f"{SIGNALS}*"):
        shutil.rmtree(signals)
    parts = folder.parts()
    if folder.is_finished():
        shutil.rmtree(parts, ignore_errors=True)
        return
    for tile, sealed in list(journal.sealed.items()):
        if not all(_is_whole(parts, part) for part in sealed.parts):
            del journal.sealed[tile]
    known = {part.name for sealed in journal.sealed.values() for part in sealed.parts}
    for file in parts.iterdir() if parts.is_dir() else ():
        if file.name not in known:
            file.unlink()


def _is_whole(parts: Path, part: Part) -> bool:
    try:
        return sha256_of(parts / part.name) == part.sha256
    except OSError:
        return False


def _refuse_other(path: Path, begun: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise InputError unless what was begun in a folder is what is wanted now."""
    if begun["paths"] != wanted["paths"]:
        was = " ".join(begun["paths"]) or "something else"
        raise InputError(f"{path}: was begun with {was:.200}, in this order")
    for name, value in wanted["settings"].items():
        before = begun["settings"].get(name)
        if before != value:
            option = name.replace("_", "-")
            shown = ["none" if v is None else v for v in (before, value)]
            raise InputError(f"{path}: was begun with --{option} {shown[0]}, not {shown[1]}")
    file = changed(begun["files"])
    if file is not None:
        raise InputError(f"{path}: cannot be resumed, {file} has changed since it was begun")
    for name in sorted({*begun["versions"], *wanted["versions"]}):
        before, now = begun["versions"].get(name, "none"), wanted["versions"].get(name, "none")
        if before != now:
            raise InputError(f"{path}: was begun with {name} {before}, and this is {now}")
