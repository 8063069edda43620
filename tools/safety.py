"""Write docs/safety.md: what the safety layer is worth, of runs that were made before.

    python tools/safety.py RUN... [--out docs/safety.md]

A RUN is a folder of `drivestack run`, with a planner that is to be survived or with cases in which
contact has to be avoided, or of `drivestack safety SUITE --stack replay`: recorded drivers. Each is
shown with the command that made it; shards of the same command are put together.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy import stats

from drivestack.core.episode import Outcome
from drivestack.core.errors import EnvironmentFault, InputError
from drivestack.metrics.duty import Standing
from drivestack.report.markdown import table
from drivestack.sim.files import write_text
from drivestack.sim.intervals import wilson
from drivestack.sim.interventions.facts import NAME
from drivestack.sim.interventions.reading import Rows, rows_in
from drivestack.sim.reading import manifest_in
from drivestack.sim.vouching import check_whole

ROOT = Path(__file__).resolve().parents[1]

OPTIONS = {"--out", "--shard", "--workers", "--batch"}
"""Words of a command, with one more each, that change nothing of what is shown here."""

FLAGS = {"--resume", "--json"}
"""Those that change nothing either, beside `--no-...`."""

HEAD = """# What the safety layer is worth

Made by `python tools/safety.py`; nothing here is typed. The cut-in grid of UN R157 beside RSS, FSM
and others is in [r157_grid.md](r157_grid.md).
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Runs by the same command, but for their shards.

    Attributes:
        command: without what changes nothing. shards: in words, empty: all of it. folders: theirs.
    """

    command: str
    shards: str
    folders: tuple[Path, ...]

    @property
    def made(self) -> str:
        """By what, in a sentence."""
        return f"`{self.command}`" + (f", {self.shards}" if self.shards else "")

    def rows(self, table: str) -> Rows:
        """Of all its folders."""
        return [row for folder in self.folders for row in rows_in(folder, table)]


def main() -> None:
    """Read, count, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "safety.md")
    given = parser.parse_args()
    try:
        page = page_of(parts_of(given.runs))
        _write(given.out, page)
    except (InputError, EnvironmentFault) as error:
        parser.error(str(error))
    print(page)


def _write(path: Path, page: str) -> None:
    try:
        write_text(path, page)
    except OSError as error:
        raise EnvironmentFault(f"{path}: cannot be written ({error.strerror})") from None


def parts_of(folders: Iterable[Path]) -> list[Part]:
    """Folders by the command that made them, in the order in which they are given.

    Raises:
        InputError: one is no run that came to its end, or holds what another one does.
    """
    found = defaultdict[str, list[tuple[str, Path]]](list)
    for folder in folders:
        command = _command(folder)
        found[_plain(command)].append((_shard(command), folder))
    for some in found.values():
        shards, last = [shard for shard, _ in some], some[-1][1]
        whole = {shard.partition("/")[2] for shard in shards}
        if len(set(shards)) < len(shards) or len(whole) > 1:
            raise InputError(f"{last}: holds episodes that another of these folders holds, too")
    return [
        Part(command, _told([shard for shard, _ in some if shard]), tuple(f for _, f in some))
        for command, some in found.items()
    ]


def _command(folder: Path) -> list[str]:
    """By which the folder was made; raises InputError unless it is one that can be shown."""
    judged = (folder / NAME).exists()
    facts = _watched(folder) if judged else manifest_in(folder) if folder.is_dir() else None
    if facts is None or facts.get("interrupted"):
        raise InputError(f"{folder}: expected a folder of a run that came to its end")
    if not judged:
        check_whole(folder, facts)
    command = facts["command"]
    if not all(isinstance(word, str) for word in command) or "resume" in command[:2]:
        raise InputError(
            f"{folder}: its command says nothing of what was driven; expected folders of single "
            "runs, which go on with '--resume' instead of 'drivestack resume'"
        )
    return command


def _watched(folder: Path) -> dict[str, Any]:
    """What was found of recorded drivers."""
    path = folder / NAME
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    if not isinstance(facts, dict) or not {"command", "near_miss", "layers"} <= facts.keys():
        raise InputError(f"{path}: is not of recorded drivers, as 'drivestack safety SUITE --stack "
                         "replay' writes it")  # fmt: skip
    return facts


def _plain(command: Sequence[str]) -> str:
    """The command without folders, shards and processes; of many files, how many."""
    words, skip, files = [], False, 0
    for word in command:
        if skip or word in OPTIONS or word in FLAGS or word.startswith("--no-"):
            skip = word in OPTIONS
        elif Path(word).is_absolute():
            files += 1
        else:
            words.append(word)
    return " ".join(words) + (f" ({files} files)" if files else "")


def _told(shards: Sequence[str]) -> str:
    """Which ones, in words; empty: there are none."""
    if not shards:
        return ""
    number = int(shards[0].split("/")[1])
    whole = set(shards) == {f"{i + 1}/{number}" for i in range(number)}
    return f"all {number} shards" if whole else f"shards {', '.join(shards)}"


def _shard(command: Sequence[str]) -> str:
    """Which part of all it drove, as `--shard` has it."""
    return command[command.index("--shard") + 1] if "--shard" in command else ""


def page_of(parts: Sequence[Part]) -> str:
    """The whole page."""
    humans = [part for part in parts if (part.folders[0] / NAME).exists()]
    driven = [(part, part.rows("episodes")) for part in parts if part not in humans]
    duties = [(part, rows) for part, rows in driven if any(row["duty"] for row in rows)]
    others = [(part, rows) for part, rows in driven if not any(row["duty"] for row in rows)]
    found = [HEAD]
    if others:
        found += ["## Planners that are to be survived", *(_survived(*one) for one in others)]
    if duties:
        found += ["## Contacts that have to be avoided", *(_avoided(*one) for one in duties)]
    if humans:
        found += ["## Recorded drivers", *(_human(part) for part in humans)]
    return "\n\n".join(part.strip() for part in found) + "\n"


def per_hour(events: int, hours: float, level: float = 0.95) -> tuple[float, float]:
    """The exact (Garwood's) interval of a rate [1/h]."""
    low = stats.chi2.ppf(0.5 * (1.0 - level), 2 * events) / 2.0 if events else 0.0
    high = stats.chi2.ppf(0.5 * (1.0 + level), 2 * events + 2) / 2.0
    return float(low) / hours, float(high) / hours


def _rate(events: int, hours: float, per: float = 1.0) -> str:
    """In so many hours, with its interval."""
    if hours == 0.0:
        return "-"
    low, high = (per * end for end in per_hour(events, hours))
    return f"{per * events / hours:.2f} ({low:.2f} to {high:.2f})"


def _survived(part: Part, rows: Rows) -> str:
    groups = defaultdict[str, list[dict[str, Any]]](list)
    driven = [row for row in rows if row["outcome"] != Outcome.FAILED]
    for row in driven:
        groups[row["scenario"].split("@")[0]].append(row)
    lines = []
    for name, some in groups.items():
        hours = sum(row["ticks"] * row["dt"] for row in some) / 3600.0
        fault = sum(bool(row["at_fault"]) for row in some)
        speed = sum(row["mean_speed"] for row in some) / len(some)
        lines.append([
            name, f"{len(some):,}", f"{hours:.2f}", sum(row["contact"] for row in some), fault,
            _rate(fault, hours), f"{speed:.1f}",
        ])  # fmt: skip
    head = ["scene", "episodes", "hours", "contacts", "at fault", "at fault an hour (95 %)"]
    named = [row["scenario"] for row in driven if row["at_fault"]]
    listed = f"At fault in {', '.join(named)}." if named else "Nobody was at fault."
    failed = [row["scenario"] for row in rows if row["outcome"] == Outcome.FAILED]
    if failed:
        listed += f" Could not be driven: {', '.join(failed)}."
    return f"{part.made}\n\n{table([*head, 'mean speed [m/s]'], lines)}\n\n{listed}"


def _avoided(part: Part, rows: Rows) -> str:
    must = [row for row in rows if row["duty"] == Standing.MUST_AVOID]
    met = sum(row["duty_met"] == "yes" for row in must)
    low, high = wilson(met, len(must))
    share = f"{100 * met / len(must):.2f} % ({100 * low:.2f} to {100 * high:.2f})" if must else "-"
    lines = [[
        f"{len(rows):,}", f"{len(must):,}", f"{met:,}", share,
        sum(bool(row["contact"]) and row["duty"] != Standing.MUST_AVOID for row in rows),
    ]]  # fmt: skip
    head = ["cases", "contact has to be avoided", "avoided", "share (95 %)"]
    hit = [row["scenario"] for row in must if row["duty_met"] != "yes"]
    listed = f"Not avoided: {', '.join(hit)}." if hit else "All were avoided." if must else ""
    return f"{part.made}\n\n{table([*head, 'contacts in other cases'], lines)}\n\n{listed}"


def _human(part: Part) -> str:
    facts = [_watched(folder) for folder in part.folders]
    layers = [one["layers"]["layer"] for one in facts]
    near, minutes = facts[0]["near_miss"], sum(one["clean_minutes"] for one in layers)
    spells, checks = sum(one["clean_spells"] for one in layers), Counter[str]()
    for one in layers:
        checks.update(one["by_check"])
    lines = [[
        f"{sum(one['drives'] for one in layers):,}", f"{minutes:.1f}", spells,
        _rate(spells, minutes / 60.0, 1.0 / 6.0),
        ", ".join(f"{name} {count}" for name, count in checks.most_common()) or "-",
    ]]  # fmt: skip
    head = ["drives", "clean minutes", "interventions", "in 10 minutes (95 %)", "by check"]
    clean = (
        f"Clean: no contact, no near miss (time to collision below {near['ttc']:g} s, a gap below "
        f"{near['gap']:g} m) from {near['before']:g} s before to {near['after']:g} s after."
    )
    worst = [
        f"- {row['scenario']} at {row['time']:.2f} s, ticks of acting {row['acting']}: "
        f"{row['sentence']}"
        for one in layers
        for row in one["worst"]
    ]
    return "\n\n".join([part.made, clean, table(head, lines), "\n".join(worst)])


if __name__ == "__main__":
    main()
