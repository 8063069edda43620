"""Engines with one rule changed: each must fail its case, or the case proves nothing.

A mutant is a substitution in one source file; the text has to occur there exactly once, so that
an edit of the engine that moves a rule away is noticed.
"""

from __future__ import annotations

from dataclasses import dataclass

from .cases_mutants_contact import CONTACT, RIGHT_OF_WAY
from .cases_mutants_driving import DRIVING
from .cases_mutants_traffic import TRAFFIC


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed rule.

    Attributes:
        rule: what is changed. file: below the package. changes: text and other text.
        case: the constructed case that must fail.
    """

    rule: str
    file: str
    changes: tuple[tuple[str, str], ...]
    case: str

    @property
    def name(self) -> str:
        """The case and what is changed."""
        return f"{self.case}: {self.rule}"


def _mutant(file: str, rule: str, old: str, new: str, case: str, *more: str) -> Mutant:
    changes = ((old, new), *zip(more[::2], more[1::2], strict=True))
    return Mutant(rule, file, changes, case)


ALL = tuple(
    _mutant(file, *entry)
    for table in (DRIVING, TRAFFIC, CONTACT, RIGHT_OF_WAY)
    for file, entries in table.items()
    for entry in entries
)

MUTANTS: dict[str, Mutant] = {mutant.name: mutant for mutant in ALL}
"""Every mutant by name."""
