"""Expressions ``${...}`` of OpenSCENARIO's files and ours: our own parser, nothing is executed.

Operators and functions are those of OpenSCENARIO XML 1.3 (its user guide, 'Parameters'): ``+ - * /
%``, unary minus, comparisons, ``and or not``, parentheses, and `FUNCTIONS`; `CONSTANTS` as public
files use them. Parameters are written with or without ``$``. A parsed expression is a closure over
their values; whole numbers stay whole but for ``/``, and truth counts as 1 and 0 in arithmetic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from drivestack.core.errors import nearest

Value = float | int | bool | str
Scope = Mapping[str, Value]
Evaluate = Callable[[Scope], Value]

MAX_LENGTH = 2_000
"""Characters of an expression; the longest in public suites has 200."""

MAX_DEPTH = 40
"""Nesting of parentheses, functions and signs."""

CONSTANTS = {"pi": math.pi, "e": math.e, "true": True, "false": False}


def _sign(value: float) -> int:
    return (value > 0.0) - (value < 0.0)


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "round": (1, lambda v: math.floor(v + 0.5)),
    "floor": (1, math.floor), "ceil": (1, math.ceil), "sqrt": (1, math.sqrt), "abs": (1, abs),
    "sign": (1, _sign), "sin": (1, math.sin), "cos": (1, math.cos), "tan": (1, math.tan),
    "asin": (1, math.asin), "acos": (1, math.acos), "atan": (1, math.atan),
    "pow": (2, math.pow), "min": (2, min), "max": (2, max),
}  # fmt: skip
"""Number of arguments and what it does; angles in rad."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|\$(?P<parameter>\w+)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/%()<>,]))"
)


def _remainder(a: float, b: float) -> float:
    """With the sign of a; whole where both are."""
    rest = math.fmod(a, b)
    return int(rest) if isinstance(a, int) and isinstance(b, int) else rest


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": lambda a, b: a / b, "%": _remainder,
}  # fmt: skip


class ExpressionError(ValueError):
    """An expression is wrong or cannot be evaluated; the message is a clause without a place."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Evaluate:
    """The expression between ``${`` and ``}``.

    Raises:
        ExpressionError: not an expression; when evaluated, an unknown parameter, text in
            arithmetic, division by zero, or a result that is not finite.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression of {len(text)} characters; at most {MAX_LENGTH}")
    parser = _Parser(_tokens(text))
    evaluate = parser.either()
    if parser.peek() != ("end", ""):
        raise ExpressionError(f"unexpected '{parser.peek()[1]}' in expression '{text[:80]}'")
    return lambda scope: _checked(evaluate, scope, text)


def _checked(evaluate: Evaluate, scope: Scope, text: str) -> Value:
    try:
        value = evaluate(scope)
    except (ArithmeticError, ValueError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError(f"expression '{text[:80]}' has no value ({error})") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError(f"expression '{text[:80]}' is not finite")
    return value


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ExpressionError(f"cannot read '{text[at : at + 20].strip()}' in an expression")
        assert found.lastgroup is not None
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


class _Parser:
    """Recursive descent, the weakest operator first."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def peek(self) -> tuple[str, str]:
        """The next token."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *wanted: str) -> str | None:
        kind, text = self.peek()
        if kind in ("sign", "word") and text in wanted:
            self._at += 1
            return text
        return None

    def _need(self, wanted: str) -> None:
        if self._take(wanted) is None:
            found = self.peek()[1] or "the end"
            raise ExpressionError(f"expected '{wanted}' but found '{found}' in an expression")

    def either(self) -> Evaluate:
        """``a or b``."""
        left = self._both()
        while self._take("or"):
            left = _truths(left, self._both(), "or")
        return left

    def _both(self) -> Evaluate:
        left = self._compared()
        while self._take("and"):
            left = _truths(left, self._compared(), "and")
        return left

    def _compared(self) -> Evaluate:
        left = self._sum()
        sign = self._take(*_COMPARE)
        return left if sign is None else _compared(_COMPARE[sign], left, self._sum())

    def _sum(self) -> Evaluate:
        left = self._product()
        while sign := self._take("+", "-"):
            left = _applied(_ARITHMETIC[sign], left, self._product())
        return left

    def _product(self) -> Evaluate:
        left = self._signed()
        while sign := self._take("*", "/", "%"):
            left = _applied(_ARITHMETIC[sign], left, self._signed())
        return left

    def _signed(self) -> Evaluate:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"an expression nested deeper than {MAX_DEPTH}")
        try:
            if self._take("-"):
                return _applied(lambda value: -value, self._signed())
            if self._take("+"):
                return self._signed()
            if self._take("not"):
                return _negated(self._signed())
            return self._atom()
        finally:
            self._depth -= 1

    def _atom(self) -> Evaluate:
        kind, text = self.peek()
        self._at += 1
        if kind == "number":
            return _constant(int(text) if text.isdecimal() and len(text) < 16 else float(text))
        if kind == "parameter":
            return _looked_up(text)
        if kind == "word" and text in FUNCTIONS and self.peek() == ("sign", "("):
            return self._call(text)
        if (kind, text) == ("sign", "("):
            inner = self.either()
            self._need(")")
            return inner
        if kind == "word" and text not in ("and", "or", "not"):
            return _looked_up(text)
        raise ExpressionError(f"an operand is missing before '{text or 'the end'}'")

    def _call(self, name: str) -> Evaluate:
        self._need("(")
        arguments = [self.either()]
        while self._take(","):
            arguments.append(self.either())
        self._need(")")
        count, function = FUNCTIONS[name]
        if len(arguments) != count:
            raise ExpressionError(f"{name}() takes {count} values, got {len(arguments)}")
        return _applied(function, *arguments)


def _constant(value: Value) -> Evaluate:
    return lambda scope: value


def _looked_up(name: str) -> Evaluate:
    def look(scope: Scope) -> Value:
        if name in scope:
            return scope[name]
        if name in CONSTANTS:
            return CONSTANTS[name]
        near = nearest(name, scope) if scope else "none is declared"
        raise ExpressionError(f"no parameter '{name[:80]}'; {near}")

    return look


def _number(value: Value) -> float:
    if isinstance(value, str):
        raise ExpressionError(f"'{value}' is not a number")
    return int(value) if isinstance(value, bool) else value


def _truth(value: Value) -> bool:
    if not isinstance(value, bool):
        raise ExpressionError(f"'{value}' is neither true nor false")
    return value


def _applied(function: Callable[..., Value], *operands: Evaluate) -> Evaluate:
    if len(operands) == 2:
        left, right = operands
        return lambda scope: function(_number(left(scope)), _number(right(scope)))
    return lambda scope: function(*[_number(operand(scope)) for operand in operands])


def _compared(function: Callable[..., bool], left: Evaluate, right: Evaluate) -> Evaluate:
    """Numbers with numbers, texts with texts."""

    def compare(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        if isinstance(a, str) is not isinstance(b, str):
            raise ExpressionError("a text and a number cannot be compared")
        return function(a, b)

    return compare


def _negated(operand: Evaluate) -> Evaluate:
    return lambda scope: not _truth(operand(scope))


def _truths(left: Evaluate, right: Evaluate, word: str) -> Evaluate:
    if word == "or":
        return lambda scope: _truth(left(scope)) or _truth(right(scope))
    return lambda scope: _truth(left(scope)) and _truth(right(scope))
