"""Hostile road networks: refused in one sentence, in little memory, whatever is in them."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivestack.core.errors import InputError
from drivestack.scenario import load
from drivestack.scenario.opendrive.roads import read_roads
from tests.scenario.opendrive.roads import LINE, joined, lane, on_road, road, roads, section, width
from tests.scenario.writing import write

WHOLE = roads(
    road(links=joined("successor", "2", "start")), road("2", LINE.replace('x="0"', 'x="100"'))
)


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_roads(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith((str(path), path.name))
    return str(caught.value)


def test_cut_at_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "r.xodr"
    whole = WHOLE.encode().rstrip()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert "broken XML" in refused(path)
    path.write_bytes(whole)
    assert len(read_roads(path).map.lanes) == 6


def many_points() -> str:
    """Arcs with many points: a width that is no constant keeps them from being circular lanes."""
    shape = '<spiral curvStart="0" curvEnd="0.0001"/>'
    plan = f'<geometry s="0" x="0" y="0" hdg="0" length="900000">{shape}</geometry>'
    lanes = section(0, right="".join(lane(-k, width(3, 1e-7)) for k in range(1, 30)))
    return roads(*[road(str(k), plan, lanes, 900_000) for k in range(50)])


def many_lanes() -> str:
    lanes = section(0, right="".join(lane(-k) for k in range(1, 30)))
    return roads(*[road(str(k), LINE, lanes) for k in range(500)])


def many_sections() -> str:
    lanes = "".join(section(k / 1000, right=lane(-1)) for k in range(12_000))
    return roads(road(lanes=lanes))


def bomb() -> str:
    entities = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY l0 "lol">{entities}]>\n<OpenDRIVE>&l9;</OpenDRIVE>'


def deep() -> str:
    return "<OpenDRIVE>" + "<road>" * 100_000


@pytest.mark.parametrize("make", [many_points, many_lanes, many_sections, bomb, deep])
def test_large_networks_take_little_memory(tmp_path: Path, make: object) -> None:
    path = write(tmp_path, "r.xodr", make())  # pyright: ignore
    tracemalloc.start()
    try:
        refused(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 256 << 20


NUMBERS = st.sampled_from(
    ["nan", "inf", "-inf", "1e400", "1e308", "-1", "0", "1e-300", "", "x", "1e7"]
)


@settings(max_examples=150)
@given(st.integers(0, 10_000), NUMBERS)
def test_any_number_replaced(
    tmp_path_factory: pytest.TempPathFactory, place: int, text: str
) -> None:
    """One attribute's value replaced: a network or one sentence, never another error."""
    parts = WHOLE.split('"')
    place = 1 + 2 * (place % (len(parts) // 2))
    parts[place] = text
    path = write(tmp_path_factory.mktemp("h"), "r.xodr", '"'.join(parts))
    try:
        read_roads(path)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017


def test_files_outside_the_folder(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    write(tmp_path, "road.xodr", roads(road()))
    scenario = on_road(inside, roads(road()))
    scenario.write_text(scenario.read_text().replace("file: road.xodr", "file: ../road.xodr"))
    with pytest.raises(InputError, match="must be relative and without"):
        load(scenario)
    (inside / "road.xodr").unlink()
    (inside / "road.xodr").symlink_to(tmp_path / "road.xodr")
    scenario.write_text(scenario.read_text().replace("../road.xodr", "road.xodr"))
    with pytest.raises(InputError, match="leads out of the folder"):
        load(scenario)
