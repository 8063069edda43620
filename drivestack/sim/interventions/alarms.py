"""What monitors said in the run without the layer: how often, how bad, before which contacts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from drivestack.safety import CRITIC
from drivestack.safety.critic import HORIZON, LATEST
from drivestack.safety.reasons import sentence
from drivestack.sim.monitored import NAMES
from drivestack.sim.parquet import Connection, connected, quoted

from .records import Share


@dataclass(frozen=True, slots=True)
class Alarms:
    """What one monitor said of one run.

    Attributes:
        monitor: name. ticks: decisions in which it was past its limit, of all.
        warned: episodes with a contact in which it was so from 3.0 to 0.5 s before it.
        needless: episodes without any contact in which it ever was.
        worst: a sentence of the decision farthest past the limit, with its scenario and time [s];
        empty, and 0, where there is none.
    """

    monitor: str
    ticks: Share
    warned: Share
    needless: Share
    worst: str
    scenario: str
    time: float


_SAID = """
WITH touched AS (
    SELECT episode, min(tick) AS contact FROM {ticks} WHERE contact GROUP BY episode
), said AS (
    SELECT m.*, e.scenario, m.tick * e.dt AS time, (t.contact - m.tick) * e.dt AS before
    FROM {monitors} m JOIN {episodes} e USING (episode) LEFT JOIN touched t USING (episode)
    WHERE e.outcome <> 'failed' AND (m.value > m."limit" OR m.monitor = $critic
                                     AND m.value >= m."limit")
)
SELECT monitor, count(*),
       count(DISTINCT episode) FILTER (before BETWEEN $latest AND $soonest),
       count(DISTINCT episode) FILTER (before IS NULL),
       first({{'object': object, 'value': value, 'limit': "limit", 'scenario': scenario,
               'time': time}} ORDER BY value - "limit" DESC, episode, tick)
FROM said GROUP BY monitor
"""

_DRIVEN = """
SELECT (SELECT count(*) FROM {ticks} JOIN {episodes} e USING (episode)
        WHERE decided AND e.outcome <> 'failed'),
       count(*) FILTER (outcome = 'contact'),
       count(*) FILTER (outcome NOT IN ('contact', 'failed'))
FROM {episodes}
"""


def alarms_in(folder: Path) -> tuple[Alarms, ...]:
    """Of every monitor in a run, and of the critic if there was one."""
    names = {name: quoted(folder / f"{name}.parquet") for name in ("monitors", "ticks", "episodes")}
    with connected() as connection:
        decisions, hit, quiet = _row(connection, _DRIVEN.format(**names))
        given = {"critic": CRITIC, "latest": LATEST, "soonest": HORIZON}
        said = {
            row[0]: row[1:] for row in connection.execute(_SAID.format(**names), given).fetchall()
        }
        critics = _row(
            connection, f"SELECT count(*) FROM {names['monitors']} WHERE monitor = '{CRITIC}'"
        )
    found = []
    for name in (*NAMES, CRITIC) if critics[0] else NAMES:
        ticks, warned, needless, worst = said.get(name, (0, 0, 0, None))
        found.append(
            Alarms(
                monitor=name,
                ticks=Share.of(ticks, decisions),
                warned=Share.of(warned, hit),
                needless=Share.of(needless, quiet),
                worst=sentence(name, worst["object"], worst["value"], worst["limit"])
                if worst
                else "",
                scenario=worst["scenario"] if worst else "",
                time=worst["time"] if worst else 0.0,
            )
        )
    return tuple(found)


def _row(connection: Connection, query: str) -> tuple[int, ...]:
    """The only row of a query."""
    return connection.execute(query).fetchall()[0]
