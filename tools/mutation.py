"""Does a test notice if a line of the safety layer is wrong? Every small change, one at a time.

    python tools/mutation.py [drivestack/safety/aeb.py ...] [--workers 2] [--out FILE]

A mutant is one comparison, operator, constant, call or statement changed. The tests that belong to
a file by the mirrored tree are run on each of its mutants. Files are those of the rule part unless
some are named. What was decided before is not run again (`--out` keeps it), unless the file or its
tests have changed; with `--survivors` only those that survived before are run again. Who survives
because it is the same program is named, with the reason, in tests/safety/survivors.yaml. Exit
status 1: the score without these is below `--least`, or one is named there wrongly.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import sys
import time
from pathlib import Path

# before anything loads numba
os.environ["NUMBA_DISABLE_JIT"] = "1"

from mutants.changes import ROOT, Mutant, mutants_of
from mutants.running import decided
from mutants.survivors import reasons_in, score_of, told

PACKAGE = ROOT / "drivestack" / "safety"
REASONS = ROOT / "tests" / "safety" / "survivors.yaml"
LEFT_OUT = ("critic", "critic_features", "critic_network", "reference", "r157")
"""Parts of the safety layer that are no rules: learned, yardsticks, judging."""


def rule_files() -> list[str]:
    """The rule part of the safety layer, the smallest file first."""
    found = [p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py"]
    rules = [p for p in found if not set(p.relative_to(PACKAGE).with_suffix("").parts)
             & set(LEFT_OUT)]  # fmt: skip
    return [str(p.relative_to(ROOT)) for p in sorted(rules, key=lambda p: p.stat().st_size)]


PROPERTIES = "tests/safety/test_properties.py"
"""What holds of every check, by its name."""


def tests_of(file: str) -> list[str]:
    """The tests that belong to a file: its namesake in the mirrored tree, and the properties of the
    check with its name; without a namesake those of its folder."""
    path = Path(file).relative_to("drivestack")
    own = Path("tests") / path.parent / f"test_{path.name}"
    if (ROOT / own).exists():
        checks = "    def check(" in (ROOT / file).read_text()
        return [str(own), PROPERTIES] if checks else [str(own)]
    folder = ROOT / "tests" / path.parent
    return [str(p.relative_to(ROOT)) for p in sorted(folder.glob("test_*.py"))]


def own_tests(file: str) -> list[str]:
    """Without the properties, which say nothing of what is outside of functions: parameters."""
    return [name for name in tests_of(file) if name != PROPERTIES] or tests_of(file)


def selected(file: str) -> list[str]:
    """Arguments of pytest for all of them; a namesake has the name in its path."""
    tests = tests_of(file)
    return [*tests, "-k", Path(file).stem] if PROPERTIES in tests[1:] else tests


def digest(file: str) -> str:
    """Of a file and its tests: a result holds while these stay as they are."""
    text = hashlib.sha256()
    for name in [file, *tests_of(file)]:
        text.update((ROOT / name).read_bytes())
    return text.hexdigest()[:16]


def known(out: Path, file: str, survivors_again: bool) -> dict[int, bool]:
    """Whether mutants of a file survive, by number, as far as that was decided and still holds."""
    if not out.exists():
        return {}
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    names, now = {m.number: m.name for m in mutants_of(file)}, digest(file)
    found = {}
    for line in lines:
        same = line["file"] == file and names.get(line["number"]) == line["name"]
        if same and (line["digest"] == now or (survivors_again and not line["survives"])):
            found[line["number"]] = line["survives"]
    return found


def decide(file: str, given: argparse.Namespace) -> None:
    """Run what has not been decided of one file."""
    done = known(given.out, file, given.survivors)
    left = [m for m in mutants_of(file) if m.number not in done]
    if not left:
        return
    now, begin = digest(file), time.monotonic()

    def note(mutant: Mutant, survives: bool) -> None:
        line = {"file": file, "number": mutant.number, "digest": now, "name": mutant.name,
                "survives": survives}  # fmt: skip
        with given.out.open("a") as log:
            log.write(json.dumps(line) + "\n")

    if not decided(left, selected(file), own_tests(file), given.workers, note):
        sys.exit(f"{file}: its tests {tests_of(file)} fail on the file as it is")
    print(f"{file}: {len(left)} mutants in {time.monotonic() - begin:.0f} s", flush=True)


def main() -> int:
    """Run what has not been decided, and list who survived."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="*")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "mutation.jsonl")
    parser.add_argument("--least", type=float, default=0.99)
    parser.add_argument("--survivors", action="store_true", help="run again only who survived")
    given = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    importlib.import_module("tests.scenes")  # and all below: loaded once for every process
    files, reasons = given.files or rule_files(), reasons_in(REASONS)
    for file in files:
        decide(file, given)
    scores = [score_of(file, known(given.out, file, given.survivors), reasons) for file in files]
    return 0 if told(scores, given.least) else 1


if __name__ == "__main__":
    sys.exit(main())
