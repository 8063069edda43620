"""The verb `import`: scenarios of other formats written as our YAML."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drivestack.core.errors import EnvironmentFault, InputError

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
        InputError: one sentence. Nothing has been written: files are put in their place when the
        last one is made. EnvironmentFault: they cannot be written.
    """
    from drivestack.scenario.loader import documents
    from drivestack.scenario.resolve import first_start
    from drivestack.sim.files import write_text

    found = [documents(Path(name)) for name in files]
    for document in itertools.chain(*found):
        first_start(document)
    names: dict[str, None] = {}
    with _made(out) as new:
        for identity, text in _firsts(found, first):
            name = f"{identity}.yaml"
            if name in names:
                raise InputError(
                    f"{out / name}: two scenarios have this name; import fewer at a time"
                )
            if os.path.lexists(out / name):
                raise InputError(f"{out / name}: this file exists; give another folder with --out")
            with _faults_told(out):
                write_text(new / name, text)
            names[name] = None
        with _faults_told(out):
            for name in names:
                (new / name).rename(out / name)
    for name in names:
        print(out / name)
    if not names:
        complain("nothing to import")
    return status.OK


@contextlib.contextmanager
def _made(out: Path) -> Iterator[Path]:
    """A folder for what is not whole yet, in `out`; on errors all folders made for it go again."""
    missing = [path for path in (out, *out.parents) if not os.path.lexists(path)]
    try:
        with _faults_told(out):
            out.mkdir(parents=True, exist_ok=True)
            held = tempfile.TemporaryDirectory(prefix=".import-", dir=out)
        with held as new:
            yield Path(new)
    except BaseException:
        for path in missing:
            with contextlib.suppress(OSError):
                path.rmdir()
        raise


@contextlib.contextmanager
def _faults_told(out: Path) -> Iterator[None]:
    """What hinders writing as one sentence, by whose fault it is."""
    try:
        yield
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{out}: a file is in the way; give a folder with --out") from None
    except OSError as error:
        sentence = f"{out!s:.100}: cannot be written to ({error.strerror})"
        if error.errno == errno.ENAMETOOLONG:
            raise InputError(sentence) from None
        raise EnvironmentFault(sentence) from None


def _firsts(found: Sequence[Sequence[Document]], first: int) -> Iterator[tuple[str, str]]:
    """Id and text of the first scenarios of each file."""
    for one in found:
        yield from itertools.islice(_scenarios(one), first)


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
