"""The figures of a critic for people: a few lines, and a page in Markdown."""

from __future__ import annotations

from typing import Any

from drivestack.safety.critic import MOST_FALSE_ALARMS

from .calibrating import LEAST_UNSAFE


def summary(facts: dict[str, Any]) -> str:
    """A few lines: how good it is, at which threshold, and whether it acts."""
    report = facts["report"]["all"]
    return "\n".join(
        (
            f"learned from {facts['data']['samples']:,} plans, {facts['data']['unsafe']:,} unsafe; "
            f"threshold from {facts['unsafe_episodes']:,} unsafe episodes",
            f"on unseen seeds: AUC {report['auc']:.3f}, Brier {report['brier']:.4f} "
            f"(the rate alone: {report['brier_of_rate']:.4f}), ECE {report['ece']:.4f}",
            _threshold(facts),
        )
    )


def _threshold(facts: dict[str, Any]) -> str:
    """The threshold, its bound, and what follows from it."""
    calibration = facts["calibration"]
    if calibration["missed"] >= 1.0:
        return (
            f"fewer than {LEAST_UNSAFE} unsafe episodes: there is no bound of what it misses, "
            f"and it only advises, from {calibration['threshold']:g} on"
        )
    verdict = "it may act" if calibration["binds"] else "it only advises"
    return (
        f"threshold {calibration['threshold']:.4f}: is expected to miss at most "
        f"{_percent(calibration['missed'])} of unsafe episodes of families like these, alarms in "
        f"{_percent(calibration['false_alarms'])} of quiet nominal ones "
        f"(at most {_percent(MOST_FALSE_ALARMS)} to act): {verdict}"
    )


def page_of(facts: dict[str, Any]) -> str:
    """All figures."""
    report = facts["report"]
    parts = [
        "# The learned safety critic",
        "Every figure is of the run that made the checkpoint; nothing is typed. What it is and how "
        "it is made: `drivestack/learn/critic/README.md`.",
        summary(facts),
        "## Thresholds",
        "The bound is that of the expected share of unsafe episodes without an alarm from 3.0 to "
        "0.5 s before the contact (conformal, from "
        f"{facts['unsafe_episodes']:,} unsafe episodes of seeds and families that were not learned "
        "from). False alarms: quiet episodes of nominal stacks with any alarm.",
        _table(
            ("bound of misses", "chance", "false alarms", "95 % interval", "per hour"),
            [
                (
                    _percent(row["bound"]),
                    f"{row['chance']:.4f}",
                    _percent(row["false_alarms"]),
                    f"{_percent(row['low'])} to {_percent(row['high'])}",
                    f"{row['per_hour']:.1f}",
                )
                for row in facts["thresholds"]
            ],
        ),
        "## On seeds that nothing was made of",
        "Plans that a nominal stack chose, executed for 3 s; misses and false alarms at the "
        "threshold. An AUC of 0.5 also stands where no plan, or every one, was unsafe.",
        _table(
            ("family", "plans", "unsafe", "AUC", "Brier", "ECE", "missed", "false alarms"),
            [_family(name, row) for name, row in report.items()],
        ),
        "## Reliability",
        "Bins of equally many plans of unseen seeds.",
        _table(
            ("plans", "foretold", "unsafe"),
            [
                (str(row["samples"]), f"{row['foretold']:.4f}", f"{row['unsafe']:.4f}")
                for row in report["all"]["reliability"]
            ],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _family(name: str, row: dict[str, Any]) -> tuple[str, ...]:
    return (
        name,
        f"{row['samples']:,}",
        str(row["unsafe"]),
        f"{row['auc']:.3f}",
        f"{row['brier']:.4f}",
        f"{row['ece']:.4f}",
        f"{row['missed']} of {row['unsafe_episodes']}",
        f"{row['false_alarms']} of {row['quiet_episodes']}",
    )


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
