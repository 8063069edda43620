"""Compile numeric kernels with numba: one decorator, and a cache that cannot be stale.

numba decides by one file's timestamp whether its cached machine code is fresh and does not notice
an edit in a callee's file. So a module's kernels are cached in a folder named by a hash of its
source and of everything it imports from the package: any edit to any of these opens a new folder,
and checkouts with the same code share one, wherever they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, partial, wraps
from pathlib import Path
from typing import Any, TypeVar, cast

# Intel's vector maths differs from libm in the last bit; it has to be off before numba is loaded.
os.environ.setdefault("NUMBA_DISABLE_INTEL_SVML", "1")

import llvmlite
import numba
import numba.core.event
import numpy as np
from numba.core import caching

from .errors import EnvironmentFault
from .pruning import mark_used, prune_at_exit
from .sources import source_digest

_Function = TypeVar("_Function", bound=Callable[..., Any])


_PACKAGE = Path(__file__).resolve().parents[1]

_MOST_BYTES = 10**9
"""Size that the kernels of all versions of the code are pruned to; our choice: one version takes
some 70 MB, so fourteen stay."""


@cache
def cache_folder(source: Path) -> Path:
    """Where the kernels of one source file are cached, for exactly this code and compiler."""
    version = f"{numba.__version__}-{llvmlite.__version__}"
    return user_cache() / "kernels" / version / source_digest(source, _PACKAGE)[:16]


def user_cache() -> Path:
    """Where drivestack keeps what can be computed again.

    ``DRIVESTACK_CACHE``, else ``drivestack`` in the user's cache folder.
    """
    chosen = os.environ.get("DRIVESTACK_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "drivestack"


@cache
def _check_writable(folder: Path) -> None:
    """Refuse a cache that cannot be written: numba would fall back to one that can be stale."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(_no_cache(folder, str(error.strerror))) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EnvironmentFault(_no_cache(folder, "permission denied"))


@cache
def _note_use(folder: Path) -> None:
    """Old kernels make room when a process ends that has compiled a module for the first time."""
    if not mark_used(folder):
        prune_at_exit(folder.parents[1], "*/*", _MOST_BYTES)


def _no_cache(folder: Path, why: str) -> str:
    return (
        f"compiled code cannot be kept in {folder}: {why}; "
        "set DRIVESTACK_CACHE to a folder that can be written"
    )


class _Locator(caching.UserProvidedCacheLocator):
    """Finds kernels in the folder that numba is given, whose name says all that matters.

    By itself numba asks for the path of the source, and for its time in older versions.
    """

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """None."""
        return ""

    def get_source_stamp(self) -> str:
        """The same for all."""
        return ""


class _Files(caching.CompileResultCacheImpl):
    _locator_classes = (_Locator,)


class _Cache(caching.FunctionCache):
    _impl_class = _Files


def kernel(function: _Function) -> _Function:
    """Compile a function on first call, or load it from the cache.

    Strict IEEE arithmetic: no fastmath, no parallel, division by zero gives an infinity. Physical
    constants reach a kernel as arguments, because numba freezes globals.
    """
    return _compiled(function, counted=True)


def hot_kernel(function: _Function) -> _Function:
    """A `kernel` that borrows its arrays: no reference counting, so it may not allocate.

    Counting costs more than the arithmetic where small functions hand tables to each other (a
    tick of the engine takes a third of the time without it). Arrays that a hot kernel returns are
    borrowed too: only hot kernels may call it then, for another caller would release them.
    """
    return _compiled(function, counted=False)


def inlined_kernel(function: _Function) -> _Function:
    """A `hot_kernel` whose machine code is copied into every caller.

    A call hands over seven words for each table, far more work than a lane's coordinates: with the
    steps that every body takes in every tick inlined, a tick takes a fifth of the time. Not for
    what is seldom reached: each copy is compiled again.
    """
    return _compiled(function, counted=False, inlined=True)


def _compiled(function: _Function, counted: bool, inlined: bool = False) -> _Function:
    settings: Any = numba.config  # pyright: ignore[reportPrivateImportUsage]
    if settings.DISABLE_JIT:
        return _plain(function)
    _check_writable(user_cache())
    folder = cache_folder(Path(function.__code__.co_filename))
    _note_use(folder)
    before, settings.CACHE_DIR = settings.CACHE_DIR, str(folder)
    try:
        njit: Any = numba.njit
        options = {"error_model": "numpy", "nogil": True, "forceinline": inlined}
        # an entry for C, which nobody calls, would cost a sixth of all compile time
        compiled = njit(**options, no_cfunc_wrapper=True, _nrt=counted)(function)
        compiled._cache = _Cache(function)
        return _for_any_number(compiled)
    finally:
        settings.CACHE_DIR = before


def _plain(function: _Function) -> _Function:
    """Without numba (`NUMBA_DISABLE_JIT`): Python; rows of tables are given attributes for it."""

    @wraps(function)
    def call(*tables: Any) -> Any:
        return function(*map(_as_records, tables))

    return cast(_Function, call)


def _as_records(table: Any) -> Any:
    """A view whose rows have attributes that alias the table, as numba's records do."""
    if isinstance(table, np.ndarray):
        return table.view(np.dtype((np.record, table.dtype))) if table.dtype.names else table
    if isinstance(table, np.void) and not isinstance(table, np.record):
        return _as_records(np.asarray(table))[()]
    if isinstance(table, tuple) and hasattr(table, "_fields"):
        return type(table)(*map(_as_records, table))
    return table


def _for_any_number(compiled: Any) -> Any:
    """Let compiled callers share one version of a kernel, whatever constants they pass.

    numba compiles a callee anew for `0`, for `1` and for an integer; LLVM sees constants anyway.
    """
    look_up = compiled.get_call_template

    def template(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return look_up(tuple(map(numba.types.unliteral, args)), kws)

    compiled.get_call_template = template
    return compiled


_Tables = tuple[Any, ...]
"""Arrays, and named tuples of arrays."""

_entries: dict[tuple[Any, ...], Callable[..., Any]] = {}


def bound(compiled: Callable[..., Any], tables: _Tables) -> Callable[[], Any]:
    """One call of a kernel, to be repeated on the same tables while their contents change.

    numba looks at the types of all arguments at every call; for a batch's tables that takes longer
    than a tick of a small world. This looks once, and asks numba only about what it has not seen.
    """
    settings: Any = numba.config  # pyright: ignore[reportPrivateImportUsage]
    if settings.DISABLE_JIT:
        return partial(compiled, *tables)
    layout = compiled, _layout(tables)
    if layout not in _entries:
        dispatcher: Any = compiled
        signature = tuple(numba.typeof(table) for table in tables)
        dispatcher.compile(signature)
        _entries[layout] = dispatcher.overloads[signature].entry_point
    return partial(_entries[layout], *tables)


def _layout(tables: _Tables) -> tuple[Any, ...]:
    """Everything that numba's type of some arrays depends on; it takes much longer to ask numba."""
    return tuple(
        (type(table), _layout(table))
        if isinstance(table, tuple)
        else (table.dtype, table.dtype.isalignedstruct, table.ndim, table.flags.num)
        for table in tables
    )


_COMPILING = numba.core.event.TimingListener()
numba.core.event.register("numba:compile", _COMPILING)


def compile_seconds() -> float:
    """Time this process has spent on compiling [s]; loading from the cache is not counted."""
    return _COMPILING.duration if _COMPILING.done else 0.0
