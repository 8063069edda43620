"""How good the critic's chances are: what it foretold against what came of it without the layer.

It foretells whether executing the plan for 3 s ends in a contact that the ego has to answer for.
The run without the layer shows what came: there the planner may have changed its mind meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drivestack.core.types import Bools, Floats, Ints
from drivestack.metrics.collision import answered_for
from drivestack.safety import CRITIC
from drivestack.safety.critic import HORIZON
from drivestack.sim.intervals import Mean, means
from drivestack.sim.parquet import Connection, connected, quoted

EDGES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Of the bins of chances; our choice: most are tiny, so half decades."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Decisions with similar chances.

    Attributes:
        least, most: edges. decisions, episodes: how many. foretold: mean chance. seen: share after
        which a contact came, with its interval over episodes; both None where there are none.
    """

    least: float
    most: float
    decisions: int
    episodes: int
    foretold: float | None
    seen: Mean


@dataclass(frozen=True, slots=True)
class Reliability:
    """A critic on one run.

    Attributes:
        decisions, episodes: at which it said anything whose outcome is known. unsafe: decisions
        after which a contact came. left_out: decisions within 3 s of an end that was no contact.
        brier: mean squared error, with its interval over episodes. brier_of_rate: that of always
        foretelling the share that was seen. ece: mean difference between foretold and seen of the
        bins, by decisions. bins: the reliability diagram.
    """

    decisions: int
    episodes: int
    unsafe: int
    left_out: int
    brier: Mean
    brier_of_rate: float | None
    ece: float | None
    bins: tuple[Bin, ...]


_CHANCES = """
SELECT m.episode, m.value::DOUBLE, (e.ticks - m.tick) * e.dt, e.outcome = 'contact'
FROM {monitors} m JOIN {episodes} e USING (episode)
WHERE m.monitor = $critic AND e.outcome <> 'failed' AND m.tick < e.ticks
ORDER BY m.episode, m.tick
"""

_CONTACTS = """
SELECT t.episode, t.x, t.y, t.yaw, t.v, e.ego_length, a.x::DOUBLE, a.y::DOUBLE, a.v::DOUBLE
FROM {ticks} t JOIN {episodes} e USING (episode)
LEFT JOIN {agents} a ON a.episode = t.episode AND a.tick = t.tick AND a.id = t.contact_with
WHERE t.contact AND t.tick = e.ticks AND e.outcome = 'contact'
"""


def reliability_in(folder: Path) -> Reliability | None:
    """Of the critic in a run; None if it never said anything."""
    tables = ("monitors", "episodes", "ticks", "agents")
    names = {name: quoted(folder / f"{name}.parquet") for name in tables}
    with connected() as connection:
        found = connection.execute(_CHANCES.format(**names), {"critic": CRITIC}).fetchnumpy()
        episode, chance, left, contact = (np.asarray(column) for column in found.values())
        if len(episode) == 0:
            return None
        answered = _answered(connection, _CONTACTS.format(**names))
    near = left <= HORIZON + 1e-9
    known = contact | ~near
    came = near & np.isin(episode, answered)
    return reliability(episode[known], chance[known], came[known], int((~known).sum()))


def reliability(episode: Ints, chance: Floats, came: Bools, left_out: int = 0) -> Reliability:
    """Of N decisions.

    Args:
        episode: (N,) that they are of. chance: (N,) foretold. came: (N,) whether a contact came.
        left_out: how many more there are whose outcome is not known.
    """
    place = np.clip(np.searchsorted(EDGES, chance, side="right") - 1, 0, len(EDGES) - 2)
    numbers, of = np.unique(episode, return_inverse=True)
    shape = (len(numbers), len(EDGES) - 1)
    many, bad = np.zeros(shape), np.zeros(shape)
    error, foretold = np.zeros((len(numbers), 1)), np.zeros(shape[1])
    np.add.at(many, (of, place), 1.0)
    np.add.at(bad, (of, place), came)
    np.add.at(error[:, 0], of, (chance - came) ** 2)
    np.add.at(foretold, place, chance)
    per_bin, per_episode = many.sum(axis=0), many.sum(axis=1, keepdims=True)
    seen = means("reliability", bad / np.maximum(many, 1.0), many)
    (brier,) = means("brier", error / np.maximum(per_episode, 1.0), per_episode)
    total, share = len(chance), float(came.mean()) if len(chance) else None
    gap = np.abs(foretold - bad.sum(axis=0)).sum()
    return Reliability(
        decisions=total,
        episodes=len(numbers),
        unsafe=int(came.sum()),
        left_out=left_out,
        brier=brier,
        brier_of_rate=None if share is None else share * (1.0 - share),
        ece=float(gap) / total if total else None,
        bins=tuple(
            Bin(
                least=EDGES[k],
                most=EDGES[k + 1],
                decisions=int(per_bin[k]),
                episodes=int(np.count_nonzero(many[:, k])),
                foretold=float(foretold[k] / per_bin[k]) if per_bin[k] else None,
                seen=seen[k],
            )
            for k in range(shape[1])
        ),
    )


def _answered(connection: Connection, query: str) -> list[int]:
    """Episodes whose contact the ego has to answer for: as the critic's training counts them."""
    found = []
    for episode, x, y, yaw, v, length, other_x, other_y, other_v in connection.execute(
        query
    ).fetchall():
        other = None if other_v is None else (other_x, other_y, other_v)
        if answered_for((x, y, yaw, v), 0.5 * length, other):
            found.append(episode)
    return found
