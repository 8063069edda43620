"""What a run was made with: versions, machine, configuration, command."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import drivestack
from drivestack.scenario.cache import arithmetic

_PACKAGES = ("numpy", "numba", "duckdb", "joblib", "highway-env", "gymnasium", "torch")


def versions() -> dict[str, str]:
    """Versions of this package, Python and what results may depend on; absent ones left out."""
    found = {"drivestack": drivestack.__version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def identity() -> dict[str, str]:
    """Names of what else bytes depend on: this package as it is, and the machine's arithmetic."""
    return {"sources": _sources(), "arithmetic": arithmetic()}


@functools.cache
def _sources() -> str:
    """A hash of all modules of the package, and of the checkpoints that come with it."""
    package = Path(drivestack.__file__).parent
    digest = hashlib.sha256()
    for file in sorted([*package.rglob("*.py"), *package.rglob("*.safetensors")]):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


_SHARES = ("shard", "only")
"""Settings that say which part of the queue is run, and not how."""


def config_hash(header: Mapping[str, Any]) -> str:
    """Names what was configured: contents of files, and settings that results depend on.

    Equal for shards and for single scenarios of a run, and wherever its files lie.

    Args:
        header: of a journal.
    """
    settings = {name: v for name, v in header["settings"].items() if name not in _SHARES}
    facts = json.dumps([settings, sorted(header["files"].values())], sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()[:16]


def machine() -> dict[str, Any]:
    """The hardware class: identity of bytes is promised for equal ones."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
    }


def _processor() -> str:
    """The processor's model name, or what Python knows."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def command() -> list[str]:
    """The command line, the program by its name only."""
    return [Path(sys.argv[0]).name, *sys.argv[1:]] if sys.argv else []
