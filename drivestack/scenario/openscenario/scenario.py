"""A scenario file for one set of parameters: entities, storyboard and road, all in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from drivestack.core.errors import InputError

from ..expressions import Value
from ..xml_reader import Element
from ..xml_values import attribute
from .catalogs import read_catalogs, read_once
from .entities import Entity, read_entities
from .node import Node, choice, text
from .parameters import Parameters, read_parameters
from .paths import Tree
from .storyboard import Storyboard, read_storyboard
from .values import TYPES
from .variations import Variation, read_variation

REVISIONS = ("0", "1", "2", "3", "4")
"""Of major 1: what these added and is not read is refused element by element."""


@dataclass(frozen=True, slots=True)
class OpenScenario:
    """One scenario, everything resolved.

    Attributes:
        file: it was read from. parameters: in force. road: OpenDRIVE file. entities: in order.
        variables: first values by name. storyboard: actions and stories.
        notes: what was left out or taken by default, each ``file:line: element: why``.
    """

    file: Path
    parameters: Mapping[str, Value]
    road: Path
    entities: tuple[Entity, ...]
    variables: Mapping[str, str]
    storyboard: Storyboard
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A scenario file before its parameters have values."""

    file: Path
    tree: Tree
    root: Element
    parameters: Parameters

    def at(self, given: Mapping[str, Value]) -> OpenScenario:
        """The scenario with some parameters replaced.

        Raises:
            InputError, UnsupportedError: one sentence with file, line and element; also where a
                parameter violates its constraints.
        """
        self.parameters.check_names(given, self.root.problem)
        scope = self.parameters.scope(given, {})
        wrong = self.parameters.violated(scope)
        if wrong is not None:
            value = scope[wrong.name]
            raise wrong.element.problem(f"{wrong.name} = {value} violates its constraints")
        return _scenario(self, scope)


def read_file(path: Path) -> tuple[Template, Variation | None]:
    """A scenario file, or the scenario of a variation file with its variation.

    Raises:
        InputError, UnsupportedError: one sentence with file, line and element.
    """
    tree = Tree.of(path)
    root = _root(path)
    distribution = root.find("ParameterValueDistribution")
    if distribution is None:
        return read_template(path, tree), None
    variation = read_variation(distribution)
    try:
        file = tree.find(path.resolve().parent, variation.scenario)
    except InputError as error:
        raise distribution.need("ScenarioFile").problem(str(error)) from None
    template = read_template(file, tree)
    for axis in variation.axes:
        template.parameters.check_names(axis.names, axis.element.problem)
    return template, variation


def read_template(path: Path, tree: Tree) -> Template:
    """A scenario file in a tree; raises as `read_file`."""
    root = _root(path)
    if root.find("Storyboard") is None:
        known = ", ".join(child.tag for child in root.children) or "nothing"
        raise root.unsupported(f"no scenario in it, but {known[:200]}")
    return Template(path, tree, root, read_parameters(root.find("ParameterDeclarations")))


def _root(path: Path) -> Element:
    root = read_once(path)
    if root.tag != "OpenSCENARIO":
        raise root.problem("expected an OpenSCENARIO document, whose root is 'OpenSCENARIO'")
    header = root.need("FileHeader")
    major, minor = attribute(header, "revMajor"), attribute(header, "revMinor")
    if major != "1" or minor not in REVISIONS:
        valid = ", ".join(f"1.{revision}" for revision in REVISIONS)
        raise header.unsupported(
            f"OpenSCENARIO {major[:9]}.{minor[:9]} is not read; valid: {valid}"
        )
    return root


def _scenario(template: Template, scope: dict[str, Value]) -> OpenScenario:
    notes: list[str] = []
    node = Node(template.root, scope, notes)
    node.known("FileHeader", "ParameterDeclarations")
    base = template.file.resolve().parent
    catalogs = read_catalogs(node.find("CatalogLocations"), template.tree, base)
    scenario = OpenScenario(
        file=template.file,
        parameters=scope,
        road=_road(node.need("RoadNetwork"), template.tree, base),
        entities=read_entities(node.need("Entities"), catalogs),
        variables=_variables(node.find("VariableDeclarations")),
        storyboard=read_storyboard(node.need("Storyboard"), catalogs),
        notes=(),
    )
    node.finish()
    return replace(scenario, notes=tuple(notes))


def _road(node: Node, tree: Tree, base: Path) -> Path:
    node.leave("it is for pictures", "SceneGraphFile")
    logic = node.need("LogicFile")
    try:
        return tree.find(base, text(logic, "filepath"))
    except InputError as error:
        raise logic.element.problem(str(error)) from None


def _variables(node: Node | None) -> dict[str, str]:
    variables: dict[str, str] = {}
    for child in [] if node is None else node.all("VariableDeclaration"):
        name = text(child, "name")
        choice(child, "variableType", TYPES)
        if name in variables:
            raise child.element.problem(f"variable '{name[:80]}' is declared twice")
        variables[name] = text(child, "value")
    return variables
