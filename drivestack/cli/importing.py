"""The verb `import`: scenarios of other formats written as our YAML."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drivestack.core.errors import InputError

from . import status
from .screen import complain

if TYPE_CHECKING:
    from drivestack.scenario.loader import Document


def import_files(files: Sequence[str], out: Path, first: int) -> int:
    """Write the first scenarios of each file; returns the exit status.

    Args:
        files: OpenSCENARIO, CommonRoad, our YAML, or highway-env ids. out: a folder; files in it
        that would be written over are refused. first: how many of each file.

    Raises:
        InputError: one sentence. Every file, and the first scenario of each, has been checked as
        for a run before anything is written.
    """
    from drivestack.scenario.resolve import first_start
    from drivestack.sim.files import write_text

    found = [_documents(name) for name in files]
    for document in itertools.chain(*found):
        first_start(document)
    written = 0
    for documents in found:
        for identity, text in itertools.islice(_scenarios(documents), first):
            path = out / f"{identity}.yaml"
            if path.exists():
                raise InputError(f"{path}: this file exists; give another folder with --out")
            out.mkdir(parents=True, exist_ok=True)
            write_text(path, text)
            print(path)
            written += 1
    if not written:
        complain("nothing to import")
    return status.OK


def _documents(name: str) -> list[Document]:
    """What a file, or a word that can only be the id of a highway-env scene, stands for."""
    from drivestack.scenario.loader import documents, scene_document

    path = Path(name)
    if path.suffix or len(path.parts) != 1 or path.exists():
        return documents(path)
    return [scene_document(name)]


def _scenarios(found: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """Id and text of all scenarios of one file, or of a highway-env scene."""
    from drivestack.scenario.expand import cases
    from drivestack.scenario.export import exported

    for document in found:
        _tell(document.notes)
        for number, case in enumerate(cases(document), 1):
            varied = len(document.scenario.vary) > 0
            yield from exported(case, f".{number}" if varied else "")


def _tell(notes: Sequence[str]) -> None:
    """What of a file has no effect, each kind once: the places are in the file's own order."""
    kinds = Counter(": ".join(note.split(": ")[1:]) for note in notes)
    for kind, count in kinds.items():
        complain(f"left out: {kind}" + (f" ({count} times)" if count > 1 else ""))
