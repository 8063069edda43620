"""Drive all stacks and highway-env's IDM over all scenes on paired seeds, and write the results.

    python tools/results.py [--out docs/results.md] [--resume FOLDER] [--seeds 100] [--first 6000]
        [--scenes SCENE ...] [--stacks STACK ...] [--candidate STACK] [--workers 2] [--fresh]

Runs are kept in a folder for each driver and scene; what was finished by the same code on the same
seeds is not driven again. Text in `docs/results_notes.md` is put below the gates as it stands.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from pathlib import Path

from evidence.page import Made, page
from evidence.runs import (
    REFERENCE,
    Request,
    code_digest,
    constants,
    drive,
    episodes,
    manifest,
    seconds,
)

from drivestack.scenario.loader import documents
from drivestack.sim.files import write_text
from drivestack.stack import STACKS

ROOT = Path(__file__).resolve().parents[1]
SUITE = ROOT / "scenarios" / "highway_env.yaml"
NOTES = "results_notes.md"

FIRST = 6000
"""The first seed of the suite; lower ones were driven while the stacks were made."""

CANDIDATE = "pdm_lane"
"""The stack that is compared with IDM as ego."""

NOT_ASKED = ("replay",)
"""Stacks that these scenes have nothing for: there is no recording to follow."""


def main() -> None:
    """Drive what is missing, then write the page."""
    options = _options()
    request = Request(
        suite=SUITE,
        scenes=tuple(options.scenes),
        drivers=(REFERENCE, *options.stacks),
        first=options.first,
        seeds=options.seeds,
        folder=options.resume,
        workers=options.workers,
    )
    if options.fresh:
        for driver in request.drivers:
            for scene in request.scenes:
                shutil.rmtree(request.place(driver, scene), ignore_errors=True)
    try:
        drive(request)
    except KeyboardInterrupt:
        print(f"\ninterrupted; whole scenes are kept in {request.folder}", file=sys.stderr)
        sys.exit(130)
    write_text(options.out, _page(request, options))
    print(f"{options.out} is written", file=sys.stderr)


def _page(request: Request, options: argparse.Namespace) -> str:
    found = {
        driver: {scene: episodes(request, driver, scene) for scene in request.scenes}
        for driver in request.drivers
    }
    last = request.first + request.seeds - 1
    notes = options.out.with_name(NOTES)
    made = Made(
        command=_command(),
        candidate=options.candidate,
        seeds=f"{request.seeds} (seeds {request.first} to {last})",
        manifest=manifest(request, request.drivers[-1], request.scenes[0]),
        seconds=seconds(request, [(d, s) for d in request.drivers for s in request.scenes]),
        code=code_digest(),
        notes=notes.read_text() if notes.exists() else "",
        constants={scene: constants(request, scene) for scene in request.scenes},
    )
    return page(found, made)


def _command() -> str:
    """As given, but for the folder of runs, which is this machine's own."""
    kept, arguments = [], iter(sys.argv[1:])
    for argument in arguments:
        if argument == "--resume":
            next(arguments, None)
        elif not argument.startswith("--resume="):
            kept.append(argument)
    return shlex.join(["python", "tools/results.py", *kept])


def _options() -> argparse.Namespace:
    scenes = [document.scenario.map.env for document in documents(SUITE)]
    stacks = [name for name in STACKS if name not in NOT_ASKED]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    add = parser.add_argument
    add("--out", type=Path, default=ROOT / "docs" / "results.md", help="the page")
    add("--resume", type=Path, default=Path("runs/results"), help="where runs are kept")
    add("--seeds", type=int, default=100, help="a scene")
    add("--first", type=int, default=FIRST, help="the first seed, of those in the suite")
    add("--scenes", nargs="+", choices=scenes, default=scenes, metavar="SCENE")
    add("--stacks", nargs="+", choices=stacks, default=stacks, metavar="STACK")
    add("--candidate", default=CANDIDATE, help=f"compared with {REFERENCE}; {CANDIDATE}")
    add("--workers", type=int, default=2, help="processes")
    add("--fresh", action="store_true", help="drive again what is kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
