"""Which files scenarios consist of, and their checksums, so that a run can say what it was of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from drivestack.core.errors import InputError

from .loader import Document


def pins_of(path: str, documents: Sequence[Document]) -> dict[str, str]:
    """The checksums (sha256) of a file and of all others that its documents are read from, by path.

    Raises:
        InputError: one of them cannot be read.
    """
    files = {str(file) for document in documents for file in _files(document)}
    return {name: _sha256(Path(name)) for name in sorted({path, *files})}


def _files(document: Document) -> Iterator[Path]:
    """Where it is written, and the files that its map is read from."""
    yield Path(document.block.place.file)
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
