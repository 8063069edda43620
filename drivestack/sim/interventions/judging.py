"""Every intervention of an episode judged: what happened, what would have, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivestack.core.episode import Episode
from drivestack.core.types import Bools
from drivestack.safety.reasons import sentence

from .divergence import separate
from .fate import Fate, fate_of
from .labels import Label, label_of
from .near_miss import AFTER, clean, near_misses
from .spells import Spell, spells_of
from .twins import HORIZON

NEXT = 3.0
"""How long a human who sees the same danger may take to brake [s]; our choice: two reactions."""


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What is known of the other way from one spell.

    Attributes:
        fate: without the layer; None: its run raised an exception.
        last_moment: latest tick from which full braking clears; None: none does, or no contact.
    """

    fate: Fate | None
    last_moment: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """One spell.

    Attributes:
        spell: it. dt: a tick [s]. own: what became of the ego. other: of its twin, None: nobody
        knows. label: by both. last_moment: as in `Counterfactual`.
        progress_lost: driven by the twin and not by the ego, as long as both go on [m].
        sentence: why it acted.
        separate: whether plausible futures still separate then, None: it is about nobody.
        clean: whether it begins in driving without near misses. near_miss: whether there is one
        from then on, within the time that `near_miss` looks ahead.
        braked: the ego's strongest acceleration downwards in the next `NEXT` seconds [m/s2].
    """

    spell: Spell
    dt: float
    own: Fate
    other: Fate | None
    label: Label
    last_moment: int | None
    progress_lost: float | None
    sentence: str
    separate: bool | None
    clean: bool
    near_miss: bool
    braked: float

    @property
    def lead(self) -> float | None:
        """From the intervention to the twin's mishap [s]."""
        if self.other is None or not self.other.bad:
            return None
        return (self.other.tick - self.spell.first) * self.dt

    @property
    def margin(self) -> float | None:
        """From the intervention to the last useful braking moment [s]."""
        if self.last_moment is None:
            return None
        return (self.last_moment - self.spell.first) * self.dt


def judged_spells(
    episode: Episode,
    others: Mapping[int, Counterfactual] | None = None,
    horizon: float = HORIZON,
) -> list[Judged]:
    """The spells of an episode.

    Args:
        others: by the tick at which a spell begins; None: no twins were driven.
        horizon: for how long fates are followed [s].
    """
    ticks = round(horizon / episode.dt)
    found, spells = others or {}, spells_of(episode)
    seen = _Seen.of(episode) if spells else None
    return [
        _judged(episode, spell, found.get(spell.first), ticks, seen) for spell in spells if seen
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Ticks of an episode from the first on: (T,) near misses, and clean ones."""

    first: int
    missed: Bools
    clean: Bools

    @classmethod
    def of(cls, episode: Episode) -> _Seen:
        return cls(int(episode.ego["tick"][0]), near_misses(episode), clean(episode))


def _judged(
    episode: Episode, spell: Spell, other: Counterfactual | None, ticks: int, seen: _Seen
) -> Judged:
    at = spell.first - seen.first
    soon = slice(at, at + round(AFTER / episode.dt) + 1)
    next_rows = episode.ego[at : at + round(NEXT / episode.dt) + 1]
    own = fate_of(episode, spell.first, ticks)
    twin = other.fate if other else None
    lost = None
    if twin is not None:
        shared = min(len(own.path), len(twin.path)) - 1
        lost = twin.travelled(shared) - own.travelled(shared)
    return Judged(
        spell=spell,
        dt=episode.dt,
        own=own,
        other=twin,
        label=label_of(twin, own, True),
        last_moment=other.last_moment if other else None,
        progress_lost=lost,
        sentence=sentence(spell.check, spell.object, spell.value, spell.limit),
        separate=separate(episode, spell.first, spell.object) if spell.object >= 0 else None,
        clean=bool(seen.clean[at : at + 1].all()),
        near_miss=bool(seen.missed[soon].any()),
        braked=float(next_rows["accel"].min()),
    )
