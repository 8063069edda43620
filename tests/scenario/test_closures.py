"""`closures:` from the file to what the ego is told, and to the route that it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.route import ROUTERS
from drivestack.scenario import load
from drivestack.sim.goals import goals_of
from drivestack.world import build_world, sensing
from tests.scenario.writing import SCENARIO, write

CLOSED = "closures:\n  - {lane: [a, b, 0], start: 40, end: 60}\n  - {lane: [a, b, 1], start: 90}\n"


def test_the_ego_is_told(tmp_path: Path) -> None:
    starts = [
        next(load(write(tmp_path, name, text)))
        for name, text in (("open.yaml", SCENARIO), ("closed.yaml", SCENARIO + CLOSED))
    ]
    assert [start.closures for start in starts] == [(), ((0, 40.0, 60.0), (1, 90.0, 100.0))]
    world = build_world("engine")
    world.reset(starts)
    mounts = [sensing.Mount.of(start) for start in starts]
    seen, _ = sensing.sense(world.observe(), mounts, sensing.fresh(2, 0))
    assert seen.closures.valid.tolist() == [[False, False], [True, True]]
    assert seen.closures.lane[1].tolist() == [0, 1]
    assert seen.closures.start[1].tolist() == [40.0, 90.0]
    assert seen.closures.end[1].tolist() == [60.0, 100.0]

    goal = goals_of(starts, [seen.maps[k] for k in seen.map_index], 0)
    (router,) = ROUTERS.values()
    route = router().route(seen, goal)
    assert not route.change[0].any(), "nothing is in the way"
    assert route.change[1].any(), "its own lane is closed ahead"


@pytest.mark.parametrize(
    ("closure", "sentence"),
    [
        ("{lane: [a, b, 7]}", "no lane"),
        ("{lane: [a, b, 0], start: 50, end: 50}", "must be larger than start"),
        ("{lane: [a, b, 0], start: 50, end: 150}", "0 to 100 m"),
    ],
)
def test_wrong_closures(tmp_path: Path, closure: str, sentence: str) -> None:
    path = write(tmp_path, "wrong.yaml", f"{SCENARIO}closures: [{closure}]\n")
    with pytest.raises(InputError, match=rf"wrong\.yaml:\d+: closures\.0.*{sentence}"):
        list(load(path))


def test_scenes_of_others_have_none(tmp_path: Path) -> None:
    text = "id: x\nmap: {kind: highway_env, env: merge-v1}\nclosures: [{lane: [a, b, 0]}]\n"
    with pytest.raises(InputError, match="closures"):
        load(write(tmp_path, "scene.yaml", text))
