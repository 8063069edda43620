"""All OpenSCENARIO files in the folder of shared data (its safety.md, sections 8 and 9)."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario.openscenario.axes import Variations
from drivestack.scenario.openscenario.scenario import read_file
from tests.scenario.openscenario.documents import parameter_sets

pytestmark = pytest.mark.shared

ALKS = "suites/openmsl-alks/logical_scenarios"
NCAP = "suites/vector-ncap/OpenSCENARIO/NCAP"

FAMILIES = {
    "4_1_1": (12, 12), "4_1_2": (300, 300), "4_1_3": (1_200, 1_200), "4_2_1": (360, 360),
    "4_2_2": (6_120, 6_120), "4_2_3": (120, 120), "4_2_4": (1_800, 1_800), "4_3_1": (2_400, 2_100),
    "4_3_2": (1_400, 1_225), "4_3_2_reference": (3_000, 2_700), "4_4_1": (52_500, 29_750),
    "4_5_1": (8_640, 8_040), "4_5_2": (43_200, 40_200), "4_6_1": (6, 6), "4_6_2": (2, 2),
}  # fmt: skip
"""Raw and valid parameter sets of each ALKS family (safety.md, section 8)."""

LARGE = {"4_4_1", "4_5_1", "4_5_2"}


def alks(shared: Path) -> dict[str, Path]:
    found = {}
    for path in sorted((shared / ALKS).glob("*_variation*.xosc")):
        words = path.stem.split("_")
        name = "_".join(words[2:5])
        found[f"{name}_reference" if words[-1] == "reference" else name] = path
    if set(found) != set(FAMILIES):
        pytest.skip(f"shared data not found at {shared / ALKS}")
    return found


def counts(path: Path) -> tuple[int, int]:
    found = Variations.of(path)
    assert found.variation is not None
    return found.variation.count(), sum(1 for _ in parameter_sets(found))


def test_raw_counts(shared: Path) -> None:
    found = {}
    for name, path in alks(shared).items():
        _, variation = read_file(path)
        assert variation is not None
        found[name] = variation.count()
    assert found == {name: raw for name, (raw, _) in FAMILIES.items()}
    assert sum(found.values()) == 121_060


@pytest.mark.parametrize("name", sorted(set(FAMILIES) - LARGE))
def test_valid_counts(shared: Path, name: str) -> None:
    assert counts(alks(shared)[name]) == FAMILIES[name]


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted(LARGE))
def test_valid_counts_of_large_families(shared: Path, name: str) -> None:
    assert counts(alks(shared)[name]) == FAMILIES[name]


def test_valid_counts_by_the_constraints_themselves(shared: Path) -> None:
    """The large families by arithmetic on their axes: an independent count, 93,935 in all."""
    assert sum(valid for _, valid in FAMILIES.values()) == 93_935
    _, variation = read_file(alks(shared)["4_4_1"])
    assert variation is not None
    axes = {axis.names[0]: axis.values for axis in variation.axes}
    speed, other, lateral = (
        [float(value) for (value,) in axes[name]]
        for name in (
            "Ego_InitSpeed_Ve0_kph",
            "CutInVehicle_RelativeInitSpeed_Ve0_Vo0_kph",
            "CutInVehicle_LaneChange_MaxLateralVelocity_Vy_mps",
        )
    )
    allowed = sum(v < (ve + dv) / 3.6 for ve in speed for dv in other for v in lateral)
    rest = variation.count() // (len(speed) * len(other) * len(lateral))
    assert allowed * rest == FAMILIES["4_4_1"][1]


@pytest.mark.parametrize(
    ("folder", "total", "single"),
    [
        ("AEB_C2C_2023/Variations", 147, 6),
        ("AEB_VRU_2023/Variations", 131, 18),
        ("CA-FC_2026/Variations/StandardRange", 428, 0),
        ("CA-FC_2026/Variations/SingleExecution", 0, 18),
    ],
)
def test_ncap_counts(shared: Path, folder: str, total: int, single: int) -> None:
    """Files of one set (`single`) stand beside the ranges; both read to the last valid set."""
    files = sorted((shared / NCAP / folder).glob("*.xosc"))
    if not files:
        pytest.skip(f"shared data not found at {shared / NCAP}")
    found = {path.stem: counts(path) for path in files}
    alone = [name for name in found if "Variation" not in name and "Standard" not in folder]
    assert sum(valid for name, (_, valid) in found.items() if name in alone) == single
    assert sum(valid for name, (_, valid) in found.items() if name not in alone) == total


def test_every_file_reads_whole(shared: Path) -> None:
    """Every template, base file, variation (its first and last sets) and esmini's examples."""
    folders = [shared / ALKS, shared / NCAP, shared / "data/esmini_xodr"]
    files = [path for folder in folders for path in sorted(folder.rglob("*.xosc"))
             if not {"catalogs", "Catalogs"} & set(path.parts)]  # fmt: skip
    if len(files) != 145:
        pytest.skip(f"shared data not found at {shared}")
    for path in files:
        varied = Variations.of(path)
        found = varied.template.at(next(parameter_sets(varied)))
        assert found.entities
        assert found.storyboard.init
        assert found.road.suffix == ".xodr"


def test_catalogs_alone_are_no_scenarios(shared: Path) -> None:
    path = shared / NCAP / "Catalogs/Vehicles/Vehicles.xosc"
    if not path.exists():
        pytest.skip(f"shared data not found at {path}")
    with pytest.raises(InputError, match="no scenario in it, but FileHeader, Catalog"):
        read_file(path)


def test_sizes_of_the_alks_catalog(shared: Path) -> None:
    sizes = {}
    varied = Variations.of(alks(shared)["4_1_2"])
    for given in parameter_sets(varied):
        found = varied.template.at(given)
        sizes.update({(e.length, e.width): e.ahead for e in found.entities})
    boxes = {(5.0, 2.0), (18.75, 2.5), (13.5, 2.5), (4.5, 1.8), (2.2, 0.9)}
    assert set(sizes) == boxes
    assert math.isclose(sizes[5.0, 2.0], 1.4), "from the rear axle to the middle of the box"
