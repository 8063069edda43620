"""Small changes of a source file, one at a time: what might have been written there by mistake."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

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

TINY = 1e-5
"""Constants up to this are tolerances: a tenth more is no slip, some zeros less are."""

_UNCHANGED = {"decorator_list", "annotation", "returns", "type_params"}
"""Parts of a tree that say what things are, and do nothing."""

Put = Callable[[ast.AST], None]


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        file: below the root. number: of the change among those of the file. scope: the function in
        which it is, as ``Class.method``; empty: outside of any. what: from what to what.
    """

    file: str
    number: int
    scope: str
    what: str

    @property
    def name(self) -> str:
        """The same wherever in its file the function stands."""
        return f"{self.scope or 'module'}: {self.what}"


def mutants_of(file: str) -> list[Mutant]:
    """All of a file; changes that read alike are counted within their function."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for number, (scope, what, _) in enumerate(changes(ast.parse((ROOT / file).read_text()))):
        seen[scope, what] += 1
        times = seen[scope, what]
        found.append(Mutant(file, number, scope, what if times == 1 else f"{what} ({times})"))
    return found


def mutated(file: str, number: int) -> ast.Module:
    """The tree of a file with one change made."""
    tree = ast.parse((ROOT / file).read_text())
    for place, (_, _, make) in enumerate(changes(tree)):
        if place == number:
            make()
            break
    return ast.fix_missing_locations(tree)


def changes(tree: ast.Module) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """Every change, in order: function, description, and what makes it in place."""
    yield from _below(tree, "")


def _below(parent: ast.AST, scope: str) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """Changes of what a node is made of."""
    for name, value in ast.iter_fields(parent):
        if name in _UNCHANGED:
            continue
        for place, node in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(node, ast.AST):
                continue

            def put(new: ast.AST, name: str = name, place: int = place) -> None:
                inside = getattr(parent, name)
                if isinstance(inside, list):
                    inside[place] = new
                else:
                    setattr(parent, name, new)

            inner = _scope(node, parent, name, scope)
            for what, new in _instead(node, parent):
                yield inner, what, lambda put=put, new=new: put(new)
            yield from _below(node, inner)


def _scope(node: ast.AST, parent: ast.AST, field: str, outer: str) -> str:
    """The function of the module, or of a class, whose body a node is in, or that it is."""
    if isinstance(node, ast.FunctionDef) and isinstance(parent, ast.Module):
        return node.name
    if isinstance(node, ast.FunctionDef) and isinstance(parent, ast.ClassDef):
        return f"{parent.name}.{node.name}"
    if isinstance(parent, ast.FunctionDef) and field == "args":
        if outer.split(".")[-1] == parent.name:
            return ""  # what an argument is by default is said where the function is made
    return outer


def _instead(node: ast.AST, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may stand in place of a node."""
    text = ast.unparse(node)[:70].replace("\n", " ")
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            for table in (COMPARED, TURNED):
                if type(op) in table:
                    other = [*node.ops[:i], table[type(op)](), *node.ops[i + 1 :]]
                    new = _like(node, ops=other)
                    yield f"{text} -> {ast.unparse(new)[:70]}", new
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in COMPUTED:
        new = _like(node, op=COMPUTED[type(node.op)]())
        yield f"{text} -> {ast.unparse(new)[:70]}", new
    elif isinstance(node, ast.BoolOp):
        new = _like(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        yield f"{text} -> {ast.unparse(new)[:70]}", new
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield f"{text} -> {ast.unparse(node.operand)[:70]}", node.operand
    elif isinstance(node, ast.Constant) and not _is_text(node):
        for value in _values(node.value):
            yield f"{text} -> {value!r}", ast.copy_location(ast.Constant(value), node)
    elif isinstance(node, ast.Attribute | ast.Name):
        name = node.attr if isinstance(node, ast.Attribute) else node.id
        if name in SWAPPED and isinstance(parent, ast.Call) and parent.func is node:
            key = "attr" if isinstance(node, ast.Attribute) else "id"
            yield f"{text} -> {SWAPPED[name]}", _like(node, **{key: SWAPPED[name]})
    yield from _left_out(node, text)


def _left_out(node: ast.AST, text: str) -> Iterator[tuple[str, ast.AST]]:
    """Statements without which the file is still a program, and branches that are always taken."""
    if isinstance(node, ast.AugAssign | ast.Continue | ast.Break) or _is_call(node):
        yield f"{text} -> pass", ast.copy_location(ast.Pass(), node)
    elif isinstance(node, ast.Assign):
        first = node.targets[0]
        targets = first.elts if isinstance(first, ast.Tuple) else [first]
        if all(isinstance(target, ast.Subscript) for target in targets):
            yield f"{text} -> pass", ast.copy_location(ast.Pass(), node)
    elif isinstance(node, ast.If):
        for value in (True, False):
            new = _like(node, test=ast.copy_location(ast.Constant(value), node.test))
            yield f"if {ast.unparse(node.test)[:60]} -> if {value}", new


def _like(node: ast.AST, **fields: Any) -> Any:
    """A copy with other fields."""
    new = copy.copy(node)
    for key, value in fields.items():
        setattr(new, key, value)
    return new


def _is_call(node: ast.AST) -> bool:
    """A statement that is nothing but a call."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def _is_text(node: ast.Constant) -> bool:
    """Texts are for people; None has no neighbour."""
    return isinstance(node.value, str | bytes | type(None) | type(...))


def _values(value: Any) -> tuple[Any, ...]:
    """Near enough to be a slip."""
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return (value + 1,)
    if value == 0.0:
        return (value + 1.0,)
    return (value * 1e6 if abs(value) <= TINY else value * 1.1, -value)
