"""What the pages of a judged safety layer are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """A safety layer that was judged.

    Attributes:
        facts: what `safety.json` says. spells: rows of the table `interventions` of its run, with
        the scenario's id.
    """

    facts: dict[str, Any]
    spells: list[dict[str, Any]]
