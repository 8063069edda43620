"""Sentences of why a case is kept."""

from __future__ import annotations

from typing import Any

from .fate import Mishap
from .labels import Label


def why_spell(label: Label, row: dict[str, Any]) -> str:
    """Why an intervention is kept; row: of the table `interventions`."""
    acted = f"acted at {row['time']:.2f} s since {row['sentence']}"
    if label is Label.HARM:
        return f"{acted}; with it {_ended(row, 'own')}, without it nothing happens"
    return f"{acted}; without it nothing happens either"


def why_episode(
    label: Label, row: dict[str, Any], other: dict[str, Any], first: dict[str, Any] | None
) -> str:
    """Why an episode is kept.

    Args:
        row, other: of the table `episodes`, with the layer and without. first: its first
        intervention, if there is any.
    """
    if first is None:
        return f"the layer never acted, and the episode ends {_by(row)}"
    acted = f"first acted at {first['time']:.2f} s since {first['sentence']}"
    if label is Label.HARM:
        return f"{acted}; with the layer the episode ends {_by(row)}, without it {_by(other)}"
    return f"{acted}; without the layer the episode ends without a mishap too"


def _by(row: dict[str, Any]) -> str:
    """How an episode ended."""
    match row["mishap"]:
        case Mishap.CONTACT:
            fault = "at fault" if row["at_fault"] else "not at fault"
            return f"in a contact of {row['impact_delta_v']:.1f} m/s delta-v, {fault}"
        case Mishap.RED_LIGHT:
            return "after a red light that it ran"
        case Mishap.OFF_ROAD:
            return "beside the road"
    return "without a mishap"


def _ended(row: dict[str, Any], whose: str) -> str:
    """What became of the ego or of its twin."""
    if row[f"{whose}_mishap"] == Mishap.OFF_ROAD:
        return "it leaves the road"
    if row[f"{whose}_mishap"] == Mishap.RED_LIGHT:
        return "it runs a red light"
    fault = "at fault" if row[f"{whose}_at_fault"] else "not at fault"
    return (
        f"it touches road user {row[f'{whose}_object']} at {row[f'{whose}_delta_v']:.1f} m/s "
        f"delta-v, {fault}"
    )
