"""The two gates of parity: record the reference, run the engine, list what differs.

    python -m tests.parity.gates FOLDER [--seeds N | --seeds 1,2,3] [--hz N]

records what FOLDER does not hold yet (a stopped run goes on where it was) and prints both gates.
Gate 1: in portable arithmetic every compared field is equal at every tick. Gate 2: in highway-env's
arithmetic as installed positions, headings and speeds agree to 1e-6; a seed may fail only if the
reference, disturbed by 1e-15, leaves itself by more than that too, in one of five draws.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..portable import run_reference
from .compare import first_difference
from .episodes import Episode, Recorded, all_episodes, read

WORKERS = 2
CHUNK = 20
"""Episodes a subprocess records before it is started again, so that a stopped run loses little."""
TOLERANCE = 1e-6
"""Gate 2: largest difference of positions [m], headings [rad] and speeds [m/s]."""
NOISE = 1e-15
DRAWS = 5
"""How often the reference is disturbed before it counts as stable: how far it leaves itself is
chance, by a factor of a hundred between two draws."""

USED: list[str] = []
"""Seeds of this process, for the end of a test run's report."""


def fresh_seeds(count: int) -> list[int]:
    """New seeds for this run, or the ones that are asked for."""
    given = os.environ.get("DRIVESTACK_PARITY_SEEDS")
    seeds = [int(s) for s in given.split(",")] if given else random.sample(range(2**31), count)
    USED.append(",".join(map(str, seeds)))
    print(f"parity seeds: DRIVESTACK_PARITY_SEEDS={USED[-1]}")
    return seeds


def recorded(episodes: list[Episode], folder: Path, stock: bool = False) -> bool:
    """Record missing episodes in subprocesses, one a core; whether arithmetic was portable."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [e for e in episodes if not (folder / f"{e.name}.npz").exists()]
    chunks = [missing[at : at + CHUNK] for at in range(0, len(missing), CHUNK)] or [[]]

    def share(part: list[Episode]) -> bool:
        given = [asdict(episode) for episode in part]
        run = run_reference(
            "tests.parity.record", "record", stock=stock, episodes=given, folder=str(folder)
        )
        return run.portable

    with ThreadPoolExecutor(WORKERS) as pool:
        return all(list(pool.map(share, chunks)))  # all() alone would cancel what is still to do


def failures_of_gate_1(episodes: Iterable[Episode], folder: Path, portable: bool) -> list[str]:
    """Episodes in which any field differs at any tick."""
    failed = []
    for episode in episodes:
        tolerance = 0.0 if portable else TOLERANCE
        difference = first_difference(read(folder / f"{episode.name}.npz"), tolerance)
        if difference is not None:
            failed.append(f"{episode.name}: {difference}")
    return failed


def failures_of_gate_2(episodes: Iterable[Episode], folder: Path) -> Iterator[tuple[str, bool]]:
    """Episodes that differ by more than the tolerance, and whether the reference is to blame.

    It is if 1e-15 of noise at every tick leads it away from itself by more than the tolerance, in
    any of a few draws.
    """
    for episode in episodes:
        mine = read(folder / f"{episode.name}.npz")
        difference = first_difference(mine, TOLERANCE)
        if difference is not None:
            yield (
                f"{episode.name}: {difference}",
                any(_leaves_itself(episode, mine, draw, folder) for draw in range(DRAWS)),
            )


def _leaves_itself(episode: Episode, mine: Recorded, draw: int, folder: Path) -> bool:
    """Whether the disturbed reference ends up elsewhere."""
    noisy = Episode(**{**asdict(episode), "noise": NOISE, "draw": draw})
    recorded([noisy], folder, stock=True)
    other = read(folder / f"{noisy.name}.npz")
    return mine.bodies.shape != other.bodies.shape or any(
        bool(np.abs(mine.bodies[field] - other.bodies[field]).max() > TOLERANCE)
        for field in ("x", "y", "heading", "speed")
    )


def check_gates(seeds: list[int], folder: Path, physics_hz: int | None = None) -> bool:
    """Both gates over all scenes, ego kinds and seeds, printed; whether they hold."""
    episodes = all_episodes(seeds, physics_hz=physics_hz)
    portable = recorded(episodes, folder / "portable")
    failed = failures_of_gate_1(episodes, folder / "portable", portable)
    arithmetic = "equal" if portable else f"within {TOLERANCE} (arithmetic is not portable here)"
    print(f"gate 1: {len(episodes) - len(failed)} of {len(episodes)} episodes {arithmetic}")
    recorded(episodes, folder / "stock", stock=True)
    listed = list(failures_of_gate_2(episodes, folder / "stock"))
    print(f"gate 2: {len(episodes) - len(listed)} of {len(episodes)} episodes within {TOLERANCE}")
    for line in failed:
        print(f"  gate 1 FAILED: {line}")
    for line, unstable in listed:
        print(f"  gate 2 {'ill-conditioned in the reference' if unstable else 'FAILED'}: {line}")
    return not failed and all(unstable for _, unstable in listed)


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", default="20")
    parser.add_argument("--hz", type=int)
    given = parser.parse_args()
    if "," in given.seeds:
        seeds = [int(seed) for seed in given.seeds.split(",")]
    else:
        seeds = fresh_seeds(int(given.seeds))
    raise SystemExit(0 if check_gates(seeds, given.folder, given.hz) else 1)


if __name__ == "__main__":
    main()
