"""Files that a scenario names: inside one folder tree, never outside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from drivestack.core.errors import InputError

MOST_UP = 5
"""Folders above the given file's that names may lead up to: from one of the public NCAP variations
to its roads it is five."""

_MOST_LOOKED_AT = 2_000
"""Files looked at for one that is not where it should be."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The folder tree that the files of one scenario lie in.

    Attributes:
        root: where paths end. own: the folder of the file that the user named.
    """

    root: Path
    own: Path

    @staticmethod
    def of(path: Path) -> Tree:
        """The tree of a file that the user named; its root is never ``/`` or a home folder."""
        own = path.resolve().parent
        root = own
        for parent in list(own.parents)[:MOST_UP]:
            if parent in (Path(parent.anchor), Path.home()):
                break
            root = parent
        return Tree(root, own)

    def inside(self, base: Path, name: str) -> Path:
        """The path `name` from the folder `base`, whether it exists or not.

        Raises:
            InputError: absolute, or outside the root, also by a symbolic link; without a place.
        """
        if not name or "\0" in name or "\\" in name or PurePosixPath(name).is_absolute():
            raise InputError(f"path '{name[:200]}' must be relative")
        try:
            path = (base / name).resolve()
        except (OSError, RuntimeError):  # a circle of symbolic links
            raise InputError(f"path '{name[:200]}' leads nowhere") from None
        if not path.is_relative_to(self.root):
            raise InputError(f"path '{name[:200]}' leads out of the folder {self.root}")
        return path

    def find(self, base: Path, name: str) -> Path:
        """The file `name`, or the one file of that name below the given file's folder.

        Raises:
            InputError: as `inside`; no such file, or several.
        """
        path = self.inside(base, name)
        if path.is_file():
            return path
        found = sorted({p for p in self._below() if p.name == path.name})
        if len(found) != 1:
            several = f"; there are {len(found)} below {self.own}" if found else ""
            raise InputError(f"no file '{name[:200]}' in {base}{several}")
        return found[0]

    def _below(self) -> Iterator[Path]:
        """Files below the own folder, breadth first, no symbolic links."""
        folders, looked_at = [self.own], 0
        while folders and looked_at < _MOST_LOOKED_AT:
            for entry in sorted(folders.pop(0).iterdir()):
                looked_at += 1
                if entry.is_symlink():
                    continue
                if entry.is_dir():
                    folders.append(entry)
                elif entry.is_file():
                    yield entry
