"""Arithmetic in scenario files: ``${...}`` over named parameters, parsed here and never executed.

The operators are OpenSCENARIO 1.3's: ``or``, ``and``, ``not``, comparisons, ``+ - * / %``, unary
minus, parentheses, functions; names may be written with or without ``$``.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from drivestack.core.errors import nearest

Value = float | int | bool | str
"""What a parameter may hold."""

LONGEST = 1000
"""Characters of an expression."""

_DEEPEST = 50
"""Parentheses, signs and functions inside each other."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>\$?[A-Za-z_]\w*)|(?P<mark><=|>=|==|!=|[-+*/%()<>,])|(?P<wrong>\S))"
)
_COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "round": (1, lambda x: math.floor(x + 0.5)),  # halves go up, as OpenSCENARIO says
    "floor": (1, math.floor),
    "ceil": (1, math.ceil),
    "sqrt": (1, math.sqrt),
    "abs": (1, abs),
    "sign": (1, lambda x: (x > 0) - (x < 0)),
    "sin": (1, math.sin),
    "cos": (1, math.cos),
    "tan": (1, math.tan),
    "pow": (2, lambda x, y: math.pow(x, y)),
    "min": (2, min),
    "max": (2, max),
}
_CONSTANTS: dict[str, Value] = {"pi": math.pi, "true": True, "false": False}


def evaluate(text: str, names: Mapping[str, Value]) -> Value:
    """The value of an expression (without ``${`` and ``}``).

    Args:
        names: parameters. Whole numbers stay whole but for ``/``.

    Raises:
        ValueError: one clause that says what is wrong with it.
    """
    if len(text) > LONGEST:
        raise ValueError(f"an expression of more than {LONGEST} characters")
    parser = _Parser(text, names)
    value = parser.either(0)
    if parser.token is not None:
        raise ValueError(f"unexpected '{parser.token}'")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("the result is not finite")
    return value


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[tuple[str, str], ...]:
    """Kind and text of every token; the same expressions come with every case of a grid."""
    found = _TOKEN.finditer(text)
    return tuple((m.lastgroup, m[m.lastgroup]) for m in found if m.lastgroup is not None)


class _Parser:
    """Recursive descent, one method a level of binding."""

    def __init__(self, text: str, names: Mapping[str, Value]) -> None:
        self._tokens = _tokens(text)
        self._place = -1
        self._names = names
        self.token: str | None = None
        self._kind: str | None = None
        self._next()

    def _next(self) -> None:
        self._place += 1
        if self._place >= len(self._tokens):
            self.token = self._kind = None
            return
        self._kind, self.token = self._tokens[self._place]
        if self._kind == "wrong":
            raise ValueError(f"unexpected '{self.token}'")

    def _take(self, *marks: str) -> str | None:
        """The present token if it is one of these, and go on."""
        found = self.token
        if found not in marks or self._kind == "number":
            return None
        self._next()
        return found

    def either(self, depth: int) -> Value:
        """``a or b``."""
        value = self._both(depth)
        while self._take("or"):
            other = self._both(depth)
            value = bool(value) or bool(other)
        return value

    def _both(self, depth: int) -> Value:
        value = self._compared(depth)
        while self._take("and"):
            other = self._compared(depth)
            value = bool(value) and bool(other)
        return value

    def _compared(self, depth: int) -> Value:
        value = self._sum(depth)
        while mark := self._take(*_COMPARE):
            other = self._sum(depth)
            if isinstance(value, str) is not isinstance(other, str):
                raise ValueError("text and a number cannot be compared")
            value = _COMPARE[mark](value, other)
        return value

    def _sum(self, depth: int) -> Value:
        value = self._product(depth)
        while mark := self._take("+", "-"):
            a, b = _number(value), _number(self._product(depth))
            value = a + b if mark == "+" else a - b
        return value

    def _product(self, depth: int) -> Value:
        value = self._signed(depth)
        while mark := self._take("*", "/", "%"):
            a, b = _number(value), _number(self._signed(depth))
            if mark == "*":
                value = a * b
            elif b == 0:
                raise ValueError("division by zero")
            else:
                value = a / b if mark == "/" else _remainder(a, b)
        return value

    def _signed(self, depth: int) -> Value:
        if depth > _DEEPEST:
            raise ValueError(f"more than {_DEEPEST} levels inside each other")
        if self._take("-"):
            return -_number(self._signed(depth + 1))
        if self._take("+"):
            return _number(self._signed(depth + 1))
        if self._take("not"):
            return not self._signed(depth + 1)
        return self._atom(depth + 1)

    def _atom(self, depth: int) -> Value:
        token, kind = self.token, self._kind
        if token is None:
            raise ValueError("it ends too early")
        if self._take("("):
            value = self.either(depth)
            self._expect(")")
            return value
        if kind == "mark":
            raise ValueError(f"unexpected '{token}'")
        self._next()
        if kind == "number":
            return int(token) if token.isdecimal() and len(token) < 16 else float(token)
        if token in _FUNCTIONS and self.token == "(":
            return self._called(token, depth)
        return self._named(token)

    def _called(self, name: str, depth: int) -> Value:
        self._expect("(")
        given = [_number(self.either(depth))]
        while self._take(","):
            given.append(_number(self.either(depth)))
        self._expect(")")
        count, function = _FUNCTIONS[name]
        if len(given) != count:
            raise ValueError(f"{name} takes {count} values, got {len(given)}")
        try:
            return function(*given)
        except (ValueError, OverflowError):
            raise ValueError(f"{name} has no value for {', '.join(map(str, given))}") from None

    def _named(self, token: str) -> Value:
        name = token.removeprefix("$")
        if name in self._names:
            return self._names[name]
        if token in _CONSTANTS:
            return _CONSTANTS[token]
        raise ValueError(f"no parameter '{name}'; {nearest(name, [*self._names, *_FUNCTIONS])}")

    def _expect(self, mark: str) -> None:
        if not self._take(mark):
            raise ValueError(f"expected '{mark}'" + (f", got '{self.token}'" if self.token else ""))


def _remainder(a: float, b: float) -> float:
    """With the sign of a; whole where both are."""
    rest = math.fmod(a, b)
    return int(rest) if isinstance(a, int) and isinstance(b, int) else rest


def _number(value: Value) -> float | int:
    if isinstance(value, str):
        raise ValueError(f"'{value}' is not a number")
    return int(value) if isinstance(value, bool) else value
