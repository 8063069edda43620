"""Every intervention of an episode judged: what happened, what would have, what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drivestack.core.episode import Episode
from drivestack.safety.reasons import sentence

from .fate import Fate, fate_of
from .labels import Label, label_of
from .spells import Spell, spells_of
from .twins import HORIZON


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
    """

    spell: Spell
    dt: float
    own: Fate
    other: Fate | None
    label: Label
    last_moment: int | None
    progress_lost: float | None
    sentence: str

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
    found = others or {}
    return [_judged(episode, spell, found.get(spell.first), ticks) for spell in spells_of(episode)]


def _judged(episode: Episode, spell: Spell, other: Counterfactual | None, ticks: int) -> Judged:
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
    )
