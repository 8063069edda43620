"""Which files scenarios consist of, and their checksums, so that a run can say what it was of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from drivestack.core.errors import InputError

from .loader import Document, is_scene


def pins_of(path: str, documents: Sequence[Document], read: Iterable[str]) -> dict[str, str]:
    """The checksums (sha256) of all files that scenarios consist of, by path.

    Args:
        path: the file that was given, or the id of a scene, which no file holds. documents: its
        scenarios. read: files that were read for them, such as a road network that one names.

    Raises:
        InputError: one of them cannot be read.
    """
    named = {str(file) for document in documents for file in _files(document)}
    own = () if is_scene(Path(path)) else (path,)
    return {name: _sha256(Path(name)) for name in sorted({*own, *named, *read})}


def changed(pins: Mapping[str, str]) -> str | None:
    """The first of some files that is no longer what its checksum says, if any."""
    for name, digest in pins.items():
        try:
            if _sha256(Path(name)) != digest:
                return name
        except InputError:
            return name
    return None


def _files(document: Document) -> Iterator[Path]:
    """Where it is written, and the files that its maps are read from."""
    written = Path(document.block.place.file)
    if not is_scene(written):
        yield written
    named = getattr(document.scenario.map, "file", None)
    for name in (named, *document.scenario.vary.get("map.file", ())):
        if isinstance(name, str):
            yield document.roots.find(document.folder, name)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
