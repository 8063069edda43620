"""The journal of a run: what is run, and which tiles are sealed; append-only, one writer at a time.

The first line pins what is run. Every further one names the parts of a sealed tile with their
checksums. A line carries its own checksum: one that a crash has torn, or that has rotted, is as if
it had not been written, and its tile is driven again. The file is locked by whoever writes it, and
the lock ends with his process, however that ends.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from drivestack.core.errors import InputError

from .files import sync_folder

NAME = "journal.jsonl"
VERSION = 1
"""Of the form of its lines."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a sealed tile: rows of one table, or events."""

    table: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the journal says of a tile.

    Attributes:
        tile: its number. episodes, ticks: in it. parts: its files. session: of the process that
        wrote this. wall: of that session until then [s]. stages, compiling, reference: see
        `TileResult`.
    """

    tile: int
    episodes: int
    ticks: int
    parts: tuple[Part, ...]
    session: str
    wall: float
    stages: dict[str, float]
    compiling: float
    reference: float


@dataclass(slots=True, eq=False)
class Journal:
    """A journal held for writing.

    Attributes:
        header: what is run; empty: nothing has been written yet. sealed: tiles by number.
    """

    path: Path
    handle: int
    header: dict[str, Any] = field(default_factory=dict)
    sealed: dict[int, Sealed] = field(default_factory=dict)

    def begin(self, header: dict[str, Any]) -> None:
        """Write the first line."""
        os.ftruncate(self.handle, 0)
        self._append({"journal": VERSION, **header})
        sync_folder(self.path.parent)
        self.header = header

    def add(self, sealed: Sealed) -> None:
        """Write that a tile is sealed; its parts are on the disk."""
        self._append(asdict(sealed))
        self.sealed[sealed.tile] = sealed

    def _append(self, facts: dict[str, Any]) -> None:
        """One line on the disk, or none."""
        data = _line(facts)
        size = os.lseek(self.handle, 0, os.SEEK_END)
        try:
            written = 0
            while written < len(data):
                written += os.write(self.handle, data[written:])
            os.fsync(self.handle)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self.handle, size)
            raise


@contextlib.contextmanager
def held(folder: Path) -> Iterator[Journal]:
    """The journal in a folder, made if there is none, for this process alone.

    Raises:
        InputError: another process holds it, or it is no journal.
    """
    path = folder / NAME
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(handle, folder)
        data = _content(handle)
        header, sealed, whole = _parsed(data, folder)
        os.ftruncate(handle, whole)
        yield Journal(path, handle, header, sealed)
    finally:
        os.close(handle)


def header_in(folder: Path) -> dict[str, Any]:
    """What a run folder's journal says is run.

    Raises:
        InputError: there is none, or it does not say.
    """
    try:
        header, _, _ = _parsed((folder / NAME).read_bytes(), folder)
    except OSError as error:
        raise InputError(f"{folder}: has no journal, so nothing can be resumed in it "
                         f"({error.strerror})") from None  # fmt: skip
    if not header:
        raise InputError(f"{folder}: its journal says nothing yet; run the same command again")
    return header


def _lock(handle: int, folder: Path) -> None:
    """Lock an open file until it is closed; systems without such locks do without."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise
        raise InputError(f"{folder}: another process is running it just now") from None


def _content(handle: int) -> bytes:
    """All bytes of a file; a journal has some 1 kB for each tile."""
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(0)
        return file.read()


def _parsed(data: bytes, folder: Path) -> tuple[dict[str, Any], dict[int, Sealed], int]:
    """The header, the sealed tiles, and how many bytes are whole lines."""
    whole = data.rfind(b"\n") + 1
    lines = data[:whole].splitlines()
    if not lines:
        return {}, {}, 0
    header = _facts(lines[0])
    if header is None or "journal" not in header:
        raise InputError(
            f"{folder}: the first line of its journal is damaged, so it cannot be resumed"
        )
    if header.pop("journal") != VERSION:
        raise InputError(f"{folder}: its journal was written by another version of drivestack")
    sealed: dict[int, Sealed] = {}
    for line in lines[1:]:
        facts = _facts(line)
        if facts is not None:
            parts = tuple(Part(**part) for part in facts.pop("parts"))
            sealed[facts["tile"]] = Sealed(parts=parts, **facts)
    return header, sealed, whole


def _line(facts: dict[str, Any]) -> bytes:
    """Facts as one line with its checksum."""
    return (json.dumps({**facts, "check": _check(facts)}) + "\n").encode()


def _facts(line: bytes) -> dict[str, Any] | None:
    """What a line says; None if it is damaged."""
    try:
        facts = json.loads(line)
        claimed = facts.pop("check")
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return None
    return facts if claimed == _check(facts) else None


def _check(facts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]
