"""Loading with a few keys given on the command line in place of the file's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from drivestack.core.errors import InputError
from drivestack.core.start import EgoKind, Physics, Start, Traffic
from drivestack.core.tables import Plant

from .loader import Document, checked, documents
from .places import Block, Items, Place
from .resolve import starts


@dataclass(frozen=True, slots=True)
class Override:
    """What replaces the scenarios' own values; None leaves them as they are."""

    ego: EgoKind | None = None
    plant: Plant | None = None
    vehicle: int | str | None = None
    traffic: Traffic | None = None
    smoothing: bool | None = None
    physics: Physics | None = None
    seed: int | None = None


def load_with(path: str | Path, override: Override) -> Iterator[Start]:
    """`load`, with keys of every scenario replaced.

    Raises:
        InputError: as `load`, or a replaced key is varied in the file.
    """
    return starts(documents_with(path, override))


def documents_with(path: str | Path, override: Override) -> list[Document]:
    """`loader.documents`, with keys of every scenario replaced; raises as `load_with`."""
    return [overridden(document, override) for document in documents(Path(path))]


def overridden(document: Document, override: Override) -> Document:
    """One scenario of a file with keys replaced; raises as `load_with`."""
    block = document.block.copy()
    if override.ego is not None:
        _put_in_ego(document, block, "kind", override.ego.value, "--ego")
    if override.plant is not None:
        _put_in_ego(document, block, "plant", override.plant.name.lower(), "--plant")
    if override.vehicle is not None:
        _put_in_ego(document, block, "vehicle", override.vehicle, "--vehicle")
    if override.traffic is not None:
        _put_in_recording(document, block, "traffic", override.traffic.value, "--traffic")
    if override.smoothing is not None:
        _put_in_recording(document, block, "smoothing", override.smoothing, "--smoothed")
    if override.physics is not None:
        _refuse_varied(document, "physics")
        block.put("physics", override.physics.value, _given(document, "--physics"))
    if override.seed is not None:
        place = _given(document, "--seed")
        seeds = Items(place)
        seeds.add(override.seed, place)
        block.put("seeds", seeds, place)
    return replace(document, block=block, scenario=checked(block))


def _given(document: Document, option: str) -> Place:
    """Where a value stands that the command line gave."""
    return Place(f"{document.block.place.file} with {option}", 0)


def _put_in_ego(document: Document, block: Block, key: str, value: str | int, option: str) -> None:
    _refuse_varied(document, f"ego.{key}")
    place = _given(document, option)
    ego = block["ego"].copy() if isinstance(block.get("ego"), Block) else Block(place)
    ego.put(key, value, place)
    block.put("ego", ego, place)


def _put_in_recording(
    document: Document, block: Block, key: str, value: str | bool, option: str
) -> None:
    if document.scenario.map.kind != "commonroad":
        raise InputError(f"{document.block.place}: {option} is only for maps of kind commonroad")
    _refuse_varied(document, f"map.{key}")
    road_map: Block = block["map"].copy()
    road_map.put(key, value, _given(document, option))
    block.put("map", road_map, block.places["map"])


def _refuse_varied(document: Document, path: str) -> None:
    if path in document.scenario.vary:
        raise InputError(f"{document.block.place}: '{path}' is varied here and cannot be replaced")
