"""Which recordings are learned from, which are held out, and which are of a site left out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from drivestack.behavior.knots import DT, STEPS
from drivestack.core.errors import InputError
from drivestack.learn.families import check_unseen
from drivestack.scenario.commonroad.contents import Contents, read_contents
from drivestack.scenario.commonroad.obstacles import Track
from drivestack.scenario.commonroad.seats import unsuited
from drivestack.scenario.loader import Document
from drivestack.scenario.map_schema import CommonRoadMap

from .intervals import Window, held_out, site_of

RECORDED = "recorded"
"""The expert who was recorded, by name."""

UNSEEN = ("USA_Lanker",)
"""Sites that are never learned from, unless others are named. Ours: NGSIM's older files of
Lankershim tell of no lights, so drivers stop for what nobody sees; and 25 files make a test."""

LEAST = STEPS * DT + 0.5
"""Recorded for so long [s], a drive has a moment to learn from, half a second after it begins."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Recordings by the names of their scenarios.

    Attributes:
        windows: those that something can be learned of, at sites that are not left out.
        drives: the vehicles of each of them from whom it can, each drive once.
        held_out: names of those to validate with. unseen: sites that are left out.
        apart: names of their recordings.
    """

    windows: tuple[Window, ...]
    drives: dict[str, list[int]]
    held_out: frozenset[str]
    unseen: tuple[str, ...]
    apart: frozenset[str]


def sides_of(documents: dict[str, Document], unseen: Sequence[str] | None = None) -> Sides:
    """Where each of some recordings belongs.

    Args:
        unseen: sites that are left out; None: the usual ones that are there.

    Raises:
        InputError: a scenario is no recording, a site is none, or none is left.
    """
    told = {name: read_contents(file_of(document)) for name, document in documents.items()}
    sites = {name: site_of(contents.name) for name, contents in told.items()}
    known = {site: documents[name] for name, site in sites.items()}
    left = [name for name in UNSEEN if name in known] if unseen is None else unseen
    check_unseen(known, left)
    apart = frozenset(name for name, site in sites.items() if site in left)
    drives = _drives({name: own for name, own in told.items() if name not in apart})
    windows = tuple(
        Window(name, sites[name], _numbers(told[name]), len(own)) for name, own in drives.items()
    )
    return Sides(windows, drives, _late(windows), tuple(left), apart)


def file_of(document: Document) -> Path:
    """Its recording; raises InputError where it has none."""
    road = document.scenario.map
    if not isinstance(road, CommonRoadMap):
        raise InputError(
            f"{document.block.place}: '{document.scenario.id}' is no recording, which expert "
            f"'{RECORDED}' needs: he can only tell what he did"
        )
    return document.roots.find(document.folder, road.file)


def _numbers(contents: Contents) -> frozenset[int]:
    return frozenset(track.id for track in contents.tracks if track.moves)


def _drives(told: dict[str, Contents]) -> dict[str, list[int]]:
    """Numbers of the vehicles of every recording from whom something can be learned, each drive
    once: some files hold the same ones."""
    known: set[str] = set()
    found: dict[str, list[int]] = {}
    for name, contents in told.items():
        found[name] = []
        for track in contents.tracks:
            if unsuited(track, contents.clock):
                continue
            seconds = float(track.steps[-1] - track.steps[0]) * contents.clock.dt
            print_of = _print(site_of(contents.name), track)
            if seconds >= LEAST - 1e-9 and print_of not in known:
                known.add(print_of)
                found[name].append(track.id)
    return {name: numbers for name, numbers in found.items() if numbers}


def _print(site: str, track: Track) -> str:
    """A fingerprint of a drive, wherever its file's clock begins."""
    states = np.ascontiguousarray(np.round(track.states, 3)).tobytes()
    return hashlib.sha256(f"{site} {track.id} ".encode() + states).hexdigest()


def _late(windows: Sequence[Window]) -> frozenset[str]:
    """Names of the recordings to validate with, of each site by itself."""
    sites = sorted({window.site for window in windows})
    return frozenset().union(*(held_out([w for w in windows if w.site == s]) for s in sites))
