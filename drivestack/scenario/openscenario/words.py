"""What a translation is made of: words of our schema, as plain mappings and lists."""

from __future__ import annotations

import re
from typing import Any

Words = dict[str, Any]
"""A block of a scenario file, before it is checked."""

Fold = Words | bool
"""A condition, or one that is known to hold always or never."""

Folded = list[list[Words]] | bool
"""Groups of which one must hold as a whole; True: at once; False: never."""


def name_of(text: str, taken: set[str]) -> str:
    """A name that our schema accepts, and that nothing else has."""
    base = re.sub(r"[^A-Za-z0-9_.\-]", "-", text).lstrip("_.-")[:90] or "event"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}.{number}"
    taken.add(name)
    return name


def all_of(one: Folded, other: Folded) -> Folded:
    """A trigger that holds where both do."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    return [[*a, *b] for a in one for b in other]


def any_of(triggers: list[Folded]) -> Folded:
    """A trigger that holds where one of several does."""
    groups: list[list[Words]] = []
    for trigger in triggers:
        if trigger is True:
            return True
        if trigger is not False:
            groups += trigger
    return groups or False


def group_of(conditions: list[Fold]) -> Folded:
    """The trigger of conditions that must hold together."""
    if False in conditions:
        return False
    words = [condition for condition in conditions if not isinstance(condition, bool)]
    return [words] if words else True


def when(trigger: Folded) -> Words:
    """The key `when` of an event; nothing for one that begins at once."""
    if isinstance(trigger, bool):
        return {}
    return {"when": trigger[0] if len(trigger) == 1 else {"any": trigger}}
