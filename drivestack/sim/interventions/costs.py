"""What a layer costs: brakes, jerk, time in override, conflicts behind, chatter."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from drivestack.sim.intervals import Mean
from drivestack.sim.parquet import connected, quoted

from .reading import Rows
from .records import Cost
from .spells import GAP

BRAKE, HARD_BRAKE = -3.5, -5.0
"""Accelerations [m/s2] below which a brake is counted; safety.md, 10."""

CONFLICT = 3.4
"""Deceleration [m/s2] a follower needs from which on there is a conflict; safety.md, 10."""


class _Driving(NamedTuple):
    """Of one run: hours, brakes, root mean square of the jerk [m/s3]."""

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
    """Counted over all ticks."""
    query = """
        SELECT coalesce(sum(dt), 0) / 3600, coalesce(sqrt(avg(pow((accel - before) / dt, 2))), 0)
        FROM (SELECT dt, accel, lag(accel) OVER (PARTITION BY episode ORDER BY tick) AS before
            FROM ticks) WHERE before IS NOT NULL"""
    with connected() as connection:
        ticks, episodes = (quoted(folder / f"{name}.parquet") for name in ("ticks", "episodes"))
        joined = f"""WITH ticks AS (SELECT episode, tick, accel, dt
            FROM read_parquet({ticks}) t JOIN read_parquet({episodes}) e USING (episode)) """
        ((hours, jerk),) = connection.execute(joined + query).fetchall()
        counts = [
            connection.execute(joined + _BRAKES, [limit, GAP]).fetchall()[0][0]
            for limit in (BRAKE, HARD_BRAKE)
        ]
    return _Driving(float(hours), int(counts[0]), int(counts[1]), float(jerk))


_BRAKES = """SELECT count(*) FROM (
    SELECT (tick - lag(tick) OVER (PARTITION BY episode ORDER BY tick)) * dt AS pause
    FROM ticks WHERE accel < $1) WHERE pause IS NULL OR pause > $2"""
"""Brakes are told apart as spells are: by a pause."""
