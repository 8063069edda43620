"""The layer in the shadow of recorded human drivers: how often it would have stepped in.

There is no twin of what was only recorded. On clean driving every intervention is a false one; two
labels say what to think of the others: whether plausible futures still separated, and whether the
human braked hard himself or came to a near miss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from drivestack.core.errors import InputError
from drivestack.sim.intervals import Mean, means

from .arms import NONE, arms_of
from .costs import BRAKE
from .driving import Watching, drive_arms, layer_in
from .reading import Rows, rows_in

PER = 10.0
"""Interventions are counted for so many minutes; the issue's figure."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Interventions by two labels: futures no longer separated, and the human acted himself.

    Attributes:
        both, divergence_only, human_only, neither: counts. unlabelled: about nobody.
    """

    both: int
    divergence_only: int
    human_only: int
    neither: int
    unlabelled: int


@dataclass(frozen=True, slots=True)
class Human:
    """What a layer would have done to human drivers.

    Attributes:
        folder: of the run. drives: how many. minutes: driven. clean_minutes: without a near miss.
        spells: interventions. clean_spells: that begin in clean driving.
        rate: of these, for `PER` clean minutes. any_rate: of all, for as many minutes driven.
        by_check: clean ones by the check. agreement: of the labels. worst: the longest clean ones.
    """

    folder: str
    drives: int
    minutes: float
    clean_minutes: float
    spells: int
    clean_spells: int
    rate: Mean
    any_rate: Mean
    by_check: dict[str, int]
    agreement: Agreement
    worst: tuple[dict[str, Any], ...]


_MOST_WORST = 50
"""Clean interventions that are listed; the table of the run has all of them."""


@dataclass(frozen=True, slots=True)
class Humans:
    """What layers would have done to human drivers.

    Attributes:
        folder: where everything is. layers: by the name of the arm, the whole layer first.
    """

    folder: Path
    layers: dict[str, Human]


def watch_humans(
    *paths: str | Path,
    out: str | Path,
    resume: bool = False,
    ablate: bool = False,
    prices: Sequence[float] = (),
    watching: Watching | None = None,
    **chosen: Any,
) -> Humans:
    """Run the layer in the shadow of recorded drivers.

    Args:
        paths, out, resume, ablate, prices, watching, chosen: as of `evaluate`; the stack is one
        that replays logs, which needs `vehicle`.

    Raises:
        InputError: as of `evaluate`.
    """
    arms = arms_of(layer_in(chosen), ablate, prices)
    runs = drive_arms(
        paths, Path(out), [arm for arm in arms if arm.name != NONE], resume, watching,
        shadow_layer=True, **chosen,
    )  # fmt: skip
    return Humans(Path(out), {name: human_of(folder) for name, folder in runs.items()})


def human_of(folder: Path) -> Human:
    """What the folder of a run in the shadow of human drivers says.

    Raises:
        InputError: nobody drove.
    """
    episodes, spells = rows_in(folder, "episodes"), rows_in(folder, "interventions")
    driven = [row for row in episodes if row["outcome"] != "failed"]
    if not driven:
        raise InputError(f"{folder}: no recorded drive could be driven")
    minutes = np.array([row["ticks"] * row["dt"] for row in driven]) / 60.0
    cleaned = np.array([row["clean_seconds"] or 0.0 for row in driven]) / 60.0
    quiet = [row for row in spells if row["clean"]]
    longest = sorted(quiet, key=lambda row: (-row["acting"], row["episode"], row["spell"]))
    names = {row["episode"]: row["scenario"] for row in episodes}
    return Human(
        folder=str(folder),
        drives=len(driven),
        minutes=float(minutes.sum()),
        clean_minutes=float(cleaned.sum()),
        spells=len(spells),
        clean_spells=len(quiet),
        rate=_rate("clean", driven, quiet, cleaned),
        any_rate=_rate("any", driven, spells, minutes),
        by_check=dict(Counter(row["check"] for row in quiet)),
        agreement=_agreement(spells),
        worst=tuple(
            {"scenario": names[row["episode"]], **{name: row[name] for name in _SHOWN}}
            for row in longest[:_MOST_WORST]
        ),
    )


_SHOWN = ("time", "seconds", "acting", "check", "object", "separate", "braked", "sentence")


def _rate(name: str, driven: Rows, spells: Rows, minutes: np.ndarray) -> Mean:
    """Spells for `PER` minutes; drives are resampled whole, since spells come together."""
    counts = Counter(row["episode"] for row in spells)
    some = minutes > 0.0
    number = np.array([counts[row["episode"]] for row in driven], np.float64)
    rates = np.where(some, PER * number / np.where(some, minutes, 1.0), 0.0)
    return means(f"human-{name}", rates[:, None], minutes[:, None])[0]


def _agreement(spells: Rows) -> Agreement:
    """How far the labels agree; a human acts who brakes hard, or does not and nearly hits."""
    labels = [
        (row["separate"] == "no", row["braked"] <= BRAKE or row["near_miss"])
        for row in spells
        if row["separate"]
    ]
    counts = Counter(labels)
    return Agreement(
        both=counts[True, True],
        divergence_only=counts[True, False],
        human_only=counts[False, True],
        neither=counts[False, False],
        unlabelled=len(spells) - len(labels),
    )
