"""Keeps a cache below a size: the entries that have not been used for longest lose their files.

Entries are files or folders; when one was last used is its time of modification, which every use
renews. Other processes may read and write the cache meanwhile: a reader takes a file that is gone
for one that was never written (numba's index and data files too), and a writer finds its folder,
since a folder goes only after it has been empty for a day. What was used within a day stays,
however much it is: several checkouts may share a cache.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_LONG = 86_400.0
"""What was used, or has been empty, for less than this [s] stays; our choice: a day's work, and far
longer than any write."""


def mark_used(entry: Path) -> bool:
    """Note that an entry is used now, if it may be written; returns whether it is there."""
    try:
        os.utime(entry)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


@cache
def prune_at_exit(root: Path, pattern: str, most: int) -> None:
    """Prune a cache once when this process ends; arguments as of `pruned`."""
    atexit.register(lambda: prune(root.glob(pattern), most))


def prune(entries: Iterable[Path], most: int) -> None:
    """Delete the files of the least recently used entries beyond a size in all [bytes].

    What cannot be deleted, or is gone already, is passed over.
    """
    total, long_ago = 0, time.time() - _LONG
    for used, entry in sorted(_used(entries), reverse=True):
        total += _size(entry)
        if total > most and used < long_ago:
            _delete(entry, long_ago)


def _used(entries: Iterable[Path]) -> Iterable[tuple[float, Path]]:
    for entry in entries:
        with contextlib.suppress(OSError):
            yield entry.stat().st_mtime, entry


def _size(entry: Path) -> int:
    """Of a file, or of all files in a folder [bytes]."""
    total = 0
    for path in _files(entry):
        with contextlib.suppress(OSError):
            total += os.stat(path).st_size
    return total


def _files(entry: Path) -> list[str]:
    if not entry.is_dir():
        return [str(entry)]
    return [os.path.join(folder, name) for folder, _, names in os.walk(entry) for name in names]


def _delete(entry: Path, long_ago: float) -> None:
    """All files of an entry, and the folders of it that have been empty since then."""
    for path in _files(entry):
        with contextlib.suppress(OSError):
            os.unlink(path)
    for folder, _, names in os.walk(entry, topdown=False):
        with contextlib.suppress(OSError):
            if not names and os.stat(folder).st_mtime < long_ago:
                os.rmdir(folder)
