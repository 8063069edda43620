"""What a layer costs: brakes, jerk, time in override, conflicts behind, chatter."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from drivestack.sim.intervals import Mean
from drivestack.sim.parquet import connected, quoted

from .reading import Rows
from .records import Cost

BRAKE, HARD_BRAKE = -3.5, -5.0
"""Accelerations [m/s2] below which a brake is counted; safety.md, 10."""

CONFLICT = 3.4
"""Deceleration [m/s2] a follower needs from which on there is a conflict; safety.md, 10."""


class _Driving(NamedTuple):
    """Of one run: hours, onsets of brakes, root mean square of the jerk [m/s3]."""

    hours: float
    brakes: int
    hard: int
    jerk: float


def cost_of(folder: Path, bare: Path, spells: Rows, progress: Mean) -> Cost:
    """The cost of a layer.

    Args:
        folder, bare: of the runs with it and without. spells: its interventions.
        progress: with it less without.
    """
    own, other = _driving(folder), _driving(bare)
    decisions = _decisions(folder)
    acting = sum(row["acting"] for row in spells)
    inside = sum(row["seconds"] for row in spells)
    switches = sum(row["switches"] for row in spells)
    return Cost(
        hours=own.hours,
        brakes=_hourly(own.brakes, own.hours),
        hard_brakes=_hourly(own.hard, own.hours),
        bare_brakes=_hourly(other.brakes, other.hours),
        bare_hard_brakes=_hourly(other.hard, other.hours),
        jerk=own.jerk,
        bare_jerk=other.jerk,
        override=acting / decisions if decisions else 0.0,
        progress=progress,
        rear_conflicts=sum(_is_induced(row) for row in spells),
        chatter=switches / inside if inside > 0.0 else 0.0,
    )


def _hourly(count: int, hours: float) -> float:
    return count / hours if hours > 0.0 else 0.0


def _is_induced(row: dict[str, float | None]) -> bool:
    """Whether a follower has to brake hard, and would not have to without the intervention."""
    own, twin = row["own_follower_drac"], row["twin_follower_drac"]
    return own is not None and own > CONFLICT and twin is not None and twin <= CONFLICT


def _decisions(folder: Path) -> int:
    table = quoted(folder / "ticks.parquet")
    with connected() as connection:
        query = f"SELECT count(*) FROM read_parquet({table}) WHERE decided"
        return int(connection.execute(query).fetchall()[0][0])


def _driving(folder: Path) -> _Driving:
    """Counted over all ticks: a brake begins where the acceleration falls below its limit."""
    ticks, episodes = (quoted(folder / f"{name}.parquet") for name in ("ticks", "episodes"))
    query = f"""
        WITH steps AS (
            SELECT e.dt AS dt, t.accel AS now,
                lag(t.accel) OVER (PARTITION BY t.episode ORDER BY t.tick) AS before
            FROM read_parquet({ticks}) t JOIN read_parquet({episodes}) e USING (episode))
        SELECT coalesce(sum(dt), 0) / 3600,
            count(*) FILTER (now < {BRAKE} AND before >= {BRAKE}),
            count(*) FILTER (now < {HARD_BRAKE} AND before >= {HARD_BRAKE}),
            coalesce(sqrt(avg(pow((now - before) / dt, 2))), 0)
        FROM steps WHERE before IS NOT NULL"""
    with connected() as connection:
        ((hours, brakes, hard, jerk),) = connection.execute(query).fetchall()
    return _Driving(float(hours), int(brakes), int(hard), float(jerk))
