"""Checks of the safety layer that failed, whether or not anything had to be done about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drivestack.core.episode import WATCHED, Reason, failed_checks

from .evidence import Evidence

_MOST = 4
"""Checks that a sentence names; the table of ticks has them all."""


@dataclass(frozen=True, slots=True)
class ChecksFailed:
    """`checks_failed`: decisions at which any check failed, faults of a planner among them.

    Those that only watch do not count: RSS calls most human driving dangerous.
    """

    names: tuple[str, ...] = ("checks_failed",)

    def measure(self, evidence: Evidence) -> tuple[Reason, ...]:
        """How often, which, and when each of them did first."""
        (name,), episode = self.names, evidence.episode
        decisions = episode.decisions
        failed = failed_checks(decisions)[:, : len(episode.checks)]
        acting = [not check.startswith(WATCHED) for check in episode.checks]
        failed &= np.array(acting, np.bool_)
        often = failed.sum(axis=0)
        if not often.any():
            return (Reason(name, 0.0, "no check failed"),)
        worst = sorted(range(len(often)), key=lambda check: (-often[check], check))
        parts = [
            f"{episode.checks[check]} at {often[check]} decisions, first at "
            f"{decisions['tick'][failed[:, check].argmax()] * episode.dt:.1f} s"
            for check in worst
            if often[check]
        ]
        more = f"; and {len(parts) - _MOST} others" if len(parts) > _MOST else ""
        count = float(failed.any(axis=1).sum())
        tick = int(decisions["tick"][failed.any(axis=1).argmax()])
        return (Reason(name, count, "; ".join(parts[:_MOST]) + more, tick),)
