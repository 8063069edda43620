"""Parameter declarations: types, values that build on each other, and constraint groups.

A parameter is valid if any of its constraint groups holds; a group holds if all of its constraints
do (OpenSCENARIO 1.3, ParameterDeclaration and ConstraintGroup).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from drivestack.core.errors import InputError, nearest

from ..expressions import Evaluate, ExpressionError, Scope, Value
from ..xml_reader import Element
from ..xml_values import attribute, check_children
from .values import TYPES, as_number, as_text, compiled, typed

RULES: dict[str, Callable[[float, float], bool]] = {
    "lessThan": lambda a, b: a < b,
    "lessOrEqual": lambda a, b: a <= b,
    "greaterThan": lambda a, b: a > b,
    "greaterOrEqual": lambda a, b: a >= b,
    "equalTo": lambda a, b: a == b,
    "notEqualTo": lambda a, b: a != b,
}
"""Comparisons of numbers; texts know the last two."""

_MOST = 1_000
"""Declarations of one list."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One comparison of a parameter with a value."""

    rule: str
    value: Evaluate
    element: Element

    def holds(self, value: Value, scope: Scope) -> bool:
        """Whether a parameter's value satisfies it; raises ExpressionError."""
        bound = self.value(scope)
        if isinstance(value, str | bool):
            same = as_text(value) == as_text(bound)
            if self.rule not in ("equalTo", "notEqualTo"):
                raise ExpressionError(f"'{self.rule}' does not compare texts")
            return same == (self.rule == "equalTo")
        return RULES[self.rule](value, as_number(bound))


@dataclass(frozen=True, slots=True)
class Declaration:
    """One parameter.

    Attributes:
        name, type: as declared. value: the default. groups: of constraints; none: always valid.
    """

    name: str
    type: str
    value: Evaluate
    groups: tuple[tuple[Constraint, ...], ...]
    element: Element

    def holds(self, value: Value, scope: Scope) -> bool:
        """Whether a value satisfies the constraints."""
        if not self.groups:
            return True
        return any(all(part.holds(value, scope) for part in group) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The declarations of one list, in order: a value may use those before it."""

    declarations: tuple[Declaration, ...]

    def names(self) -> tuple[str, ...]:
        """All names."""
        return tuple(declaration.name for declaration in self.declarations)

    def scope(self, given: Mapping[str, Value], outer: Scope) -> dict[str, Value]:
        """The values of all parameters.

        Args:
            given: values that replace defaults. outer: parameters from outside; own ones hide them.

        Raises:
            InputError: a value of the wrong type, or an expression without a value.
        """
        scope = dict(outer)
        for declaration in self.declarations:
            try:
                value = given.get(declaration.name)
                if value is None:
                    value = declaration.value(scope)
                elif isinstance(value, str):  # variation files write expressions too
                    value = compiled(value)(scope)
                scope[declaration.name] = typed(declaration.type, value)
            except ExpressionError as error:
                raise declaration.element.problem(f"{declaration.name}: {error}") from None
        return scope

    def violated(self, scope: Scope) -> Declaration | None:
        """The first declaration whose constraints its value does not satisfy."""
        for declaration in self.declarations:
            try:
                if not declaration.holds(scope[declaration.name], scope):
                    return declaration
            except ExpressionError as error:
                raise declaration.element.problem(f"{declaration.name}: {error}") from None
        return None

    def check_names(self, names: Iterable[str], problem: Callable[[str], InputError]) -> None:
        """Refuse names that are not declared."""
        for name in names:
            if name not in self.names():
                raise problem(f"no parameter '{name[:80]}'; {nearest(name, self.names())}")


NONE = Parameters(())


def read_parameters(element: Element | None) -> Parameters:
    """A ``ParameterDeclarations`` element; none is an empty list.

    Raises:
        InputError: an unknown type or rule, a name used twice, an expression that cannot be read.
    """
    if element is None:
        return NONE
    check_children(element, ("ParameterDeclaration",), ())
    declarations: dict[str, Declaration] = {}
    for child in element.children:
        declaration = _declaration(child)
        if declaration.name in declarations:
            raise child.problem(f"parameter '{declaration.name}' is declared twice")
        declarations[declaration.name] = declaration
    if len(declarations) > _MOST:
        raise element.problem(f"{len(declarations)} parameters; at most {_MOST} are read")
    return Parameters(tuple(declarations.values()))


def _declaration(element: Element) -> Declaration:
    check_children(element, ("ConstraintGroup",), ())
    name, kind = attribute(element, "name"), attribute(element, "parameterType")
    if kind not in TYPES:
        raise element.problem(f"unknown parameterType '{kind[:40]}'; {nearest(kind, TYPES)}")
    groups = tuple(_group(child) for child in element.children)
    return Declaration(name, kind, _compiled(element), groups, element.bare())


def _group(element: Element) -> tuple[Constraint, ...]:
    check_children(element, ("ValueConstraint",), ())
    if not element.children:
        raise element.problem("a constraint group without constraints")
    return tuple(_constraint(child) for child in element.children)


def _constraint(element: Element) -> Constraint:
    rule = attribute(element, "rule")
    if rule not in RULES:
        raise element.problem(f"unknown rule '{rule[:40]}'; {nearest(rule, RULES)}")
    return Constraint(rule, _compiled(element), element.bare())


def _compiled(element: Element) -> Evaluate:
    try:
        return compiled(attribute(element, "value"))
    except ExpressionError as error:
        raise element.problem(str(error)) from None
