"""Scenario and variation files: parameters, constraints, catalogs, paths, and refusals by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError, UnsupportedError
from drivestack.scenario.expressions import Value
from drivestack.scenario.openscenario.actions import Speed, Teleport
from drivestack.scenario.openscenario.axes import Variations
from drivestack.scenario.openscenario.conditions import SimulationTime
from drivestack.scenario.openscenario.entities import Entity
from drivestack.scenario.openscenario.positions import LanePosition
from drivestack.scenario.openscenario.scenario import OpenScenario, read_file
from tests.scenario.openscenario.documents import (
    CAR,
    HEADER,
    PARAMETERS,
    SPEED,
    TELEPORT,
    bound,
    on_road,
    parameter,
    parameter_sets,
    scenario,
    steps,
    together,
    values,
    variation,
)
from tests.scenario.writing import write


def made(folder: Path, text: str, **given: float | str) -> OpenScenario:
    template, varied = read_file(on_road(folder, text))
    assert varied is None
    return template.at(given)


def sets(folder: Path, axes: str, parameters: str = PARAMETERS) -> list[dict[str, Value]]:
    on_road(folder, scenario(parameters))
    return list(parameter_sets(Variations.of(write(folder, "v.xosc", variation(axes)))))


def test_everything_is_a_number(tmp_path: Path) -> None:
    found = made(tmp_path, scenario(), s=20)
    assert found.road == (tmp_path / "road.xodr").resolve()
    (ego,) = found.entities
    assert (ego.length, ego.width, ego.ahead, ego.left, ego.kind) == (5.0, 2.0, 1.4, 0.0, "vehicle")
    (start,) = found.storyboard.init
    assert start.entity == "Ego"
    assert start.action == Teleport(LanePosition("1", -1, 20.0, 0.0, None))
    (event,) = found.storyboard.stories[0].acts[0].groups[0].maneuvers[0].events
    assert event.priority == "override", "1.0 called it overwrite"
    (action,) = event.actions
    assert isinstance(action.action, Speed)
    assert action.action.value == pytest.approx(10.0)
    assert event.start is not None
    ((condition,),) = event.start
    assert condition.what == SimulationTime("greaterThan", 3.0)
    assert condition.place.endswith("s.xosc:14")
    assert [note.split(": ", 2)[1] for note in found.notes] == ["Performance"]


def test_a_byte_order_mark(tmp_path: Path) -> None:
    path = on_road(tmp_path, "")
    path.write_bytes(b"\xef\xbb\xbf" + scenario().encode())
    assert read_file(path)[0].at({}).entities[0].name == "Ego"


def test_parameters_build_on_each_other(tmp_path: Path) -> None:
    more = PARAMETERS + parameter("double", "double", "${2 * $kph}") + parameter("n", "int", "3")
    found = made(tmp_path, scenario(more), kph="40")
    assert (found.parameters["double"], found.parameters["n"]) == (80.0, 3)


def test_constraints_are_anded_in_a_group_and_ored_between_groups(tmp_path: Path) -> None:
    inside = bound("greaterThan", "0") + bound("lessThan", "10")
    both = parameter("kph", "double", "5", inside, bound("equalTo", "20")) + parameter(
        "s", "double", "9"
    )
    found = sets(tmp_path, values("kph", "-1", "0", "5", "10", "20", "21"), both)
    assert [given["kph"] for given in found] == ["5", "20"]
    with pytest.raises(InputError, match=r"s\.xosc:3: .*kph = 30.0 violates its constraints"):
        made(tmp_path, scenario(both), kph=30)


def test_constraints_of_texts_and_of_other_parameters(tmp_path: Path) -> None:
    kinds = parameter("kind", "string", "car", bound("equalTo", "car"), bound("equalTo", "bus"))
    more = PARAMETERS + kinds + parameter("v", "double", "1", bound("lessThan", "${$kph / 3.6}"))
    found = sets(tmp_path, values("kind", "car", "van") + values("v", "9", "10.1"), more)
    assert found == [{"kind": "car", "v": "9"}]


def test_ranges_reach_their_ends(tmp_path: Path) -> None:
    found = sets(tmp_path, steps("kph", "0", "0.3", "0.1") + steps("s", "-1.75", "1.75", "0.5"))
    assert len(found) == 4 * 8
    assert found[-1]["kph"] == pytest.approx(0.3)
    assert found[-1]["s"] == 1.75
    assert [given["s"] for given in found[:3]] == [-1.75, -1.25, -0.75], "the last axis is fastest"
    assert len(sets(tmp_path, steps("kph", "0", "1", "0.3"))) == 4, "and do not go beyond"


def test_parameters_that_vary_together(tmp_path: Path) -> None:
    axes = together({"kph": "30", "s": "1"}, {"s": "2", "kph": "40"})
    assert sets(tmp_path, axes) == [{"kph": "30", "s": "1"}, {"kph": "40", "s": "2"}]


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (values("kpx", "1"), "no parameter 'kpx'; did you mean 'kph'?"),
        (values("kph"), "expected 1 to 100000 values, found 0"),
        (values("kph", "1") + values("kph", "2"), "parameter 'kph' is varied twice"),
        (steps("kph", "0", "1", "0"), "expected a step above 0"),
        (steps("kph", "0", "1e7", "1e-3"), "at most 100000 are read"),
        (steps("kph", "0", "9999", "1") + steps("s", "0", "9999", "1"), "at most 10000000 are"),
        (together({"kph": "1", "s": "1"}, {"kph": "1"}), "should give each of kph, s once"),
        ("<Histogram/>", "v.xosc:4: Histogram: not supported in 'Deterministic'"),
        (values("kph", "x"), "kph: expected a number, got 'x'"),
        (values("kph", "${1 +}"), "an operand is missing"),
    ],
)  # fmt: skip
def test_refused_variations(tmp_path: Path, axes: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        sets(tmp_path, axes)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_stochastic_distributions_are_refused_by_name(tmp_path: Path) -> None:
    text = variation("").replace("Deterministic", "Stochastic")
    on_road(tmp_path, scenario())
    with pytest.raises(UnsupportedError, match=r"v\.xosc:4: Stochastic: not supported"):
        read_file(write(tmp_path, "v.xosc", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (scenario(init=TELEPORT.replace("LanePosition", "GeoPosition")),
         "s.xosc:8: GeoPosition: not supported in 'Position'"),
        (scenario(init=TELEPORT.replace('s="$s"', 's="$s" wobble="1"')),
         "attribute 'wobble' is not supported"),
        (scenario(action=SPEED.replace("</SpeedAction>", "<Extra/></SpeedAction>")),
         "Extra: not supported in 'SpeedAction'"),
        (scenario(more="<TrafficSwarm/>"), "TrafficSwarm: not supported in 'OpenSCENARIO'"),
        (scenario(trigger="<StartTrigger><ConditionGroup/></StartTrigger>"),
         "a condition group without conditions"),
        (scenario(action=SPEED.replace('"linear"', '"wavy"')),
         "dynamicsShape: unknown word 'wavy'; valid: cubic, linear"),
        (scenario(action=SPEED.replace("$kph", "$kpm")), "no parameter 'kpm'"),
        (scenario(action=SPEED.replace('value="2"', 'value="two"')), "a number, got 'two'"),
        (scenario(entities=CAR.replace('length="5"', 'length="0"')), "a box of 0 m by 2 m"),
        (scenario(entities=CAR.replace('y="car"', 'y="boat"')), "unknown word 'boat'"),
        (scenario(PARAMETERS + parameter("kph", "double", "1")), "'kph' is declared twice"),
        (scenario(PARAMETERS + parameter("x", "complex", "1")), "unknown parameterType 'complex'"),
        (scenario().replace('revMajor="1"', 'revMajor="2"'), "OpenSCENARIO 2.3 is not read"),
        (scenario().replace("road.xodr", "rood.xodr"), "no file 'rood.xodr'"),
        (scenario().replace('"road.xodr"', '"/etc/passwd"'), "'/etc/passwd' must be relative"),
        (scenario().replace('"road.xodr"', '"../../../../../../../../etc/passwd"'), "leads out of"),
        ("<OpenDRIVE/>", "expected an OpenSCENARIO document"),
        (f"<OpenSCENARIO>{HEADER}<Catalog name='c'/></OpenSCENARIO>",
         "no scenario in it, but FileHeader, Catalog"),
    ],
)  # fmt: skip
def test_refusals(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        made(tmp_path, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


CATALOG = '<OpenSCENARIO><Catalog name="cars">{}</Catalog></OpenSCENARIO>'
LOCATION = (
    '<CatalogLocations><VehicleCatalog><Directory path="cars"/></VehicleCatalog></CatalogLocations>'
)
WIDE = CAR.replace('<Vehicle name="car" vehicleCategory="car">',
    '<Vehicle name="wide" vehicleCategory="car"><ParameterDeclarations>'
    + parameter("w", "double", "2", bound("lessThan", "4")) + "</ParameterDeclarations>"
).replace('width="2"', 'width="${$w + 1}"')  # fmt: skip


def referred(entry: str, assigned: str = "") -> str:
    inner = f"<ParameterAssignments>{assigned}</ParameterAssignments>" if assigned else ""
    return f'<CatalogReference catalogName="cars" entryName="{entry}">{inner}</CatalogReference>'


def assigned(name: str, value: str) -> str:
    return f'<ParameterAssignment parameterRef="{name}" value="{value}"/>'


def with_catalog(folder: Path, entities: str) -> Entity:
    write(folder, "cars/cars.xosc", CATALOG.format(CAR + WIDE))
    (ego,) = made(folder, scenario(entities=entities, more=LOCATION)).entities
    return ego


def test_catalogs_with_parameters(tmp_path: Path) -> None:
    assert with_catalog(tmp_path, referred("car")).width == 2.0
    assert with_catalog(tmp_path, referred("wide")).width == 3.0
    assert with_catalog(tmp_path, referred("wide", assigned("w", "${$kph / 12}"))).width == 4.0
    for entry, message in (
        (referred("care"), "no entry 'care'; did you mean 'car'?"),
        (referred("wide", assigned("x", "1")), "no parameter 'x'"),
        (referred("wide", assigned("w", "5")), "parameter 'w' violates its constraints"),
    ):
        with pytest.raises(InputError) as caught:
            with_catalog(tmp_path, entry)
        assert message in str(caught.value)


def test_a_missing_catalog_gives_a_default_box_and_a_note(tmp_path: Path) -> None:
    found = made(tmp_path, scenario(entities=referred("bus_blue"), more=LOCATION))
    (ego,) = found.entities
    assert (ego.category, ego.length, ego.width) == ("bus", 13.5, 2.5)
    assert any(
        "no catalog with 'bus_blue'; a bus of 13.5 m by 2.5 m is taken" in note
        for note in found.notes
    )


def test_a_road_elsewhere_is_found_by_its_name(tmp_path: Path) -> None:
    on_road(tmp_path / "own" / "deep", "")
    path = write(tmp_path, "own/s.xosc", scenario().replace("road.xodr", "../xodr/road.xodr"))
    assert read_file(path)[0].at({}).road == (tmp_path / "own/deep/road.xodr").resolve()
    on_road(tmp_path / "own" / "other", "")
    with pytest.raises(InputError, match="there are 2 below"):
        read_file(path)[0].at({})


def test_links_out_of_the_tree_are_refused(tmp_path: Path) -> None:
    tree = tmp_path / "1" / "2" / "3" / "4" / "5" / "6"
    on_road(tmp_path, "")
    path = on_road(tree, scenario())
    (tree / "road.xodr").unlink()
    (tree / "road.xodr").symlink_to(tmp_path / "road.xodr")
    with pytest.raises(InputError, match="leads out of the folder"):
        read_file(path)[0].at({})


def test_cut_at_every_byte(tmp_path: Path) -> None:
    whole = scenario().encode().rstrip()
    path = on_road(tmp_path, "")
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match="broken XML"):
            read_file(path)
