"""Tests on mutants: collected once, then run in a fork for each, with the change put in there.

Kernels run as Python (`NUMBA_DISABLE_JIT`): to compile a mutant and whoever calls it takes far
longer than its tests do. A change inside a function is another body for the function that is
loaded; one outside of any, such as a parameter, needs everything that read it to be loaded anew.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType, FunctionType, ModuleType
from typing import IO, Any

import pytest
from _pytest.runner import runtestprotocol

from .changes import ROOT, Mutant, mutated

QUIET = ("-q", "-n0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""What is loaded before tests are collected has plain assertions."""

Told = Callable[[Mutant, bool], None]
"""Takes a mutant and whether it survives."""


def decided(
    mutants: Sequence[Mutant], tests: list[str], quick: list[str], workers: int, told: Told
) -> bool:
    """Run the tests on all mutants of one file; False: they fail on the file as it is.

    Args:
        tests: arguments of pytest. quick: those for changes outside of functions.
    """
    inside = [one for one in mutants if one.scope]
    outside = [one for one in mutants if not one.scope]

    def collected() -> bool:
        if not inside:
            return pytest.main([*QUIET, *quick]) == 0
        loop = _Loop(inside, workers, told)
        pytest.main([*QUIET, *tests], plugins=[loop])
        return loop.passes

    if not _forked(collected, 7200):
        return False

    def alone(worker: int) -> bool:
        for one in outside[worker::workers]:
            told(one, _forked(lambda one=one: _passes_anew(one, quick), 300))
        return True

    _spread(alone, workers)
    return True


class _Loop:
    """A pytest plugin: instead of running what was collected once, run it on every mutant."""

    def __init__(self, mutants: Sequence[Mutant], workers: int, told: Told) -> None:
        self.mutants, self.workers, self.told, self.passes = mutants, workers, told, False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Once on the file as it is, which also shows how long each test takes."""
        times, begin = {}, time.monotonic()
        with tempfile.TemporaryFile("w+") as lines:
            self.passes = not session.testsfailed and _forked(
                lambda: _passes(session.items, lines), 1800
            )
            lines.seek(0)
            for line in lines:
                seconds, name = line.rstrip("\n").split(" ", 1)
                times[name] = float(seconds)
        if not self.passes:
            return True
        # the quick ones notice most, and the first one that does is the last that is run
        items = sorted(session.items, key=lambda item: times[item.nodeid])
        limit = 10 + int(5.0 * (time.monotonic() - begin))

        def some(worker: int) -> bool:
            for one in self.mutants[worker :: self.workers]:
                self.told(one, _forked(lambda one=one: _passes_with(one, items), limit))
            return True

        _spread(some, self.workers)
        return True


def _passes(items: Sequence[pytest.Item], times: IO[str] | None = None) -> bool:
    """Whether all tests pass; how long each takes is written to a file."""
    for item, after in zip(items, [*items[1:], None], strict=True):
        begin = time.monotonic()
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=after)):
            return False
        if times is not None:
            times.write(f"{time.monotonic() - begin:.6f} {item.nodeid}\n")
            times.flush()
    return True


def _passes_with(mutant: Mutant, items: Sequence[pytest.Item]) -> bool:
    """Whether all tests pass with another body in one function."""
    module = sys.modules[module_of(mutant.file)]
    code: Any = compile(mutated(mutant.file, mutant.number), str(module.__file__), "exec")
    owner: Any = module.__dict__
    *classes, name = mutant.scope.split(".")
    for inner in classes:
        code, owner = _named(code, inner), owner[inner].__dict__
    _function(owner[name]).__code__ = _named(code, name)
    return _passes(items)


def _named(code: CodeType, name: str) -> CodeType:
    """The code of a function or class that another code defines."""
    return next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)


def _function(found: Any) -> FunctionType:
    """The function inside of whatever decorators made of it."""
    while not isinstance(found, FunctionType) or hasattr(found, "__wrapped__"):
        for inner in ("__wrapped__", "__func__", "fget"):
            if hasattr(found, inner):
                found = getattr(found, inner)
                break
    return found


def _passes_anew(mutant: Mutant, tests: list[str]) -> bool:
    """Whether all tests pass in a process that loads the mutant instead of its file."""
    sys.meta_path.insert(0, _Finder(mutant))
    return pytest.main(["-x", *QUIET, *tests]) == 0


class _Finder(MetaPathFinder):
    """Finds the mutant in place of its file."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Of one module."""
        if fullname != module_of(self.mutant.file):
            return None
        file = str(ROOT / self.mutant.file)
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, file, self.mutant))


class _Loader(SourceFileLoader):
    """Runs the mutant."""

    def __init__(self, fullname: str, path: str, mutant: Mutant) -> None:
        super().__init__(fullname, path)
        self.mutant = mutant

    def exec_module(self, module: ModuleType) -> None:
        """The file with one change."""
        code = compile(mutated(self.mutant.file, self.mutant.number), self.path, "exec")
        exec(code, module.__dict__)  # noqa: S102  # the file itself, with one change


def _forked(act: Callable[[], bool], seconds: int) -> bool:
    """What it answers in a process of its own, without a word; False if it ends in another way."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with open(os.devnull, "w") as null:
                os.dup2(null.fileno(), 1)
                os.dup2(null.fileno(), 2)
            signal.alarm(seconds)
            status = 0 if act() else 1
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def _spread(act: Callable[[int], bool], workers: int) -> None:
    """Call with 0, 1, ... each in a process of its own."""
    children = []
    for worker in range(workers):
        child = os.fork()
        if child == 0:
            try:
                act(worker)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def module_of(file: str) -> str:
    """Its dotted name."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
