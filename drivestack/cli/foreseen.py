"""What monitors and the critic said in the run without the layer, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .screen import print_table, with_interval

if TYPE_CHECKING:
    from drivestack.sim.interventions.alarms import Alarms
    from drivestack.sim.interventions.foretold import Bin, Reliability
    from drivestack.sim.interventions.records import Share


def print_alarms(alarms: Sequence[Alarms]) -> None:
    """How often each monitor was past its limit; page and JSON also say where it was worst."""
    from drivestack.safety.critic import HORIZON, LATEST

    print_table(
        "monitors, without the layer: decisions past the limit; contacts with one of these "
        f"{HORIZON:g} to {LATEST:g} s before; episodes without a contact with any",
        ["monitor", "decisions %", "before contacts", "without a contact"],
        [_alarms(one) for one in alarms],
    )


def print_reliability(found: Reliability) -> None:
    """Foretold against seen, bin by bin, and what it comes to."""
    from drivestack.safety.critic import HORIZON

    print_table(
        f"critic, without the layer: chance of a contact within {HORIZON:g} s, foretold and seen",
        ["chances", "decisions", "episodes", "foretold %", "seen %"],
        [_bin(one) for one in found.bins],
    )
    print(
        f"Brier {with_interval(found.brier, 1.0, 4)} "
        f"(the rate alone: {_number(found.brier_of_rate, 4)}), "
        f"ECE {_number(found.ece, 4)}; {found.unsafe:,} of {found.decisions:,} decisions in "
        f"{found.episodes:,} episodes were unsafe; {found.left_out:,} too near the end to tell"
    )


def _alarms(one: Alarms) -> list[str]:
    hits, trials = one.ticks.rate.hits, one.ticks.rate.trials
    share = f"{100.0 * hits / trials:.1f}" if trials else "-"
    return [one.monitor, share, _share(one.warned), _share(one.needless)]


def _share(share: Share) -> str:
    return f"{share.rate.hits}/{share.rate.trials}" if share.rate.trials else "-"


def _bin(one: Bin) -> list[str]:
    edges = f"{100.0 * one.least:g} to {100.0 * one.most:g} %"
    foretold = None if one.foretold is None else 100.0 * one.foretold
    counts = [f"{one.decisions:,}", f"{one.episodes:,}"]
    return [edges, *counts, _number(foretold, 2), with_interval(one.seen, 100.0, 2)]


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
