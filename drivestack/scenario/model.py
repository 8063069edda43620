"""The base of every schema model, the scalar types it is made of, and the errors it raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from drivestack.core.errors import nearest

Number = Annotated[float, Strict(), Field(ge=-1e9, le=1e9)]
"""Any finite number."""

Metres = Annotated[float, Strict(), Field(ge=-1e6, le=1e6)]
"""A coordinate [m]."""

Length = Annotated[float, Strict(), Field(gt=0, le=1e5)]
"""A size [m]."""

Speed = Annotated[float, Strict(), Field(ge=0, le=150)]
"""A speed [m/s]; 150 m/s is faster than any road car."""

Radians = Annotated[float, Strict(), Field(ge=-100, le=100)]
"""An angle [rad]."""

Seconds = Annotated[float, Strict(), Field(gt=0, le=86_400)]
"""A duration [s]."""

Hertz = Annotated[int, Strict(), Field(ge=1, le=1000)]
"""A rate [Hz]."""

Whole = Annotated[int, Strict(), Field(ge=0, le=2**31 - 1)]
"""A natural number."""

Truth = Annotated[bool, Strict()]

Word = Annotated[str, Field(min_length=1, max_length=500)]

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", max_length=100)]
"""A name that can be a part of an episode's id."""

Point = tuple[Metres, Metres]
"""x, y [m] in the map's ISO frame: y to the left of travel along x."""

LaneRef = tuple[Word, Word, Whole]
"""A lane: from-node, to-node, number within the road, 0 the leftmost."""


class Model(BaseModel):
    """A frozen block of a scenario file that knows all its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _check_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            valid = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in valid:
                    raise fault(f"unknown key; {nearest(str(key), valid)}", str(key))
        return data


def listed(value: Any) -> Any:
    """A list as it is, anything else as a list of one: for keys that take one or several."""
    return value if isinstance(value, list | tuple) else [value]


def fault(sentence: str, *steps: str | int) -> PydanticCustomError:
    """The error a validator raises: a sentence, and the way down to the field it is about."""
    return PydanticCustomError("fault", "{sentence}", {"sentence": sentence, "steps": steps})
