"""Schema of `vary:`, `seeds:` and `exclude:`: which concrete scenarios a scenario stands for."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from .model import Model, Number, Word, fault

MAX_SEEDS = 1_000_000
MAX_VALUES = 10_000
"""Values of one grid axis."""


def _grid_value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | Sequence):
        return value
    raise fault("expected a value or a list")


Value = Annotated[Any, BeforeValidator(_grid_value)]


class Normal(Model):
    """A normal distribution, redrawn until it falls into [min, max]."""

    mean: Number
    sd: Annotated[Number, Field(gt=0)]
    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Normal:
        low, high = self.bounds()
        if not low < high:
            raise fault("must be larger than min", "max")
        if low > self.mean + 3 * self.sd or high < self.mean - 3 * self.sd:
            raise fault("min and max leave no values within 3 sd of the mean", "mean")
        return self

    def bounds(self) -> tuple[float, float]:
        """Least and largest value."""
        low = -math.inf if self.min is None else self.min
        return low, math.inf if self.max is None else self.max

    def draw(self, random: np.random.Generator) -> float:
        """One value."""
        low, high = self.bounds()
        while True:
            value = float(random.normal(self.mean, self.sd))
            if low <= value <= high:
                return value


class Range(Model):
    """Seeded random values: exactly one of the keys."""

    uniform: tuple[Number, Number] | None = None
    normal: Normal | None = None
    choice: Annotated[tuple[Value, ...], Field(min_length=1, max_length=MAX_VALUES)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Range:
        if len(self.model_fields_set) != 1:
            raise fault("give exactly one of uniform, normal, choice")
        if self.uniform is not None and not self.uniform[0] < self.uniform[1]:
            raise fault("expected [low, high] with low < high", "uniform")
        return self

    def draw(self, random: np.random.Generator) -> Any:
        """One value."""
        if self.uniform is not None:
            return float(random.uniform(*self.uniform))
        if self.normal is not None:
            return self.normal.draw(random)
        assert self.choice is not None
        return self.choice[int(random.integers(len(self.choice)))]

    def samples(self) -> tuple[Any, ...]:
        """Values that must be valid if all draws are to be valid: the ends, or every choice."""
        if self.uniform is not None:
            return self.uniform
        if self.normal is not None:
            ends = (self.normal.min, self.normal.max)
            return (self.normal.mean, *[end for end in ends if end is not None])
        assert self.choice is not None
        return self.choice


Grid = Annotated[tuple[Value, ...], Field(min_length=1, max_length=MAX_VALUES)]


def _axis_kind(value: Any) -> str | None:
    if isinstance(value, dict | Range):
        return "<range>"
    return "<grid>" if isinstance(value, list | tuple) else None


Axis = Annotated[
    Annotated[Grid, Tag("<grid>")] | Annotated[Range, Tag("<range>")],
    Discriminator(
        _axis_kind,
        custom_error_type="fault",
        custom_error_message="{sentence}",
        custom_error_context={
            "sentence": "expected a list of values or one of {uniform}, {normal}, {choice}"
        },
    ),
]


def _seed_list(value: Any) -> Any:
    """Seeds from ``3``, ``[1, 2]`` or ``"0-9"``."""
    if isinstance(value, range):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    if isinstance(value, str):
        found = re.fullmatch(r"(\d{1,10})-(\d{1,10})", value)
        if not found or not int(found[1]) <= int(found[2]) < 2**31:
            raise fault(f"expected a number, a list or a range such as 0-9, got '{value}'")
        value = range(int(found[1]), int(found[2]) + 1)
    if not isinstance(value, list | tuple | range):
        raise fault("expected a number, a list or a range such as 0-9")
    if not 1 <= len(value) <= MAX_SEEDS:
        raise fault(f"expected 1 to {MAX_SEEDS} seeds, got {len(value)}")
    if not isinstance(value, range):
        for index, seed in enumerate(value):
            if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**31:
                raise fault(f"expected a whole number from 0 to 2147483647, got {seed!r}", index)
        if len(set(value)) != len(value):
            raise fault("a seed is given twice")
        return tuple(value)
    return value


Seeds = Annotated[
    Any,
    BeforeValidator(_seed_list),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1},
                {"type": "string", "pattern": r"^\d+-\d+$"},
            ]
        }
    ),
]

Exclusion = (
    Annotated[dict[Word, Value], Field(min_length=1)]
    | Annotated[str, Field(pattern=r"^\$\{.*\}$", max_length=1000)]
)
"""Combinations that are left out: every path has this value, or one of these values; or a
``${condition}`` over the scenario's parameters is true."""
