"""The recipe to add a family, as scenarios/README.md gives it: one folder is touched."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

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
    with (folder / "rare.yaml").open("a") as suite:
        suite.write(f"- {{file: {name}}}\n")

    for difficulty, starts in Family("crate", path).drawn(5).items():
        seen = found(starts)
        assert seen.failed[:, ANSWERS.index(KEEP)].all()
        assert seen.avoided(QUICK[:1]).all()
        assert seen.avoided(HUMAN).all() == (difficulty < 1.0)

    result = run(folder / "rare.yaml", shard="10021/10320")  # its first case, behind all others
    assert [row["scenario"].split("/")[0] for row in result.episodes] == ["rare-crate"]
    assert result.episodes[0]["outcome"] != "failed"
