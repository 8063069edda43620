"""OpenDRIVE documents written for these tests."""

from __future__ import annotations

from pathlib import Path

from tests.scenario.writing import write

LINE = '<geometry s="0" x="0" y="0" hdg="0" length="100"><line/></geometry>'

SCENARIO = """\
id: on-road
map: {kind: opendrive, file: road.xodr}
ego: {kind: stack, lane: [1.0.right.start, 1.0.right.end, 0], s: 10, speed: 10}
actors:
  - {kind: idm, name: lead, lane: [1.0.right.start, 1.0.right.end, 1], s: 30, speed: 5}
time_limit: 5
"""


def width(a: float = 3.5, b: float = 0.0, c: float = 0.0, d: float = 0.0, s: float = 0.0) -> str:
    return f'<width sOffset="{s}" a="{a}" b="{b}" c="{c}" d="{d!r}"/>'


def lane(number: int, widths: str = width(), linked: str = "", type: str = "driving") -> str:
    return f'<lane id="{number}" type="{type}" level="false">{linked}{widths}</lane>\n'


def link(before: int | None = None, after: int | None = None) -> str:
    parts = [f'<{tag} id="{number}"/>' for tag, number in (("predecessor", before),
             ("successor", after)) if number is not None]  # fmt: skip
    return f"<link>{''.join(parts)}</link>"


def section(s: float, left: str = "", right: str = "") -> str:
    sides = [f"<{side}>{lanes}</{side}>" for side, lanes in (("left", left), ("right", right))
             if lanes]  # fmt: skip
    center = '<center><lane id="0" type="none"/></center>'
    return f'<laneSection s="{s}">{"".join(sides)}{center}</laneSection>\n'


TWO_AND_ONE = section(0, lane(1), lane(-1) + lane(-2) + lane(-3, type="sidewalk"))


def road(
    number: str = "1",
    plan: str = LINE,
    lanes: str = TWO_AND_ONE,
    length: float = 100,
    links: str = "",
    more: str = "",
    attributes: str = 'junction="-1"',
) -> str:
    return (
        f'<road id="{number}" length="{length}" {attributes}><link>{links}</link>{more}\n'
        f"<planView>{plan}</planView>\n<lanes>{lanes}</lanes></road>\n"
    )


def joined(tag: str, number: str, contact: str | None = None) -> str:
    """A road's link to a road (with a contact point) or to a junction."""
    if contact is None:
        return f'<{tag} elementType="junction" elementId="{number}"/>'
    return f'<{tag} elementType="road" elementId="{number}" contactPoint="{contact}"/>'


def roads(*parts: str) -> str:
    return f'<OpenDRIVE>\n<header revMajor="1" revMinor="6"/>\n{"".join(parts)}</OpenDRIVE>\n'


def on_road(folder: Path, text: str, scenario: str = SCENARIO) -> Path:
    """The path of a scenario on these roads."""
    write(folder, "road.xodr", text)
    return write(folder, "s.yaml", scenario)
