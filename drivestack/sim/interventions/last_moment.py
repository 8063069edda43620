"""The last useful braking moment: the latest tick from which on full braking still clears."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .branches import Branch, Branches
from .fate import Fate, Mishap, fate_of
from .twins import Twin

TRIED = 16
"""Ticks that are tried at once: with two rounds a horizon of 8 s is known to a tick at 20 Hz."""


def last_moments(twins: Sequence[Twin], branches: Branches, ticks: int) -> list[int | None]:
    """For each twin that ends in a contact the latest tick at which braking begins in time.

    From the moment of the fork on nothing is done until that tick. None where braking at once does
    not do, or where there is no contact. Clear means no contact within the horizon.
    """
    spans = [_span(twin) for twin in twins]
    best: list[int | None] = [None] * len(twins)
    while True:
        tries = [(n, tick) for n, span in enumerate(spans) for tick in _tried(span)]
        if not tries:
            return best
        driven = branches.driven([Branch(twins[n].moment, tick) for n, tick in tries])
        clear = {
            pair: episode is not None
            and fate_of(episode, twins[pair[0]].tick, ticks).mishap is not Mishap.CONTACT
            for pair, episode in zip(tries, driven, strict=True)
        }
        for n, span in enumerate(spans):
            good = [tick for tick in _tried(span) if clear[n, tick]]
            if good:
                best[n] = max(good)
            spans[n] = _narrowed(_tried(span), best[n])


def _span(twin: Twin) -> range:
    """Ticks at which braking may begin."""
    fate: Fate | None = twin.fate
    if fate is None or fate.mishap is not Mishap.CONTACT:
        return range(0)
    return range(twin.tick, fate.tick)


def _tried(span: range) -> list[int]:
    """At most `TRIED` ticks of a span, its first among them."""
    if len(span) <= TRIED:
        return list(span)
    return sorted({span[int(k)] for k in np.linspace(0, len(span) - 1, TRIED)})


def _narrowed(tried: Sequence[int], best: int | None) -> range:
    """Between the best one and the next that was tried."""
    if best is None or best not in tried:
        return range(0)
    later = [tick for tick in tried if tick > best]
    return range(best + 1, later[0]) if later else range(0)
