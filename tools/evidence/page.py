"""docs/results.md: tables of all drivers, paired differences, gates; nothing on it is typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drivestack.sim.paired import Interval

from .figures import Figures, Paired, Rows, figures, paired
from .gates import gates
from .runs import REFERENCE


@dataclass(frozen=True, slots=True)
class Made:
    """With what the page was made.

    Attributes:
        command: as given. candidate: the stack that is compared. seeds: in words.
        manifest: of one run. seconds: wall time of all runs. code: digest. notes: text, or empty.
        constants: by scene, IDM's in force, least and largest value.
    """

    command: str
    candidate: str
    seeds: str
    manifest: Mapping[str, Any]
    seconds: float
    code: str
    notes: str
    constants: Mapping[str, Mapping[str, Sequence[float]]]


def page(episodes: Mapping[str, Mapping[str, Rows]], made: Made) -> str:
    """The whole page.

    Args:
        episodes: by driver and scene, in the order of the tables.
    """
    parts = [_head(episodes, made)]
    if REFERENCE in episodes and made.candidate in episodes:
        pairs = {
            scene: paired({scene: rows}, {scene: episodes[REFERENCE][scene]})
            for scene, rows in episodes[made.candidate].items()
        }
        whole = paired(episodes[made.candidate], episodes[REFERENCE])
        parts += [_gates(pairs, made), _pairs({**pairs, "all": whole}, made)]
    parts += [_drivers("All scenes", {d: figures(s, d) for d, s in episodes.items()})]
    for scene in next(iter(episodes.values())):
        one = {driver: figures({scene: s[scene]}, driver) for driver, s in episodes.items()}
        parts.append(_drivers(scene, one))
    parts.append(_constants(made.constants))
    return "\n\n".join(parts) + "\n"


def _head(episodes: Mapping[str, Mapping[str, Rows]], made: Made) -> str:
    manifest, machine = made.manifest, made.manifest["machine"]
    row = next(iter(next(iter(episodes.values())).values()))[0]
    versions = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    return "\n".join([
        "# Results",
        "",
        "Generated; do not edit. Made again, runs that are kept are not driven again, by",
        "",
        "```",
        made.command,
        "```",
        "",
        f"- Episodes: {made.seeds} a scene, the same first states for every driver (paired).",
        f"- Rates: physics {row['physics_hz']} Hz, control {row['control_hz']} Hz, plan"
        f" {row['plan_hz']} Hz; physics `{row['physics']}`, backend `{row['backend']}`.",
        f"- `{REFERENCE}`: highway-env's IDM and MOBIL drive the ego, with the constants below.",
        f"- Versions: {versions}; code {made.code}.",
        f"- Machine: {machine['processor']}, {machine['architecture']}, {machine['cores']} cores;"
        f" all runs together {made.seconds / 60.0:.0f} minutes.",
        "- At-fault contacts and goals are counts; their rates have 95 % Wilson intervals. Progress"
        " along the route, up to a contact, and the length of the path are means with their 95 %"
        " bootstrap intervals (10,000 resamples, seeded).",
        "- A failed episode (an exception) is an at-fault contact without progress or score.",
    ])  # fmt: skip


def _gates(pairs: Mapping[str, Paired], made: Made) -> str:
    rows = (
        (gate.asked, gate.scene, "yes" if gate.holds else "**no**", gate.because)
        for gate in gates(pairs)
    )
    title = f"## Gates: `{made.candidate}` against `{REFERENCE}`\n\n"
    notes = f"\n\n{made.notes.strip()}" if made.notes.strip() else ""
    return title + _table(("asked", "scene", "holds", "numbers"), rows) + notes


def _pairs(pairs: Mapping[str, Paired], made: Made) -> str:
    rows = (
        (
            scene,
            pair.at_fault.first_only,
            pair.at_fault.second_only,
            f"{pair.at_fault.p:.3g}",
            _signed(pair.at_fault.difference, 100.0, 1),
            _signed(pair.progress, 1.0, 1),
            _signed(pair.driven, 1.0, 1),
        )
        for scene, pair in pairs.items()
    )
    titles = ("scene", "only candidate", f"only `{REFERENCE}`", "McNemar p",
              "at-fault rate [%]", "progress [m]", "driven [m]")  # fmt: skip
    head = (
        f"## Differences, `{made.candidate}` minus `{REFERENCE}`\n\n"
        "Seeds with an at-fault contact of only one of the two; exact two-sided p; differences with"
        " 95 % intervals (rates: Newcombe for pairs; progress: bootstrap of the differences, which"
        " are 0 where both reach the goal).\n\n"
    )
    return head + _table(titles, rows)


def _drivers(title: str, drivers: Mapping[str, Figures]) -> str:
    some = next(iter(drivers.values()))
    failed = any(found.failed for found in drivers.values())
    columns = [name for name in some.scores if all(name in f.scores for f in drivers.values())]
    titles = ["driver", "n", *(["failed"] if failed else []), "at fault", "95 % [%]", "contacts",
              "goals", "progress [m]", "driven [m]", "mean speed [m/s]", *columns]  # fmt: skip
    rows = []
    for driver, found in drivers.items():
        rate = found.at_fault_rate
        rows.append((
            f"`{driver}`", found.episodes, *([found.failed] if failed else []), found.at_fault,
            f"{100 * rate.low:.1f} to {100 * rate.high:.1f}", found.contacts,
            f"{found.goals}/{found.with_goal}" if found.with_goal else "-",
            _plain(found.progress, 1), _plain(found.driven, 1), f"{found.mean_speed:.1f}",
            *(_plain(found.scores[name], 3) for name in columns),
        ))  # fmt: skip
    return f"## {title}\n\n" + _table(titles, rows)


def _constants(scenes: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """IDM's constants, scenes with equal ones in one row."""
    groups: dict[str, list[str]] = {}
    for scene, constants in scenes.items():
        values = (
            f"{name} {low:g}" + (f" to {high:g}" if high > low else "")
            for name, (low, high) in constants.items()
        )
        groups.setdefault(", ".join(values), []).append(scene)
    rows = ((", ".join(names), constants) for constants, names in groups.items())
    title = f"## Constants of `{REFERENCE}` in force\n\n"
    return title + _table(("scenes", "IDM and MOBIL, SI units"), rows)


def _plain(found: Interval, digits: int) -> str:
    return f"{found.value:.{digits}f} ({found.low:.{digits}f} to {found.high:.{digits}f})"


def _signed(found: Interval, scale: float, digits: int) -> str:
    value, low, high = (scale * part for part in (found.value, found.low, found.high))
    return f"{value:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"


def _table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)
