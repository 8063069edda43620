"""The recipe to add a family, as scenarios/README.md gives it: one folder is touched."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from drivestack.scenario.expand import combinations
from drivestack.scenario.loader import documents
from drivestack.sim.suite import run
from tools.rare.answers import ANSWERS, HUMAN, KEEP, QUICK, found
from tools.rare.draws import Family

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def test_the_recipe_to_add_a_family(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    shutil.copytree(SCENARIOS, folder)
    recipe = (folder / "README.md").read_text()
    ((name, text),) = re.findall(r"```yaml (\S+)\n(.*?)```", recipe, re.S)
    path = folder / name
    path.write_text(text)
    suite = folder / "rare.yaml"
    suite.write_text(f"{suite.read_text()}- {{file: {name}}}\n")

    for difficulty, starts in Family("crate", path).drawn(5).items():
        seen = found(starts)
        assert seen.failed[:, ANSWERS.index(KEEP)].all()
        assert seen.avoided(QUICK[:1]).all()
        assert seen.avoided(HUMAN).all() == (difficulty < 1.0)

    suite.write_text(re.sub(r"count: \d+", "count: 1", suite.read_text()))  # of the others
    sizes = [combinations(document) for document in documents(suite)]
    first, total = sum(sizes[:-1]), sum(sizes)
    result = run(suite, shard=f"{first + 1}/{total}")
    assert [row["scenario"].split("/")[0] for row in result.episodes] == ["rare-crate"]
    assert result.episodes[0]["outcome"] != "failed"
