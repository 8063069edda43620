"""Run the engine as plain Python, without numba: the same bits, and a mutant costs no compiling.

    found = pure_mismatches(arrays, mutants)

runs every case on the engine, and every mutant on its case, in one subprocess; numba is switched
off there by the environment before it is loaded.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cases import Recorded, by_case, opened
from .cases_mutants import Mutant
from .compare import first_difference

ROOT = Path(__file__).resolve().parents[2]
_AFRESH = ("drivestack.roads", "drivestack.vehicle", "drivestack.world")


def pure_mismatches(arrays: dict[str, NDArray], mutants: Sequence[Mutant]) -> dict[str, str]:
    """Where plain Python first differs from the reference, by case and by mutant; "" if nowhere.

    Args:
        arrays: what `cases.record` returned.
    """
    environment = dict(os.environ) | {"NUMBA_DISABLE_JIT": "1"}
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "arrays.npz", **arrays)
        request = json.dumps([folder, [mutant.name for mutant in mutants]])
        done = subprocess.run(
            [sys.executable, "-m", "tests.parity.cases_pure", request],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"the engine failed in plain Python:\n{done.stderr}")
    return json.loads(done.stdout)


def main() -> None:
    """The subprocess."""
    from .cases_mutants import MUTANTS

    folder, wanted = json.loads(sys.argv[1])
    with np.load(Path(folder) / "arrays.npz", allow_pickle=False) as arrays:
        cases = {name: opened(own) for name, own in by_case(dict(arrays)).items()}
    engine = pure_engine()
    found = {name: mismatch(case, engine) for name, case in cases.items()}
    for name in wanted:
        mutant = MUTANTS[name]
        found[name] = mismatch(cases[mutant.case], mutated_engine(mutant))
    print(json.dumps(found))


def mismatch(case: Recorded, engine: Any) -> str:
    """The first difference as text."""
    found = first_difference(replace(case, start=_relinked(case)), engine=engine)
    return "" if found is None else str(found)


def pure_engine() -> Any:
    """An engine that runs in plain Python, of the modules as they are now."""
    engine: Any = importlib.import_module("drivestack.world.engine")
    pool: Any = importlib.import_module("drivestack.world.pool")
    importlib.import_module("drivestack.roads.build")  # for `_relinked`
    ticking = engine.tick_all
    engine.tick_all = lambda *tables: ticking(*map(_as_records, tables))
    pool.to_iso = lambda map: map  # only `observe` needs the twin, and its grid is slow to build
    return engine.Engine()


def mutated_engine(mutant: Mutant) -> Any:
    """A fresh plain-Python engine with the mutant's substitutions in its source."""
    for name in [name for name in sys.modules if name.startswith(_AFRESH)]:
        del sys.modules[name]
    finder = _Changed(mutant.file, changed(mutant))
    sys.meta_path.insert(0, finder)
    try:
        return pure_engine()
    finally:
        sys.meta_path.remove(finder)


def changed(mutant: Mutant) -> str:
    """The text of the mutant's source; each old text must occur in it exactly once."""
    text = (ROOT / "drivestack" / mutant.file).read_text()
    for old, new in mutant.changes:
        if text.count(old) != 1:
            raise ValueError(f"{mutant.name}: {old!r} occurs {text.count(old)} times, not once")
        text = text.replace(old, new)
    return text


class _Changed(MetaPathFinder):
    """Imports one module of the package from changed source."""

    def __init__(self, file: str, text: str) -> None:
        self.path = ROOT / "drivestack" / file
        self.name = "drivestack." + file.removesuffix(".py").replace("/", ".")
        self.text = text

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of the changed module; nothing for the others."""
        if fullname != self.name:
            return None
        loader = _Loader(fullname, str(self.path))
        loader.text = self.text
        return spec_from_file_location(fullname, self.path, loader=loader)


class _Loader(SourceFileLoader):
    text: str

    def get_code(self, fullname: str) -> CodeType:
        """Code of the changed text, never from a cache."""
        return compile(self.text, self.path, "exec")


def _as_records(table: Any) -> Any:
    """A view whose rows have attributes that alias the table, as numba's records do."""
    if isinstance(table, tuple):
        return type(table)(*map(_as_records, table))
    if isinstance(table, np.ndarray) and table.dtype.names:
        return table.view(np.dtype((np.record, table.dtype)))
    return table


def _relinked(case: Recorded) -> Any:
    """The case's start with its map's neighbour links made anew, so that they may be mutated."""
    build: Any = importlib.import_module("drivestack.roads.build")
    map = case.start.map
    lanes = map.lanes.copy()
    names = [(map.nodes[road["start"]], map.nodes[road["end"]]) for road in map.roads]
    links = build._links(lanes, map.roads, names, map.connected)
    return replace(case.start, map=replace(map, lanes=lanes, links=links))


if __name__ == "__main__":
    main()
