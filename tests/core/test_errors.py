"""Error messages name the nearest valid choice."""

from __future__ import annotations

import pytest

from drivestack.core.errors import (
    DrivestackError,
    EnvironmentFault,
    InputError,
    UnsupportedError,
    nearest,
    unknown,
)


@pytest.mark.parametrize(
    ("name", "clause"),
    [
        ("lenght", "did you mean 'length'?"),
        ("widht", "did you mean 'width'?"),
        ("zzz", "valid: length, width"),
        ("", "valid: length, width"),
    ],
)
def test_nearest(name: str, clause: str) -> None:
    assert nearest(name, {"width", "length"}) == clause


def test_unknown_is_one_sentence_of_the_user_s_fault() -> None:
    error = unknown("stack", "pidd", ["pid", "idm"])
    assert isinstance(error, InputError)
    assert str(error) == "unknown stack 'pidd'; did you mean 'pid'?"
    assert "\n" not in str(error)


def test_the_tree() -> None:
    assert issubclass(UnsupportedError, InputError)
    assert issubclass(InputError, DrivestackError)
    assert issubclass(EnvironmentFault, DrivestackError)
    assert not issubclass(EnvironmentFault, InputError)
