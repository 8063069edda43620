"""What is learned at the fork: demonstrations, policies of them, a scoring model; kept on disk."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

import drivestack
from drivestack.behavior.checkpoint import POLICY, facts_of
from drivestack.core.sources import source_digest
from drivestack.learn.planner import making, teaching
from drivestack.learn.planner.course import Course
from drivestack.learn.planner.demonstrations import read_all
from drivestack.learn.planner.making import Making, make_policy
from drivestack.learn.planner.teaching import HIMSELF, Teaching, make_demonstrations
from drivestack.learn.scorer import making as scoring
from drivestack.learn.scorer.making import CHECKPOINT, make_scorer
from drivestack.learn.scorer.training import Course as ScorerCourse
from drivestack.sim.files import sha256_of

SCENE = Path(__file__).with_name("fork.yaml")

KEPT = Path(__file__).resolve().parents[2] / "build" / "lab"
"""Where demonstrations and checkpoints are kept, by the code that makes them."""

STYLES = ("oracle_left", "oracle_right")
"""Who demonstrates: both pass it, each on his side."""

TRIED = "flow"
"""The head whose candidates the scoring model learns from."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is made: scenes that are demonstrated, steps of training, heads, scenes driven,
    moments a step; scenes in which candidates are tried for the scoring model."""

    taught: int
    steps: int
    heads: tuple[str, ...]
    scenes: int
    batch: int
    tried: int


HEADS = ("mse", "flow")
"""The mean of drivers, and whoever keeps all of them; any name in `behavior.heads.HEADS`."""

WHOLE = Extent(400, 1000, HEADS, 200, 128, 100)
QUICK = Extent(10, 10, HEADS, 2, 32, 2)


def taught(extent: Extent) -> dict[str, Path]:
    """Checkpoints of heads that learned from the same demonstrations; what is there is kept."""
    folder = _folder(extent)
    told = folder / "demonstrations"
    asked = Teaching((SCENE,), told, STYLES, (HIMSELF,), seeds=extent.taught)
    make_demonstrations(asked, _said)
    data = read_all((told,)).digest()
    found = {}
    for head in extent.heads:
        course = Course(head=head, steps=extent.steps, batch=extent.batch)
        found[head] = folder / f"{head}.safetensors"
        if not _is_of(found[head], course, data):
            make_policy(Making((told,), found[head], course), _said)
    return found


def judge_of(policy: Path, extent: Extent) -> Path:
    """The scoring model of what came of a policy's candidates; one that is there is kept."""
    made_by = f"{_code(scoring)}-{sha256_of(policy)[:8]}"
    folder = _folder(extent) / f"scorer-{extent.tried}-{extent.steps}-{made_by}"
    if not (folder / CHECKPOINT).exists():
        course = ScorerCourse(steps=extent.steps)
        asked = scoring.Making((SCENE,), folder, policy, seeds=extent.tried, course=course)
        make_scorer(asked, _said)
    return folder / CHECKPOINT


def _folder(extent: Extent) -> Path:
    scene = sha256_of(SCENE)[:8]
    return KEPT / f"fork-{scene}-{extent.taught}-{_code(teaching, making)}"


def _code(*modules: ModuleType) -> str:
    """Names modules with all they import."""
    package = Path(drivestack.__file__).parent
    digests = (source_digest(Path(str(module.__file__)), package) for module in modules)
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:8]


def _is_of(checkpoint: Path, course: Course, data: str) -> bool:
    if not checkpoint.exists():
        return False
    facts = facts_of(checkpoint, POLICY)
    return facts["course"] == asdict(course) and facts["data"]["sha256"] == data


def _said(step: str, done: int, total: int, loss: float | None = None) -> None:
    if done % 100 == 0 or done == total:
        print(f"{step}: {done} of {total}", file=sys.stderr)
