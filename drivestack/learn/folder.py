"""The folder in which something is made: what is begun there goes on, and is never mixed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.sim.files import write_text


def made(folder: Path) -> None:
    """Make a folder, unless it is there.

    Raises:
        InputError: a file is in the way. EnvironmentFault: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{folder}: a file is in the way; give another folder") from None
    except OSError as error:
        raise EnvironmentFault(f"{folder}: cannot be made ({error.strerror})") from None


def pinned(path: Path, provenance: dict[str, Any], what: str) -> None:
    """Write down all that a result depends on, or refuse a folder of something else.

    Args:
        what: is made there, for people: "a critic".
    """
    text = json.dumps(provenance, indent=1, sort_keys=True)
    if path.exists() and path.read_text(encoding="utf-8", errors="replace") != text:
        raise InputError(f"{path}: {what} of something else, or by other code, was begun here")
    write_text(path, text)
