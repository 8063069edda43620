"""The table `interventions` of the log: one row a spell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from drivestack.sim.considered import Columns, optional

from .fate import Fate
from .judging import Judged
from .spells import Spell


def intervention_rows(number: int, judged: Sequence[Judged]) -> Columns:
    """Rows of one episode; what is not known, or was not, is masked."""
    dt = [one.dt for one in judged]
    spells = [one.spell for one in judged]
    columns: Columns = {
        "episode": np.full(len(judged), number, np.int32),
        "spell": np.arange(len(judged), dtype=np.int32),
        "tick": _whole([spell.first for spell in spells]),
        "last": _whole([spell.last for spell in spells]),
        "time": _float([s.first * step for s, step in zip(spells, dt, strict=True)]),
        "seconds": _float([_length(s, step) for s, step in zip(spells, dt, strict=True)]),
        "acting": _whole([spell.acting for spell in spells]),
        "switches": _whole([spell.switches for spell in spells]),
        "kind": _text([spell.kind.name.lower() for spell in spells]),
        "check": _text([spell.check for spell in spells]),
        "object": _whole([spell.object for spell in spells]),
        "value": optional([spell.value for spell in spells], np.float64),
        "limit": optional([spell.limit for spell in spells], np.float64),
        "accel_commanded": _float([spell.commanded for spell in spells]),
        "accel_filtered": _float([spell.filtered for spell in spells]),
        "sentence": _text([one.sentence for one in judged]),
        "label": _text([one.label.value for one in judged]),
        "lead": optional([one.lead for one in judged], np.float64),
        "margin": optional([one.margin for one in judged], np.float64),
        "separate": _text([_word(one.separate) for one in judged]),
        "clean": _flags([one.clean for one in judged]),
        "near_miss": _flags([one.near_miss for one in judged]),
        "braked": _float([one.braked for one in judged]),
        "progress_lost": optional([one.progress_lost for one in judged], np.float64),
    }
    columns |= _fates("own", [one.own for one in judged])
    return columns | _fates("twin", [one.other for one in judged])


def _word(truth: bool | None) -> str:
    return "" if truth is None else "yes" if truth else "no"


def _length(spell: Spell, dt: float) -> float:
    return (spell.last - spell.first) * dt


def _fates(whose: str, fates: Sequence[Fate | None]) -> Columns:
    """Columns of what became of the ego, or of its twin."""

    def of(value: Callable[[Fate], float | None], dtype: DTypeLike = np.float64) -> NDArray:
        return optional([None if fate is None else value(fate) for fate in fates], dtype)

    def hit(value: Callable[[Fate], float]) -> NDArray:
        return of(lambda fate: value(fate) if fate.bad else None)

    words = ["" if fate is None else fate.mishap.value for fate in fates]
    return {
        f"{whose}_mishap": _text(words),
        f"{whose}_tick": of(lambda fate: fate.tick if fate.bad else None, np.int32),
        f"{whose}_object": of(lambda fate: fate.object if fate.object >= 0 else None, np.int32),
        f"{whose}_at_fault": _flags([fate is not None and fate.at_fault for fate in fates]),
        f"{whose}_impact": hit(lambda fate: fate.impact),
        f"{whose}_delta_v": hit(lambda fate: fate.delta_v),
        f"{whose}_follower_drac": of(lambda fate: fate.follower_drac),
    }


def _whole(values: Sequence[int]) -> NDArray:
    return np.array(values, np.int32)


def _float(values: Sequence[float]) -> NDArray:
    return np.array(values, np.float64)


def _flags(values: Sequence[bool]) -> NDArray:
    return np.array(values, np.bool_)


def _text(values: Sequence[str]) -> NDArray:
    return np.array(values, dtype=object)
