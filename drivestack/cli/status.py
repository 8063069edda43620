"""Exit statuses."""

from __future__ import annotations

OK = 0
UNEXPECTED = 1
"""An episode did not come out as its scenario expects, or contact was not avoided where it must."""
REGRESSION = 1
"""A comparison has established one, and was asked to fail then."""
BAD_INPUT = 2
BAD_MACHINE = 3
PARTIAL = 4
"""Some episodes raised; it outranks `UNEXPECTED`."""
INTERRUPTED = 130
"""A shell's status for Ctrl-C."""

EXPLAINED = (
    "Exit status: 0 all is well, 1 an expectation or a duty of a scenario failed, 2 wrong input, "
    "3 the machine lacks something, 4 an episode raised an error, 130 interrupted."
)

COMPARE_EXPLAINED = (
    "Exit status: 0 all is well, 1 a regression is established (with --fail-on-regression), "
    "2 wrong input, 3 the machine lacks something, 130 interrupted."
)
