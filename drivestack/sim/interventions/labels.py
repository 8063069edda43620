"""What an intervention was: safety.md, section 10, for one spell and for one whole episode."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Label(StrEnum):
    """By what happens without the layer (U), with it (W), and whether it acted (A)."""

    SAVED = "saved"
    """U, A, not W."""
    MITIGATED = "mitigated"
    """U, A, W, at a smaller delta-v."""
    STILL_HIT = "still_hit"
    """U, A, W, no softer."""
    MISSED = "missed"
    """U and not A."""
    NEEDLESS = "needless"
    """A, neither U nor W."""
    HARM = "harm"
    """A, W and not U."""
    QUIET = "quiet"
    """Neither U nor A: quiet and right."""
    UNKNOWN = "unknown"
    """The other run is not known."""


NEEDED = (Label.SAVED, Label.MITIGATED, Label.STILL_HIT, Label.MISSED)
"""Cases with a mishap where nothing is done."""

TO_KEEP = (Label.MISSED, Label.NEEDLESS, Label.HARM)
"""Cases that are saved as scenarios."""


class Ending(Protocol):
    """How a drive ends."""

    @property
    def bad(self) -> bool:
        """With a mishap: a contact, a red light that was run, or leaving the road."""
        ...

    @property
    def delta_v(self) -> float:
        """Change of the ego's speed in a contact [m/s], else 0."""
        ...


@dataclass(frozen=True, slots=True)
class Ended:
    """An `Ending` of which nothing else is known."""

    bad: bool
    delta_v: float


def label_of(without: Ending | None, own: Ending, acted: bool) -> Label:
    """The label.

    Args:
        without: what happens without the layer, None: that is not known. own: what happens with it.
    """
    if without is None:
        return Label.UNKNOWN
    if not acted:
        return Label.MISSED if without.bad else Label.QUIET
    if not without.bad:
        return Label.HARM if own.bad else Label.NEEDLESS
    if not own.bad:
        return Label.SAVED
    return Label.MITIGATED if own.delta_v < without.delta_v else Label.STILL_HIT
