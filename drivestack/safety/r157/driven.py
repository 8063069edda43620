"""The cut-in grid driven: by nobody, by the reference models, and by braking at a given moment.

One compiled loop over all cases, with the study's own stepping: speed first, then position with the
new speed; the verdict on a sample decides the next speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from drivestack.core.compiled import kernel
from drivestack.core.parameters import parameter_table
from drivestack.core.tables import Row, Table
from drivestack.core.types import Bools, Floats

from ..reference import cc_human, fsm, reg157, rss
from .cases import LANE, LENGTH, SAMPLES, STEP, WIDTH, CutIns, Sideways
from .noise import Seen, truth

NEVER = 1 << 30
"""A sample that does not come."""


class Model(IntEnum):
    """Who drives the ego."""

    NOBODY = 0
    """Constant speed, or brakes at a given sample."""
    CC = 1
    REG157 = 2
    RSS = 3
    FSM = 4


class Strike(IntEnum):
    """How a run ends."""

    NONE = 0
    BESIDE = 1
    """The ego's centre is ahead of the other's."""
    BEHIND = 2
    """The ego strikes the other from behind."""


@dataclass(frozen=True, slots=True)
class Brakes:
    """The study's: 0.774 g, reached within 0.6 s. Attributes: full: [m/s2]. jerk: [m/s3]."""

    full: float = 7.59294
    jerk: float = 12.65


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What happened in N cases.

    Attributes:
        strike: (N,) `Strike`. flagged: (N,) a reaction began. braked: (N,) a speed was reduced
        by braking. evaded: (N,) it shifted inside its lane or sped up. lost: (N,) the
        speed taken off until the end [m/s]. impact: (N,) closing speed at the contact [m/s], 0
        where there is none.
    """

    strike: NDArray[np.int64]
    flagged: Bools
    braked: Bools
    evaded: Bools
    lost: Floats
    impact: Floats

    @staticmethod
    def blank(count: int) -> Outcomes:
        """Of cases in which nothing happened, for a loop to write to."""
        return Outcomes(
            np.zeros(count, np.int64), np.zeros(count, np.bool_), np.zeros(count, np.bool_),
            np.zeros(count, np.bool_), np.zeros(count), np.zeros(count),
        )  # fmt: skip


def drive(
    cases: CutIns,
    sideways: Sideways,
    model: Model = Model.NOBODY,
    begin: NDArray[np.int64] | int = NEVER,
    seen: Seen | None = None,
) -> Outcomes:
    """Drive every case.

    Args:
        begin: (N,) the sample from which `NOBODY` brakes to a standstill. seen: what the driver
        knows of the other's lateral motion; None: all.
    """
    count = len(cases)
    found = Outcomes.blank(count)
    known = truth(cases, sideways) if seen is None else seen
    starts = np.array(np.broadcast_to(np.asarray(begin, np.int64), (count,)))
    _loop(cases.ego, cases.other, cases.gap, cases.aside, sideways.y, sideways.lead,
          known.y, known.speed, known.row, starts, int(model),
          parameter_table(Brakes()), parameter_table(cc_human.CcHuman()),
          parameter_table(reg157.Reg157()), parameter_table(rss.R157_STUDY),
          parameter_table(fsm.Fsm()), np.array([LENGTH, WIDTH, LANE, STEP]), SAMPLES,
          found.strike, found.flagged, found.braked, found.lost, found.impact)  # fmt: skip
    return found


@kernel
def _rss_unsafe(gap: float, aside: float, closing: float, v: float, lead: float, own: Row) -> bool:
    """Both distances too short; the ego itself does not move aside."""
    if gap > rss.same_direction(
        v, lead, own.response, own.accel, own.brake_min, own.brake_max, rss.MOST
    ):
        return False
    back = rss.drift(closing, own.response, own.lateral_accel, own.lateral_brake)
    return aside <= max(0.0, back + own.fluctuation)


@kernel
def _loop(
    egos: NDArray, others: NDArray, gaps: NDArray, asides: NDArray, ys: NDArray, leads: NDArray,
    seen_y: NDArray, seen_speed: NDArray, rows: NDArray, begins: NDArray,
    model: int, brakes: Table, cc: Table, reg: Table,
    responsible: Table, fuzzy: Table, size: NDArray, samples: int, strikes: NDArray,
    flagged: NDArray, braked: NDArray,
    lost: NDArray, impacts: NDArray,
) -> None:  # fmt: skip
    length, width, step = size[0], size[1], size[3]
    for n in range(len(gaps)):
        k = asides[n]
        lead, v, other, brake = leads[k], egos[n], others[n], 0.0
        x, front = -step * v * lead, gaps[n] + length - step * other * lead
        attention = reg[0].response if model == Model.REG157 else fuzzy[0].response
        for i in range(samples + lead):
            ahead = front - x
            if ys[k, i] - width < 0.0 and abs(ahead) - length < 0.0:
                strikes[n] = Strike.BESIDE if ahead < 0.0 else Strike.BEHIND
                impacts[n] = abs(v - other)
                break
            gap, beside, aside = ahead - length, seen_y[rows[n], i] - width, seen_speed[rows[n], i]
            want = 0.0
            if model == Model.NOBODY:
                want = brakes[0].full if i >= begins[n] else 0.0
            elif ahead > 0.0:
                if model == Model.CC:
                    if beside <= 0.0:
                        if not flagged[n] and not cc_human.is_critical(gap, v, other, cc[0]):
                            break
                        want = brakes[0].full
                elif model == Model.REG157:
                    want = reg[0].brake if reg157.unsafe(gap, beside, v, other, reg[0]) else 0.0
                elif model == Model.RSS:
                    if _rss_unsafe(gap, beside, aside, v, other, responsible[0]):
                        want = brakes[0].full
                elif fsm.heeded(gap, beside, aside, v, other, length, fuzzy[0]):
                    want = fsm.demand(gap, v, other, -brake, fuzzy[0])
            if want <= 0.0:
                brake = 0.0
            elif model != Model.NOBODY and attention > 0.0:
                flagged[n] = True
                attention -= step
                brake = cc[0].lift_off if model == Model.CC else 0.0
            else:
                flagged[n] = braked[n] = True
                if model == Model.REG157:
                    brake = want
                else:
                    brake = min(brake + step * brakes[0].jerk, want)
            v = max(v - step * brake, 0.0)
            x += step * v
            front += step * other
        lost[n] = egos[n] - v
