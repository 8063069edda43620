"""The verb `safety SUITE`: what the layer's interventions were worth, as tables or JSON."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from drivestack.core.errors import InputError
from drivestack.sim.interrupts import interrupts_held

from . import status
from .foreseen import print_alarms, print_reliability
from .humans import print_humans
from .screen import complain, print_table, progress_bar

if TYPE_CHECKING:
    from drivestack.sim.interventions.evaluate import Evaluation
    from drivestack.sim.interventions.records import Account, Counts, Share
    from drivestack.sim.progress import Progress

_MOST_CASES = 20
"""Cases on the screen; JSON has all of them."""

_LABELS = ("acted", "needed", "saved", "mitigated", "still_hit", "missed", "needless", "harm")


def evaluate_and_show(
    scenarios: Sequence[Path],
    out: Path | None,
    as_json: bool,
    prices: str | None,
    report: bool,
    **chosen: Any,
) -> int:
    """Judge the layer on scenarios and show what it was worth; returns the exit status.

    Recorded drivers have no twins: there the layer looks on, and its interventions are counted.

    Args:
        scenarios: files. out: a new folder; None: one under ``runs``. as_json: for programs.
        prices: numbers between commas. report: whether pages are written. chosen: what else
        `evaluate` takes.
    """
    with interrupts_held():  # callbacks of Python's imports swallow an interrupt
        from drivestack.scenario.limits import check_files

    from .runs import default_folder

    if chosen["resume"] and out is None:
        raise InputError("--resume needs --out, the folder that was begun")
    chosen["prices"] = _prices(prices)
    check_files(scenarios, chosen["seed"] is not None)
    folder = out or default_folder(scenarios[0])

    @contextlib.contextmanager
    def watching(arm: str) -> Iterator[Progress | None]:
        with progress_bar(shown=not as_json, title=arm) as advance:
            yield advance

    try:
        facts, show = _judged(scenarios, {**chosen, "out": folder, "watching": watching})
        path = _written(folder, facts, report)
    except KeyboardInterrupt:
        there = folder.exists()
        complain(f"interrupted; {f'--resume --out {folder} goes on' if there else 'nothing kept'}")
        return status.INTERRUPTED
    if as_json:
        print(json.dumps(facts))
    else:
        show()
        print(f"all of it in {path}")
    return status.OK


def _judged(
    scenarios: Sequence[Path], chosen: dict[str, Any]
) -> tuple[dict[str, Any], Callable[[], None]]:
    """Facts for programs, and what shows them to people."""
    from drivestack.sim.interventions.evaluate import evaluate
    from drivestack.sim.interventions.facts import facts_of, human_facts_of
    from drivestack.sim.interventions.human import watch_humans
    from drivestack.stack.recorded import TOLD_THE_LOG

    if chosen["stack"] not in TOLD_THE_LOG:
        found = evaluate(*scenarios, **chosen)
        return facts_of(found), lambda: _print(found)
    del chosen["horizon"]
    humans = watch_humans(*scenarios, **chosen)
    return human_facts_of(humans), lambda: print_humans(humans)


def _written(folder: Path, facts: dict[str, Any], report: bool) -> Path:
    """Where the facts are, or the page that shows them."""
    from drivestack.sim.interventions.facts import write_facts

    path = write_facts(folder, facts)
    if not report:
        return path
    from drivestack.report.judged import write_judgement

    return write_judgement(folder, facts)


def _prices(text: str | None) -> tuple[float, ...]:
    """Numbers between commas."""
    try:
        return tuple(float(word) for word in (text or "").split(",") if text)
    except ValueError:
        raise InputError(f"--prices must be such as 0.01,0.1,1, got '{text:.40}'") from None


def _print(found: Evaluation) -> None:
    whole, *others = found.accounts
    print_table(f"episodes: {len(found.bare.episodes)}, with the layer and without",
                ["layer", *_heads(), "precision", "recall", "mishaps with - without"],
                [_episodes(account) for account in (whole, *others)])  # fmt: skip
    print()
    print_table(f"interventions: each with its twin, followed for {found.horizon:g} s",
                ["layer, check", *_heads(), "precision", "lead s", "margin s", "too late"],
                list(_spells(found.accounts)))  # fmt: skip
    print()
    print_table("cost, of the layer / without",
                ["layer", "<-3.5 /h", "<-5 m/s2 /h", "jerk m/s3", "override %", "progress m",
                 "rear conflicts", "switches /s"],
                [_cost(account) for account in (whole, *others)])  # fmt: skip
    print()
    print_alarms(found.alarms)
    if found.reliability is not None:
        print()
        print_reliability(found.reliability)
    cases = [case for case in whole.cases if case.spell is None]
    for case in cases[:_MOST_CASES]:
        print(f"{case.label}: {case.scenario}: {case.why}")
        print(f"  {found.folder / case.file}" if case.file else "  too large for a file")
    if len(cases) > _MOST_CASES:
        print(f"and {len(cases) - _MOST_CASES} more")


def _heads() -> list[str]:
    return [name.replace("_", " ") for name in _LABELS]


def _numbers(counts: Counts) -> list[str]:
    words = {label.value: number for label, number in counts.labels.items()}
    words |= {"acted": counts.acted, "needed": counts.needed}
    return [str(words[name]) for name in _LABELS]


def _episodes(account: Account) -> list[str]:
    gap = account.paired
    paired = f"{100 * gap.value:+.1f} ({100 * gap.low:+.1f} to {100 * gap.high:+.1f}) pp"
    counts = account.episodes
    rates = [_share(counts.precision), _share(counts.recall)]
    return [account.arm, *_numbers(counts), *rates, f"{paired}, p {account.p:.2g}"]


def _spells(accounts: Sequence[Account]) -> Iterator[list[str]]:
    for account in accounts:
        times = [_middle(account.lead), _middle(account.margin), str(account.too_late)]
        counts = account.spells
        yield [account.arm, *_numbers(counts), _share(counts.precision), *times]
        for check, part in account.by_check.items():
            yield [f"  {check}", *_numbers(part), _share(part.precision), "", "", ""]


def _cost(account: Account) -> list[str]:
    cost = account.cost
    gap, rest = cost.progress, ""
    if gap.low is not None and gap.high is not None:
        rest = f" ({gap.low:+.1f} to {gap.high:+.1f})"
    return [
        account.arm,
        f"{cost.brakes:.1f} / {cost.bare_brakes:.1f}",
        f"{cost.hard_brakes:.1f} / {cost.bare_hard_brakes:.1f}",
        f"{cost.jerk:.2f} / {cost.bare_jerk:.2f}",
        f"{100 * cost.override:.2f}",
        "-" if gap.value is None else f"{gap.value:+.1f}{rest}",
        str(cost.rear_conflicts),
        f"{cost.chatter:.2f}",
    ]


def _share(share: Share) -> str:
    rate = share.rate
    if rate.trials == 0:
        return "-"
    return f"{rate.hits}/{rate.trials} {100 * rate.low:.0f}-{100 * rate.high:.0f}%"


def _middle(values: Sequence[float]) -> str:
    return f"{median(values):.2f}" if values else "-"
