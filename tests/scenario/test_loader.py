from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario.loader import documents
from drivestack.scenario.map_schema import HighwayEnvMap
from tests.scenario.writing import SCENARIO, document, write

SUITE = """\
suite: mixed
defaults:
  ego: {kind: idm}
  rates: {physics: 15, control: 15, plan: 5}
  time_limit: 3
scenarios:
  - {env: merge-v1, seeds: 0-4}
  - {env: merge-v1, id: merge-stack, ego: {kind: stack}, config: {vehicles_count: 3}}
  - {recording: tracks/a.xml, time_limit: 1, ego: {kind: stack}}
  - file: own/scenario.yaml
    seeds: [8]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "own/scenario.yaml", SCENARIO)
    write(tmp_path, "tracks/a.xml", document("2020a"))
    return tmp_path


def test_a_suite_holds_short_forms_files_and_defaults(folder: Path) -> None:
    merge, stack, recording, own = documents(write(folder, "suite.yaml", SUITE))
    assert (merge.scenario.id, merge.scenario.ego.kind.value) == ("merge-v1", "idm")
    assert list(merge.scenario.seeds) == [0, 1, 2, 3, 4]
    assert merge.scenario.rates is not None
    assert merge.scenario.rates.plan == 5
    assert isinstance(stack.scenario.map, HighwayEnvMap)
    assert stack.scenario.map.config == {"vehicles_count": 3}
    assert stack.scenario.ego.kind.value == "stack"
    assert (recording.scenario.id, recording.scenario.time_limit) == ("a", 1)
    assert own.folder == folder / "own"
    assert own.scenario.rates is None, "defaults do not change a file"
    assert list(own.scenario.seeds) == [8]


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("suite: mixed\n", "", "1: suite", "missing key"),
        ("defaults:", "default:", "2: default", "did you mean 'defaults'?"),
        ("kind: idm", "knd: idm", "3: defaults.ego.knd", "unknown key"),
        ("plan: 5", "plan: 4", "4: defaults.rates.plan", "valid: 1, 3, 5, 15"),
        ("seeds: 0-4", "seed: 0-4", "7: scenarios.0.seed", "did you mean 'seeds'?"),
        ("env: merge-v1, seeds", "evn: merge-v1, seeds", "7: scenarios.0.evn", "unknown key"),
        (", id: merge-stack", "", "8: id", "'merge-v1' is given twice"),
        ("file: own/scenario.yaml", "file: ../a.yaml", "10: file", "without '..'"),
        ("file: own/scenario.yaml", "file: own/b.yaml", "10: file", "no file 'own/b.yaml'"),
        ("file: own/scenario.yaml", "file: tracks/a.xml", "10: file", "expected a .yaml"),
        ("file: own/scenario.yaml\n    seeds: [8]", "just text", "10: scenarios.3",
         "expected a mapping"),
        ("seeds: [8]", "seeds: [8]\n    ego: {}", "12: scenarios.3.ego", "valid: count, file"),
    ],
)  # fmt: skip
def test_errors_in_suites(folder: Path, old: str, new: str, place: str, words: str) -> None:
    assert SUITE.count(old) == 1
    path = write(folder, "suite.yaml", SUITE.replace(old, new))
    with pytest.raises(InputError) as caught:
        documents(path)
    assert str(caught.value).startswith(f"{path}:{place}")
    assert words in str(caught.value)


def test_errors_in_a_named_file_name_that_file(folder: Path) -> None:
    write(folder, "own/scenario.yaml", SCENARIO.replace("s: 10", "z: 10"))
    with pytest.raises(InputError, match=r"own/scenario\.yaml:7: ego\.z: unknown key"):
        documents(write(folder, "suite.yaml", SUITE))


def test_a_recording_of_its_own_may_lie_anywhere(folder: Path) -> None:
    link = folder / "elsewhere"
    link.mkdir()
    (link / "my recording.xml").symlink_to(folder / "tracks/a.xml")
    (found,) = documents(link / "my recording.xml")
    assert found.scenario.id == "my-recording"
    assert found.folder == (folder / "tracks").resolve()


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"valid endings: \.yaml, \.yml, \.xml, \.xml\.gz"):
        documents(write(tmp_path, "a.json", "{}"))
    with pytest.raises(InputError, match="no such file"):
        documents(tmp_path / "none.yaml")
