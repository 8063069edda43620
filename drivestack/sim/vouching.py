"""What a manifest vouches for: its own facts are there, and the files are those that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from drivestack.core.errors import InputError

from .files import sha256_of
from .log import FILES
from .reading import MANIFEST

_FACTS: tuple[tuple[type, tuple[str, ...]], ...] = (
    (int, ("schema_version",)),
    (bool, ("interrupted",)),
    (float, ("wall_seconds", "compile_seconds", "reference_seconds")),
    (str, ("digest", "config_hash", "reference", "frame")),
    (list, ("paths", "command", "seeds", "sources")),
    (dict, ("settings", "files", "versions", "machine", "stage_seconds", "sha256")),
)
"""Entries of every run's manifest, by their kind."""


def check_whole(folder: Path, manifest: dict[str, Any]) -> None:
    """Raise InputError unless a run's manifest is complete and its files are undamaged."""
    for kind, names in _FACTS:
        for name in names:
            if not isinstance(manifest.get(name), kind):
                raise InputError(
                    f"{folder / MANIFEST}: is damaged; it lacks '{name}', which a run has written"
                )
    for name in FILES:
        if name not in manifest["sha256"]:
            raise InputError(f"{folder / MANIFEST}: has no checksum of {name}")
        check_sum(folder / name, manifest["sha256"][name])


def check_sum(file: Path, expected: object) -> None:
    """Raise InputError unless a file can be read and has the checksum of the manifest."""
    try:
        found = sha256_of(file)
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None
    if found != expected:
        raise InputError(f"{file}: is damaged; its checksum is not that of {MANIFEST}")
