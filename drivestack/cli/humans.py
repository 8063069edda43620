"""What the layer would have done to recorded drivers, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .screen import print_table, with_interval

if TYPE_CHECKING:
    from drivestack.sim.interventions.human import Human, Humans

_MOST_WORST = 10
"""Interventions on the screen; JSON has more."""


def print_humans(found: Humans) -> None:
    """Rates, labels, and the interventions that are hardest to excuse."""
    from drivestack.sim.interventions.human import PER
    from drivestack.sim.interventions.near_miss import LEAST_GAP, LEAST_TTC

    print_table(
        f"interventions on human driving, each {PER:g} minutes; clean: neither a contact nor a "
        f"near miss (TTC < {LEAST_TTC:g} s, gap < {LEAST_GAP:g} m)",
        ["layer", "drives", "minutes", "clean", "spells", "clean", "all rate", "clean rate"],
        [_rates(name, human) for name, human in found.layers.items()],
    )
    print()
    print_table(
        "labels of all: futures no longer separate, and the human brakes hard or nearly hits",
        ["layer", "both", "divergence only", "human only", "neither", "about nobody", "by check"],
        [_labels(name, human) for name, human in found.layers.items()],
    )
    whole = next(iter(found.layers.values()))
    for worst in whole.worst[:_MOST_WORST]:
        print(f"{worst['scenario']} at {worst['time']:.2f} s: {worst['sentence']}")


def _rates(name: str, human: Human) -> list[str]:
    numbers = [str(human.drives), f"{human.minutes:.1f}", f"{human.clean_minutes:.1f}"]
    counts = [str(human.spells), str(human.clean_spells)]
    return [
        name,
        *numbers,
        *counts,
        *(with_interval(rate, 1.0, 2) for rate in (human.any_rate, human.rate)),
    ]


def _labels(name: str, human: Human) -> list[str]:
    labels = human.agreement
    counts = (labels.both, labels.divergence_only, labels.human_only, labels.neither)
    checks = ", ".join(f"{check} {number}" for check, number in human.by_check.items()) or "-"
    return [name, *map(str, counts), str(labels.unlabelled), checks]
