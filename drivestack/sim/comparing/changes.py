"""Episodes that came out otherwise: what went wrong in one run only, worst first."""

from __future__ import annotations

from .measures import DRIVEN
from .pairing import Pairs
from .records import Changed

MOST_CHANGES = 1000
"""Kept of a comparison, the worst; all are counted."""

_SCORE = "pdms_1"

WRONGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "failed": ("e.outcome = 'failed'", ("outcome",)),
    "contact at fault": (f"{DRIVEN} AND e.at_fault", ("at_fault",)),
    "contact": (f"{DRIVEN} AND e.contact", ("contact",)),
    "duty not met": ("e.duty_met = 'no'", ("duty_met",)),
    "expectation failed": ("e.expectations = 'failed'", ("expectations",)),
    "off the road": ("e.outcome = 'off_road'", ("outcome",)),
    "goal missed": (
        f"{DRIVEN} AND e.has_goal AND NOT e.goal_reached", ("has_goal", "goal_reached"),
    ),
    "frozen": (f"{DRIVEN} AND e.frozen", ("frozen",)),
}  # fmt: skip
"""What may be wrong with an episode, worst first: SQL over a row of episodes, and its columns."""


def changes_of(pairs: Pairs) -> tuple[int, tuple[Changed, ...]]:
    """How many episodes changed, and the worst of them."""
    have = pairs.sides[0].columns & pairs.sides[1].columns
    wrongs = [name for name, (_, needs) in WRONGS.items() if have.issuperset(needs)]
    # the worst is the highest bit, so that numbers are in the order of what appeared
    bits = {name: 1 << place for place, name in enumerate(reversed(wrongs))}
    mask = " + ".join(
        f"{bit} * coalesce({WRONGS[name][0]}, false)::INT" for name, bit in bits.items()
    )
    score = f"CASE WHEN {DRIVEN} THEN e.{_SCORE} ELSE 0 END" if _SCORE in have else "0.0"
    found = pairs.connection.execute(
        "SELECT pairs.scenario, pairs.base, pairs.other, "
        "other.wrong & ~base.wrong AS appeared, base.wrong & ~other.wrong AS vanished, "
        "coalesce(other.score - base.score, 0.0) AS gain, count(*) OVER () AS changed "
        f"{pairs.joined([f'{mask} AS wrong', f'({score})::DOUBLE AS score'])} "
        "WHERE base.wrong <> other.wrong "
        f"ORDER BY appeared DESC, vanished, gain, pairs.base LIMIT {MOST_CHANGES}"
    ).fetchall()
    changes = tuple(
        Changed(str(scenario), int(base), int(other),
                tuple(name for name in wrongs if bits[name] & appeared),
                tuple(name for name in wrongs if bits[name] & vanished), float(gain))
        for scenario, base, other, appeared, vanished, gain, _ in found
    )  # fmt: skip
    return (int(found[0][-1]) if found else 0), changes
