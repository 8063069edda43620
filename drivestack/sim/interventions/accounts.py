"""Labels and costs of a layer, from the folders of two runs: with it and without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.sim.intervals import Mean, means
from drivestack.sim.paired import Discordant

from .arms import Arm
from .costs import cost_of
from .fate import Mishap
from .labels import TO_KEEP, Ended, Label, label_of
from .reading import Rows, rows_in
from .records import Account, Case, Counts
from .whys import why_episode, why_spell

Pair = tuple[dict[str, Any], dict[str, Any]]
"""Rows of one episode with the layer and without."""


def account_of(arm: Arm, folder: Path, bare: Path) -> Account:
    """What a layer was worth.

    Args:
        arm: the layer. folder: of its run, with twins. bare: of the run without any.
    """
    episodes, without = rows_in(folder, "episodes"), rows_in(bare, "episodes")
    spells = rows_in(folder, "interventions")
    others = {row["episode"]: row for row in without}
    acted = {row["episode"] for row in spells}
    pairs = [(row, others[row["episode"]]) for row in episodes]
    labels = [_label(row, other, row["episode"] in acted) for row, other in pairs]
    known = [n for n, label in enumerate(labels) if label is not Label.UNKNOWN]
    bad, bare_bad = (np.array([_bad(pairs[n][side]) for n in known], np.bool_) for side in (0, 1))
    differing = Discordant.of(bad, bare_bad)
    of_spells = [Label(row["label"]) for row in spells]
    needed = [row for row in spells if row["twin_mishap"] == Mishap.CONTACT]
    cases = [
        *_episode_cases(arm, pairs, labels, spells),
        *_spell_cases(arm, spells, {row["episode"]: row["scenario"] for row in episodes}),
    ]
    return Account(
        arm=arm.name,
        checks=arm.layer.checks,
        bound=arm.layer.bound,
        price=arm.layer.price,
        folder=str(folder),
        episodes=Counts.of(labels),
        spells=Counts.of(of_spells),
        by_check=_by_check(spells),
        paired=differing.difference,
        p=differing.p,
        lead=_known(spells, "lead"),
        margin=_known(needed, "margin"),
        too_late=sum(row["margin"] is None for row in needed),
        impact=tuple(
            (row["twin_delta_v"], row["own_delta_v"])
            for row in spells
            if row["label"] == Label.MITIGATED
        ),
        cost=cost_of(folder, bare, spells, _progress(arm, pairs)),
        cases=tuple(cases),
    )


def _bad(row: dict[str, Any]) -> bool:
    return row["mishap"] != Mishap.NONE


def _ended(row: dict[str, Any]) -> Ended:
    return Ended(_bad(row), row["impact_delta_v"] or 0.0)


def _label(row: dict[str, Any], other: dict[str, Any], acted: bool) -> Label:
    """Of a whole episode."""
    if "failed" in (row["outcome"], other["outcome"]):
        return Label.UNKNOWN
    return label_of(_ended(other), _ended(row), acted)


def _by_check(spells: Rows) -> dict[str, Counts]:
    """Labels by the check that acted first, in order of appearance."""
    found: dict[str, list[Label]] = {}
    for row in spells:
        found.setdefault(row["check"], []).append(Label(row["label"]))
    return {check: Counts.of(labels) for check, labels in found.items()}


def _known(rows: Rows, name: str) -> tuple[float, ...]:
    return tuple(row[name] for row in rows if row[name] is not None)


def _progress(arm: Arm, pairs: Sequence[Pair]) -> Mean:
    """Route progress with the layer less without, of episodes that are safe in both runs."""
    values = [
        (row["route_progress_m"] or 0.0) - (other["route_progress_m"] or 0.0)
        for row, other in pairs
        if "failed" not in (row["outcome"], other["outcome"]) and not (_bad(row) or _bad(other))
    ]
    table = np.array(values, np.float64)[:, None]
    return means(f"progress-{arm.name}", table, np.ones_like(table))[0]


def _episode_cases(
    arm: Arm, pairs: Sequence[Pair], labels: Sequence[Label], spells: Rows
) -> Iterator[Case]:
    """Episodes that the layer missed, harmed, or acted in for nothing."""
    firsts = {row["episode"]: row for row in reversed(spells)}
    for (row, other), label in zip(pairs, labels, strict=True):
        if label not in TO_KEEP:
            continue
        first = firsts.get(row["episode"])
        yield Case(
            arm=arm.name,
            label=label,
            episode=row["episode"],
            scenario=row["scenario"],
            spell=None,
            time=first["time"] if first else 0.0,
            check=first["check"] if first else "",
            object=first["object"] if first else -1,
            why=why_episode(label, row, other, first),
        )


def _spell_cases(arm: Arm, spells: Rows, names: dict[int, str]) -> Iterator[Case]:
    """Interventions that did harm, or were for nothing."""
    for row in spells:
        label = Label(row["label"])
        if label in TO_KEEP:
            yield Case(
                arm=arm.name,
                label=label,
                episode=row["episode"],
                scenario=names[row["episode"]],
                spell=row["spell"],
                time=row["time"],
                check=row["check"],
                object=row["object"],
                why=why_spell(label, row),
            )
