"""What every test shares: where shared data are, quiet third parties, a profile for hypothesis."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

# before pygame and matplotlib are loaded by highway-env
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("MPLBACKEND", "Agg")

import numba
import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("DRIVESTACK_SHARED", ROOT.parent / "shared"))

# no timed tests: a deadline measures the machine, and the first call of a kernel compiles it
settings.register_profile("drivestack", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("drivestack")


LONGEST = (
    "sim/test_killed.py", "stack/test_remote.py", "sim/test_interrupt.py", "parity/test_scenes.py",
    "safety/r157/test_what_if.py", "tools/test_families.py", "sim/test_determinism.py",
    "sim/test_resume.py", "parity/test_mutants.py", "sim/test_why.py",
    "sim/interventions/test_evaluate.py", "safety/r157/test_expected.py",
    "behavior/heads/test_trap.py", "learn/planner/test_training.py",
    "learn/planner/test_teaching.py",
    "scenario/commonroad/test_shared_recordings.py", "report/test_judged.py",
    "scenario/test_r157_detection.py", "scenario/test_ncap.py", "behavior/test_torch_setup.py",
    "tools/test_reference_model.py",
)  # fmt: skip
"""Files that take more than ten seconds: they begin first, so that no process is left with one in
the end while the others have nothing to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; whole drives are not for kernels that run as Python (`make coverage`)."""
    begin = {ROOT / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: begin.get(item.path, len(LONGEST)))
    if numba.config.DISABLE_JIT:  # pyright: ignore[reportAttributeAccessIssue]
        slow = pytest.mark.skip(reason="kernels run as Python")
        for item in items:
            if item.get_closest_marker("compiled"):
                item.add_marker(slow)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; the test is skipped where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"shared data not found at {SHARED}")
    return SHARED


_SEEDS: list[str] = []
"""Fresh seeds that workers have drawn, collected where the summary is printed."""


def _drawn() -> list[str]:
    gates = sys.modules.get("tests.parity.gates")
    return list(gates.USED) if gates else []


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its seeds over."""
    output: dict[str, list[str]] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["seeds"] = _drawn()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A worker has ended; one that crashed has nothing to hand over."""
    _SEEDS.extend(getattr(node, "workeroutput", {}).get("seeds", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Fresh seeds belong into every run's output, also when all is well."""
    for seeds in (*_drawn(), *_SEEDS):
        terminalreporter.write_line(f"parity seeds: DRIVESTACK_PARITY_SEEDS={seeds}")
