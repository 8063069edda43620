"""Entities: what is on the road, how large it is, and where its reference point lies in its box.

A vehicle's reference point is the middle of its rear axle on the ground, a pedestrian's and an
object's the middle of its box; ``BoundingBox/Center`` says where the box's centre is from there.
"""

from __future__ import annotations

from dataclasses import dataclass

from .catalogs import Catalogs
from .node import Node, choice, real, text

VEHICLES = ("car", "van", "truck", "semitrailer", "trailer", "bus", "motorbike", "bicycle",
            "train", "tram")  # fmt: skip
PEDESTRIANS = ("pedestrian", "wheelchair", "animal")
OBJECTS = ("none", "obstacle", "pole", "tree", "vegetation", "barrier", "building", "parkingSpace",
           "patch", "railing", "trafficIsland", "crosswalk", "streetLamp", "gantry",
           "soundBarrier", "wind", "roadMark")  # fmt: skip

_DEFAULT_BOXES = {
    "bus": (13.5, 2.5, 4.25), "truck": (18.75, 2.5, 6.0), "van": (4.5, 1.8, 1.5),
    "motorbike": (2.2, 0.9, 0.7), "bicycle": (1.9, 0.6, 0.5), "pedestrian": (0.6, 0.6, 0.0),
    "car": (5.0, 2.0, 1.4),
}  # fmt: skip
"""Length, width, and the centre's distance ahead of the reference point [m], where a catalog is
missing: the ALKS suite's sizes; bicycle and pedestrian are our choice."""

_WORDS = {
    "bus": "bus", "truck": "truck", "semi": "truck", "van": "van", "mc": "motorbike",
    "motor": "motorbike", "scooter": "motorbike", "bicycle": "bicycle", "cyclist": "bicycle",
    "pedestrian": "pedestrian", "walker": "pedestrian",
}  # fmt: skip
"""Parts of an entry's name that tell what it is, where its catalog is missing; else it is a car."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One scenario object.

    Attributes:
        name: its own. kind: vehicle, pedestrian or object. category: OpenSCENARIO's word, such as
        car. length, width: of the box [m]. ahead, left: of the box's centre from the reference
        point [m]. controller: the name of one that is assigned, or None. place: file:line.
    """

    name: str
    kind: str
    category: str
    length: float
    width: float
    ahead: float
    left: float
    controller: str | None
    place: str


def read_entities(node: Node, catalogs: Catalogs) -> tuple[Entity, ...]:
    """The ``Entities`` element.

    Raises:
        InputError: a name used twice, a missing entry, or a box without a size.
    """
    entities: dict[str, Entity] = {}
    for child in node.all("ScenarioObject"):
        entity = _entity(child, catalogs)
        if entity.name in entities:
            raise child.element.problem(f"entity '{entity.name[:80]}' is there twice")
        entities[entity.name] = entity
    return tuple(entities.values())


def _entity(node: Node, catalogs: Catalogs) -> Entity:
    name, controller = text(node, "name"), _controller(node, catalogs)
    reference = node.find("CatalogReference")
    found = None if reference is None else catalogs.entry(reference)
    if reference is not None and found is None:
        return _default(name, reference, controller)
    for tag, kind, attribute, words in _KINDS:
        inner = node.find(tag) if found is None else (found if found.element.tag == tag else None)
        if inner is not None:
            category = choice(inner, attribute, words)
            box = _box(inner)
            inner.leave("motion follows the storyboard and the stack", *_NO_EFFECT)
            text(inner, "name", "")
            return Entity(name, kind, category, *box, controller, node.place)
    what = found.element.tag if found is not None else "nothing"
    raise node.element.unsupported(f"expected a vehicle, a pedestrian or an object, found {what}")


_KINDS = (
    ("Vehicle", "vehicle", "vehicleCategory", VEHICLES),
    ("Pedestrian", "pedestrian", "pedestrianCategory", PEDESTRIANS),
    ("MiscObject", "object", "miscObjectCategory", OBJECTS),
)

_NO_EFFECT = ("Performance", "Axles", "Properties", "mass", "model", "model3d", "role",
              "ParameterDeclarations")  # fmt: skip


def _box(node: Node) -> tuple[float, float, float, float]:
    """Length, width, ahead, left [m]."""
    box = node.need("BoundingBox")
    center, size = box.need("Center"), box.need("Dimensions")
    center.leave("the world is flat", "z")
    size.leave("the world is flat", "height")
    length, width = real(size, "length"), real(size, "width")
    if not (0.0 < length <= 100.0 and 0.0 < width <= 100.0):
        raise size.element.problem(f"a box of {length:g} m by {width:g} m; expected 0 to 100 m")
    return length, width, real(center, "x"), real(center, "y")


def _controller(node: Node, catalogs: Catalogs) -> str | None:
    """The name of the controller that is assigned."""
    name = None
    for assigned in node.all("ObjectController"):
        reference, own = assigned.find("CatalogReference"), assigned.find("Controller")
        if reference is not None:
            entry = catalogs.entry(reference)
            name = text(reference, "entryName")
            own = entry
        if own is not None:
            name = text(own, "name")
            own.leave("controllers are the stack or the script", "Properties", "controllerType",
                      "ParameterDeclarations")  # fmt: skip
        text(assigned, "name", "")
    return name


def _default(name: str, reference: Node, controller: str | None) -> Entity:
    """An entity whose catalog is not there: the box of what its entry's name sounds like."""
    entry = text(reference, "entryName")
    lower = entry.lower()
    category = next((_WORDS[word] for word in _WORDS if word in lower), "car")
    length, width, ahead = _DEFAULT_BOXES[category]
    reference.notes.append(
        f"{reference.place}: CatalogReference: no catalog with '{entry[:80]}'; "
        f"a {category} of {length:g} m by {width:g} m is taken"
    )
    kind = "pedestrian" if category == "pedestrian" else "vehicle"
    return Entity(name, kind, category, length, width, ahead, 0.0, controller, reference.place)
