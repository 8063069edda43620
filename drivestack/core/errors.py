"""The error tree: each message is one sentence with place, expectation and the valid choice.

DrivestackError
├── InputError          a file, key, value or name given by the user is wrong (exit status 2)
│   └── UnsupportedError    well-formed input that asks for something drivestack does not do
└── EnvironmentFault    the machine lacks something (exit status 3)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DrivestackError(Exception):
    """Root of every error that drivestack raises on purpose."""


class InputError(DrivestackError):
    """The user's input is wrong; the message is a single sentence with place and expectation."""


class UnsupportedError(InputError):
    """The input is well-formed and asks for something that drivestack does not do."""


class EnvironmentFault(DrivestackError):
    """The machine lacks something that the request needs."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """A clause naming the valid choice nearest to `name`, or listing them if none is near."""
    choices = sorted(valid)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    return "valid: " + ", ".join(choices)


def unknown(kind: str, name: str, valid: Iterable[str]) -> InputError:
    """The error for a name that is not in a registry."""
    return InputError(f"unknown {kind} '{name}'; {nearest(name, valid)}")
