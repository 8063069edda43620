"""Catalogs: entries by catalog and name, with their parameters assigned."""

from __future__ import annotations

import functools
from pathlib import Path

from drivestack.core.errors import InputError, nearest

from ..expressions import Value
from ..files import Stamp, stamp_of
from ..xml_reader import Element, read_document
from ..xml_values import attribute
from .node import Node, text
from .parameters import read_parameters
from .paths import Tree
from .values import resolved

LOCATIONS = (
    "VehicleCatalog", "ControllerCatalog", "PedestrianCatalog", "MiscObjectCatalog",
    "EnvironmentCatalog", "ManeuverCatalog", "TrajectoryCatalog", "RouteCatalog",
)  # fmt: skip

_MOST_FILES = 200
"""Files of one catalog folder."""


class Catalogs:
    """The entries of all catalogs of a scenario.

    Attributes:
        missing: folders that are not there; entries may have been meant to stand in them.
    """

    def __init__(self) -> None:
        self.missing: list[str] = []
        self._entries: dict[tuple[str, str], Element] = {}

    def read(self, folder: Path) -> None:
        """Add all catalogs in a folder.

        Raises:
            InputError: a file that cannot be read, or an entry that stands in two.
        """
        files = sorted(folder.glob("*.xosc"))
        if len(files) > _MOST_FILES:
            raise InputError(f"{folder}: more than {_MOST_FILES} catalog files")
        for file in files:
            catalog = read_once(file).find("Catalog")
            if catalog is None:
                continue
            name = attribute(catalog, "name")
            for entry in catalog.children:
                key = name, attribute(entry, "name")
                other = self._entries.setdefault(key, entry)
                if other is not entry and (other.file, other.line) != (entry.file, entry.line):
                    raise entry.problem(f"entry twice, first in {other.file}:{other.line}")

    def entry(self, reference: Node) -> Node | None:
        """The entry that a ``CatalogReference`` names, its parameters assigned; None if it is not
        there but folders are missing.

        Raises:
            InputError: no such entry, or an assignment to a parameter that it does not have.
        """
        catalog, name = text(reference, "catalogName"), text(reference, "entryName")
        given = _assignments(reference)
        element = self._entries.get((catalog, name))
        if element is None:
            if self.missing:
                return None
            known = [entry for owner, entry in self._entries if owner == catalog]
            near = nearest(name, known) if known else f"no catalog '{catalog[:80]}'"
            raise reference.element.problem(f"no entry '{name[:80]}'; {near}")
        parameters = read_parameters(element.find("ParameterDeclarations"))
        parameters.check_names(given, reference.element.problem)
        # entries see their own parameters only (OpenSCENARIO 1.3, CatalogReference)
        scope = parameters.scope(given, {})
        wrong = parameters.violated(scope)
        if wrong is not None:
            raise reference.element.problem(f"parameter '{wrong.name}' violates its constraints")
        node = reference.adopt(element, scope)
        node.known("name", "ParameterDeclarations")
        return node


def read_once(path: Path) -> Element:
    """The root of a file, the same elements until the file changes: they are never written to."""
    return _read(path, stamp_of(path))


@functools.lru_cache(maxsize=128)
def _read(path: Path, stamp: Stamp) -> Element:
    return read_document(path)


def read_catalogs(locations: Node | None, tree: Tree, base: Path) -> Catalogs:
    """The catalogs of a ``CatalogLocations`` element; a folder that is not there is noted.

    Raises:
        InputError: a folder outside the tree, or a broken catalog.
    """
    catalogs = Catalogs()
    if locations is None:
        return catalogs
    seen: set[Path] = set()
    for location in locations.all(*LOCATIONS):
        directory = location.need("Directory")
        try:
            folder = tree.inside(base, text(directory, "path"))
        except InputError as error:
            raise directory.element.problem(str(error)) from None
        if not folder.is_dir():
            catalogs.missing.append(str(folder))
            directory.notes.append(f"{directory.place}: Directory: there is no folder {folder}")
        elif folder not in seen:
            seen.add(folder)
            catalogs.read(folder)
    return catalogs


def _assignments(reference: Node) -> dict[str, Value]:
    given: dict[str, Value] = {}
    listed = reference.find("ParameterAssignments")
    for child in [] if listed is None else listed.all("ParameterAssignment"):
        name = text(child, "parameterRef")
        if name in given:
            raise child.element.problem(f"parameter '{name[:80]}' is assigned twice")
        text(child, "value")
        given[name] = resolved(child.element, child.element.attributes["value"], child.scope)
    return given
