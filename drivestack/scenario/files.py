"""Reading files that nobody vouches for: bounded sizes, and paths that stay where they belong."""

from __future__ import annotations

import contextlib
import difflib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from drivestack.core.errors import InputError

MAX_YAML = 1 << 20
"""Largest YAML file [bytes]; the largest suite we know has 40 kB."""

MAX_XML = 16 << 20
"""Largest XML document after decompression [bytes]; the largest public recording has 3 MB."""

MAX_GZIP = MAX_XML // 4
"""Largest XML document before decompression [bytes]. Public recordings of more than 100 kB shrink
twelvefold at least, the largest to 0.16 MB; little that decompresses to nothing takes long."""

MAX_MEMBERS = 1024
"""Gzip streams one after another in a file: the blocks of ``bgzip``, of 64 kB, are four times
fewer in the largest document; each takes time though it may be empty."""

_CHUNK = 1 << 16

_GZIP = b"\x1f\x8b"
"""First bytes of a gzip file (RFC 1952, section 2.3.1)."""

_GZIP_WINDOW = zlib.MAX_WBITS + 16
"""For zlib: a gzip stream, its header and checksum included."""


def shared_folder() -> Path:
    """The folder of shared data: ``DRIVESTACK_SHARED``, or ``shared`` beside the project."""
    chosen = os.environ.get("DRIVESTACK_SHARED")
    return Path(chosen) if chosen else Path(__file__).resolve().parents[3] / "shared"


def read_text(path: Path) -> str:
    """The text of a YAML file, at most `MAX_YAML` bytes of UTF-8."""
    require_file(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_YAML + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > MAX_YAML:
        raise InputError(f"{path}: larger than {MAX_YAML} bytes, the limit for a YAML file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: not UTF-8 text (byte {error.start})") from None


def read_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of an XML file, decompressed if it is gzip, at most `MAX_XML` bytes.

    Raises:
        InputError: no such file, too large (also compressed), or a broken or truncated gzip stream.
    """
    require_file(path)
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == _GZIP
            file.seek(0)
            most = MAX_GZIP if compressed else MAX_XML
            if os.fstat(file.fileno()).st_size > most:
                state = " compressed" if compressed else ""
                raise InputError(f"{path}: larger than {most} bytes{state}")
            yield from _decompressed(path, file) if compressed else _pieces(file)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(_CHUNK), b"")


def _decompressed(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """What the gzip streams of a file hold."""
    total, members, waiting = 0, 0, b""
    while waiting := _unpadded(file, waiting):
        members += 1
        if members > MAX_MEMBERS:
            raise InputError(f"{path}: more than {MAX_MEMBERS} gzip streams one after another")
        inflate = zlib.decompressobj(_GZIP_WINDOW)
        while not inflate.eof:
            try:
                chunk = inflate.decompress(waiting, _CHUNK)
            except zlib.error as error:
                raise InputError(f"{path}: broken gzip stream ({error})") from None
            total += len(chunk)
            if total > MAX_XML:
                raise InputError(f"{path}: larger than {MAX_XML} bytes when decompressed")
            if chunk:
                yield chunk
            elif not waiting:
                raise InputError(f"{path}: the gzip stream ends before its end mark")
            if not inflate.eof:
                waiting = inflate.unconsumed_tail or file.read(_CHUNK)
        waiting = inflate.unused_data


def _unpadded(file: BinaryIO, data: bytes) -> bytes:
    """`data` and what follows it, from the first byte that is not zero; zeros may pad streams."""
    data = data.lstrip(b"\0")
    while not data and (more := file.read(_CHUNK)):
        data = more.lstrip(b"\0")
    return data


Stamp = tuple[int, int]
"""When a file was last written [ns], and its size."""


def stamp_of(path: Path) -> Stamp:
    """What changes when the file does; zeros where there is none that can be looked at."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return status.st_mtime_ns, status.st_size


_readers: list[set[str]] = []


@contextlib.contextmanager
def files_read() -> Iterator[set[str]]:
    """The names of all files that are read meanwhile; what a cache holds is not read."""
    names: set[str] = set()
    _readers.append(names)
    try:
        yield names
    finally:
        _readers.pop()


def require_file(path: Path) -> None:
    """Raise InputError where there is no file that can be read; it counts as read."""
    for names in _readers:
        names.add(str(path))
    try:
        there = path.exists()
    except (OSError, ValueError) as error:  # a name too long, or with a zero byte in it
        raise InputError(f"{path!s:.100}: not a path of a file ({error})") from None
    if not there and path.is_symlink():
        raise InputError(f"{path}: a symbolic link that leads to no file")
    if not there:
        raise InputError(f"{path}: no such file{_near(path)}")
    if not path.is_file():
        raise InputError(f"{path}: not a regular file")
    if not os.access(path, os.R_OK):
        raise InputError(f"{path}: not readable")


def _near(path: Path) -> str:
    """A clause naming the file beside it that may have been meant, if there is one."""
    try:
        names = [found.name for found in path.parent.iterdir()]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean '{path.with_name(close[0])}'?" if close else ""


@dataclass(frozen=True, slots=True)
class Roots:
    """Folders that the files named inside an input file may lie in.

    Attributes:
        own: folder of the file that the user gave on the command line. shared: `shared_folder()`.
    """

    own: Path
    shared: Path

    @staticmethod
    def of(path: Path) -> Roots:
        """The roots of a file given on the command line."""
        return Roots(path.parent, shared_folder())

    def find(self, base: Path, name: str) -> Path:
        """The file `name`, relative to the folder `base` of the file that names it.

        Raises:
            InputError: absolute, upwards, outside the roots (also by a symbolic link) or missing;
                the message has no place, the caller adds it.
        """
        steps = PurePosixPath(name)
        if steps.is_absolute() or "\\" in name or ".." in steps.parts or "\0" in name:
            raise InputError(f"path '{name}' must be relative and without '..'")
        for folder, root in ((base, self.own), (self.shared, self.shared)):
            path = folder / steps
            if not path.is_file():
                continue
            if not path.resolve().is_relative_to(root.resolve()):
                raise InputError(f"path '{name}' leads out of the folder {root}")
            return path
        raise InputError(f"no file '{name}' in {base} or {self.shared}")
