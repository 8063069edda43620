"""Does a test notice if a line of the safety layer is wrong? Every small change, one at a time.

    python tools/mutation.py [drivestack/safety/aeb.py ...] [--workers 2] [--out FILE]

A mutant is one comparison, operator, constant, call or statement changed. The tests that belong to
a file by the mirrored tree are run on each of its mutants in a process of its own, in which the
file and those that import it are compiled anew, all others from the cache; with `--plain` they run
as Python, which is better for long kernels and short tests. Files are those of the rule part unless
some are named. What was decided before is not run again (`--out` keeps it), unless the file or its
tests have changed. Exit status 1: the score is below `--least`.
"""

from __future__ import annotations

import argparse
import ast
import copy
import hashlib
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "drivestack.safety"
LEFT_OUT = ("critic", "reference", "r157", "suite")
"""Parts of the safety layer that are no rules: learned, yardsticks, judging."""

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
TURNED = {ast.Lt: ast.Gt, ast.LtE: ast.Gt, ast.Gt: ast.Lt, ast.GtE: ast.Lt}
COMPUTED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.FloorDiv: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
SWAPPED = {"min": "max", "max": "min", "sin": "cos", "cos": "sin", "any": "all", "all": "any",
           "argmax": "argmin", "argmin": "argmax"}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: where, what, and how to make it in a fresh tree (by number of the change)."""

    file: str
    number: int
    line: int
    what: str

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.file}:{self.line} {self.what}"


def changes(tree: ast.AST) -> Iterator[tuple[int, str, Callable[[], None]]]:
    """Every change of a tree, in order: line, description, and what makes it in place."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if name in ("decorator_list", "annotation", "returns", "args"):
                if not isinstance(parent, ast.Call):
                    continue
            for place, node in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(node, ast.AST):
                    continue

                def put(new: ast.AST, parent: Any = parent, name: str = name, place: int = place,
                        many: bool = isinstance(value, list)) -> None:  # fmt: skip
                    if many:
                        getattr(parent, name)[place] = new
                    else:
                        setattr(parent, name, new)

                for what, new in other_nodes(node, parent):
                    yield node_line(node, parent), what, lambda put=put, new=new: put(new)


def node_line(node: ast.AST, parent: ast.AST) -> int:
    """Operators have no line of their own."""
    return getattr(node, "lineno", getattr(parent, "lineno", 0))


def other_nodes(node: ast.AST, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may stand in place of a node."""
    text = ast.unparse(node)[:60].replace("\n", " ")

    def like(**fields: Any) -> Any:
        new = copy.copy(node)
        for key, value in fields.items():
            setattr(new, key, value)
        return new

    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for table in (COMPARED, TURNED):
                if type(op) in table:
                    other = [*node.ops[:i], table[type(op)](), *node.ops[i + 1 :]]
                    new = like(ops=other)
                    yield f"{text} -> {ast.unparse(new)[:60]}", new
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in COMPUTED:
        new = like(op=COMPUTED[type(node.op)]())
        yield f"{text} -> {ast.unparse(new)[:60]}", new
    elif isinstance(node, ast.BoolOp):
        new = like(op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        yield f"{text} -> {ast.unparse(new)[:60]}", new
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield f"{text} -> {ast.unparse(node.operand)[:60]}", node.operand
    elif isinstance(node, ast.Constant) and not is_text(node):
        for value in other_values(node.value):
            yield f"{text} -> {value!r}", ast.copy_location(ast.Constant(value), node)
    elif isinstance(node, ast.Attribute | ast.Name):
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        if name in SWAPPED and isinstance(parent, ast.Call) and parent.func is node:
            key = "attr" if isinstance(node, ast.Attribute) else "id"
            yield f"{text} -> {SWAPPED[name]}", like(**{key: SWAPPED[name]})
    if isinstance(node, ast.AugAssign | ast.Continue | ast.Break) or is_call(node):
        yield f"{text} -> pass", ast.copy_location(ast.Pass(), node)
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript | ast.Tuple):
        if all(isinstance(t, ast.Subscript) for t in targets(node)):
            yield f"{text} -> pass", ast.copy_location(ast.Pass(), node)
    elif isinstance(node, ast.If):
        for value in (True, False):
            new = like(test=ast.copy_location(ast.Constant(value), node.test))
            yield f"if {ast.unparse(node.test)[:50]} -> if {value}", new


def targets(node: ast.Assign) -> list[ast.expr]:
    """What is assigned to."""
    first = node.targets[0]
    return first.elts if isinstance(first, ast.Tuple) else [first]


def is_call(node: ast.AST) -> bool:
    """A statement that is nothing but a call."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def is_text(node: ast.Constant) -> bool:
    """Texts are for people; None has no neighbour."""
    return isinstance(node.value, str | bytes | type(None) | type(...))


def other_values(value: Any) -> tuple[Any, ...]:
    """Near enough to be a slip."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1,)
    return (value + 1.0,) if value == 0.0 else (value * 1.1, -value)


def mutants_of(file: str) -> list[Mutant]:
    """All of a file."""
    found = changes(ast.parse((ROOT / file).read_text()))
    return [Mutant(file, number, line, what) for number, (line, what, _) in enumerate(found)]


def mutated(file: str, number: int) -> ast.Module:
    """The tree of a file with one change made; -1: none."""
    tree = ast.parse((ROOT / file).read_text())
    if number >= 0:
        for place, (_, _, make) in enumerate(changes(tree)):
            if place == number:
                make()
                break
    return ast.fix_missing_locations(tree)


def module_of(file: str) -> str:
    """Its dotted name."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(file: str) -> set[str]:
    """Modules of the package that a file names in its imports."""
    package, found = module_of(file).split("."), set()
    for node in ast.walk(ast.parse((ROOT / file).read_text())):
        if isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            found |= {name, *(f"{name}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.startswith("drivestack.")}


def affected_by(file: str, files: list[str]) -> set[str]:
    """A file and whatever imports it, directly or not."""
    found = {module_of(file)}
    while True:
        more = {module_of(f) for f in files if imported(f) & found} - found
        if not more:
            return found
        found |= more


def tests_of(file: str) -> list[str]:
    """The tests that belong to a file: its namesake in the mirrored tree, or its folder's."""
    path = Path(file).relative_to("drivestack")
    own = Path("tests") / path.parent / f"test_{path.name}"
    if (ROOT / own).exists():
        return [str(own)]
    folder = Path("tests") / path.parent
    return [str(p.relative_to(ROOT)) for p in sorted((ROOT / folder).glob("test_*.py"))]


class Finder(MetaPathFinder):
    """Imports the mutant in place of its file, and it and its importers without the cache."""

    def __init__(self, mutant: Mutant, affected: set[str], plain: bool) -> None:
        self.mutant, self.affected, self.plain = mutant, affected, plain

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Of the modules that a change affects."""
        if fullname not in self.affected:
            return None
        file = ROOT / (fullname.replace(".", "/") + ".py")
        if not file.exists():
            return None
        return spec_from_file_location(fullname, file, loader=Loader(fullname, str(file), self))


class Loader(SourceFileLoader):
    """Runs a module whose kernels may not come from the cache."""

    def __init__(self, fullname: str, path: str, finder: Finder) -> None:
        super().__init__(fullname, path)
        self.finder = finder

    def exec_module(self, module: ModuleType) -> None:
        """Its imports first, for which the cache is good unless they are affected themselves."""
        file = str(Path(self.path).relative_to(ROOT))
        for name in sorted(imported(file)):
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:
                continue  # a name in a module
        own = file == self.finder.mutant.file
        code = compile(mutated(file, self.finder.mutant.number if own else -1), self.path, "exec")
        compiled = importlib.import_module("drivestack.core.compiled")
        names = ("kernel", "hot_kernel", "inlined_kernel")
        before = {name: getattr(compiled, name) for name in names}
        for name in names:
            setattr(compiled, name, compiled._plain if self.finder.plain else afresh)
        try:
            exec(code, module.__dict__)  # noqa: S102  # the file itself, with one change
        finally:
            for name, value in before.items():
                setattr(compiled, name, value)


def afresh(function: Any) -> Any:
    """A kernel that is compiled and not cached."""
    import numba

    return numba.njit(error_model="numpy", nogil=True)(function)


def survives(
    mutant: Mutant, affected: set[str], plain: bool, tests: list[str], seconds: int
) -> bool:
    """Whether all tests pass, in a forked process; one that takes too long is noticed, too."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with open(os.devnull, "w") as null:
                os.dup2(null.fileno(), 1)
                os.dup2(null.fileno(), 2)
            signal.alarm(seconds)
            sys.meta_path.insert(0, Finder(mutant, affected, plain))
            import pytest

            status = int(pytest.main(["-x", "-q", "-n0", "-p", "no:cacheprovider", *tests]))
        except BaseException:  # a mutant may raise anything, and is noticed then
            traceback.print_exc()
        finally:
            os._exit(0 if status == 0 else 1)
    _, found = os.waitpid(child, 0)
    return found == 0


def digest(file: str) -> str:
    """Of a file, its tests and this tool: a result holds while all of these stay as they are."""
    text = hashlib.sha256()
    for name in [file, *tests_of(file), "tools/mutation.py"]:
        text.update((ROOT / name).read_bytes())
    return text.hexdigest()[:16]


def work(
    jobs: list[Mutant], out: Path, files: list[str], seconds: dict[str, int], plain: bool
) -> None:
    """Decide some mutants, one line each."""
    for mutant in jobs:
        affected, tests = affected_by(mutant.file, files), tests_of(mutant.file)
        alive = survives(mutant, affected, plain, tests, seconds[mutant.file])
        line = {"file": mutant.file, "number": mutant.number, "digest": digest(mutant.file),
                "name": mutant.name, "survives": alive}  # fmt: skip
        with out.open("a") as log:
            log.write(json.dumps(line) + "\n")


def rule_files() -> list[str]:
    """The rule part of the safety layer."""
    folder = ROOT / PACKAGE.replace(".", "/")
    found = [p.relative_to(ROOT) for p in sorted(folder.rglob("*.py")) if p.name != "__init__.py"]
    return [str(p) for p in found if not set(p.with_suffix("").parts) & set(LEFT_OUT)]


def known(out: Path) -> dict[tuple[str, int], bool]:
    """What was decided before and still holds."""
    if not out.exists():
        return {}
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    now = {
        file: digest(file) for file in {line["file"] for line in lines} if (ROOT / file).exists()
    }
    return {(line["file"], line["number"]): line["survives"] for line in lines
            if now.get(line["file"]) == line["digest"]}  # fmt: skip


def main() -> int:
    """Run what has not been decided, and list who survived."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "mutation.jsonl")
    parser.add_argument("--least", type=float, default=0.99)
    parser.add_argument("--plain", action="store_true", help="run as Python, compile nothing")
    parser.add_argument("--sample", type=int, default=1, help="only every N-th mutant of a file")
    given = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for name in ("numpy", "numba", "drivestack.roads.nearest", "drivestack.roads.build"):
        importlib.import_module(name)
    files, everything = given.files or rule_files(), rule_files()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    done, jobs, seconds = known(given.out), [], {}
    for file in files:
        mutants = mutants_of(file)[:: given.sample]
        left = [m for m in mutants if (file, m.number) not in done]
        if left:
            affected, begin = affected_by(file, everything), time.monotonic()
            whole = Mutant(file, -1, 0, "unchanged")
            if not survives(whole, affected, given.plain, tests_of(file), 1200):
                print(f"{file}: its tests {tests_of(file)} fail on the file as it is; left out")
                continue
            seconds[file] = 10 + int(5 * (time.monotonic() - begin))
            print(f"{file}: {len(left)} mutants, {time.monotonic() - begin:.1f} s each at most",
                  flush=True)  # fmt: skip
        jobs += left
    children = []
    for worker in range(given.workers):
        child = os.fork()
        if child == 0:
            work(jobs[worker :: given.workers], given.out, everything, seconds, given.plain)
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    return told(files, known(given.out), given.sample, given.least)


def told(files: list[str], done: dict[tuple[str, int], bool], every: int, least: float) -> int:
    """The table, and the survivors by name."""
    total = killed = 0
    survivors = []
    for file in files:
        own = [m for m in mutants_of(file)[::every] if (file, m.number) in done]
        alive = [m for m in own if done[file, m.number]]
        total, killed = total + len(own), killed + len(own) - len(alive)
        survivors += alive
        share = 1.0 - len(alive) / len(own) if own else 1.0
        print(f"{share:7.1%} of {len(own):4d}  {file}")
    for mutant in survivors:
        print(f"  survives: {mutant.name}")
    score = killed / total if total else 1.0
    print(f"{score:.2%} of {total} mutants were noticed, {len(survivors)} were not")
    return 0 if score >= least else 1


if __name__ == "__main__":
    sys.exit(main())
