"""What of an OpenDRIVE file is read and left out: a list that goes with the road network."""

from __future__ import annotations

from collections.abc import Iterable

from drivestack.core.errors import nearest

from ..xml_reader import Element

REASONS = {
    "elevation": "the world is flat",
    "superelevation": "the world is flat",
    "crossfall": "the world is flat",
    "shape": "the world is flat",
    "height": "the world is flat",
    "CRG": "the world is flat",
    "object": "no object blocks the sight or the way",
    "objectReference": "no object blocks the sight or the way",
    "tunnel": "no object blocks the sight or the way",
    "bridge": "no object blocks the sight or the way",
    "signal": "no lights or signs are simulated",
    "signalReference": "no lights or signs are simulated",
    "controller": "no lights or signs are simulated",
    "priority": "the right of way is not taken from the file",
    "roadMark": "lane changes are not forbidden by road marks",
    "access": "lanes are open to every vehicle",
    "rule": "lane rules are text",
    "railroad": "nothing runs on rails",
    "station": "nothing runs on rails",
    "junctionGroup": "it only names junctions",
    "surface": "the world is flat",
    "material": "every surface has the same grip",
    "visibility": "deprecated",
    "geoReference": "places stay in the file's own plane",
    "offset": "places stay in the file's own plane",
    "elevationGrid": "the world is flat",
    "boundary": "only lanes can be driven on",
    "laneLink": "a lane without motor traffic is linked to one that is not there",
    "planView": "a junction's own reference line is for its surface",
}
"""Elements without effect here, and why; containers of them are looked into."""

_CONTAINERS = {
    "elevationProfile": ("elevation",),
    "lateralProfile": ("superelevation", "crossfall", "shape", "crossSectionSurface"),
    "objects": ("object", "objectReference", "tunnel", "bridge"),
    "signals": ("signal", "signalReference"),
    "surface": ("CRG",),
}

_SILENT = ("userData", "dataQuality", "license")
"""Says nothing about the road."""


class LeftOut:
    """Collects what was left out: per element its number, its first line and the reason."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int]] = {}

    def check(self, element: Element, read: Iterable[str]) -> None:
        """Note the children that are left out.

        Raises:
            UnsupportedError: a child that is neither read nor known to be without effect.
        """
        known = tuple(read)
        for child in element.children:
            if child.tag in known or child.tag in _SILENT:
                continue
            if child.tag in _CONTAINERS:
                for inner in child.children:
                    if inner.tag in _CONTAINERS[child.tag] and _says_something(inner):
                        self.note(inner.tag, inner)
            elif child.tag in REASONS:
                self.note(child.tag, child)
            else:
                near = nearest(child.tag, (*known, *REASONS))
                raise child.unsupported(f"not supported in '{element.tag}'; {near}")

    def lines(self) -> tuple[str, ...]:
        """One clause a kind of element: ``roadMark (12, first in line 40): why``."""
        return tuple(
            f"{tag} ({count}, first in line {line}): {REASONS[tag]}"
            for tag, (count, line) in sorted(self._seen.items())
        )

    def note(self, tag: str, element: Element) -> None:
        """Count an element that has no effect; `tag` is a key of `REASONS`."""
        count, line = self._seen.get(tag, (0, element.line))
        self._seen[tag] = count + 1, line


def _says_something(element: Element) -> bool:
    """Whether a profile is not zero throughout."""
    if element.tag not in ("elevation", "superelevation", "crossfall"):
        return True
    values = (element.attributes.get(name, "0") for name in ("a", "b", "c", "d"))
    return any(value.strip("+-0.eE ") != "" for value in values)
