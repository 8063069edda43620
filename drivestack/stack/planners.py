"""Planners by name, and where they plan: in the process of the stack, or in one of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from drivestack.behavior import PROPOSERS, SCORERS
from drivestack.behavior.checkpoint import shipped
from drivestack.behavior.kept import Keeping
from drivestack.behavior.proposers.learned import Learned
from drivestack.behavior.proposers.together import Together
from drivestack.behavior.proposers.wide import EASY
from drivestack.behavior.scorers.appraised import Appraised
from drivestack.core.protocols import Proposer, Scorer
from drivestack.route import ROUTERS
from drivestack.route.off_route import Keep

from .planner import StagedPlanner
from .planning import Planning
from .remote import Patience, RemotePlanner
from .setup import Host

FLOW, SCORER = str(shipped("flow")), str(shipped("scorer"))
"""The checkpoints that come with the package."""

ON_THE_LINE = Keep()
"""As long as the ego is near its reference line."""

IN_THE_NEXT_LANE = Keep(aside=2.0)
"""Half a lane [m]: who has changed lane on his own is routed from there."""


def idm() -> Planning:
    """IDM along the route, MOBIL for the lane."""
    return _staged("idm", "progress", IN_THE_NEXT_LANE)


def pdm15() -> Planning:
    """PDM-Closed re-stated: the best of 15 rule proposals."""
    return _staged("pdm15", "pdm")


def pdm_lane() -> Planning:
    """Ours: rule proposals along several lanes, against a forecast of the others along theirs."""
    return _staged("pdm_lane", "pdm_lane", IN_THE_NEXT_LANE)


def flow(policy: str = FLOW, scorer: str = SCORER, committed: str = "0") -> Planning:
    """Learned by flow matching: sampled candidates beside those of `pdm_lane` with ease, and a
    learned score.

    Args:
        policy, scorer: other checkpoints. committed: from an observation to when its plan acts [s].
    """
    return _continuing(_both(policy), Appraised(Path(scorer)), committed)


def flow_only(policy: str = FLOW, scorer: str = SCORER, committed: str = "0") -> Planning:
    """The same without the candidates of rules."""
    return _continuing(Learned(Path(policy)), Appraised(Path(scorer)), committed)


def rules_only(scorer: str = SCORER) -> Planning:
    """The same without the learned candidates."""
    return _continuing(EASY, Appraised(Path(scorer)))


def flow_ruled(policy: str = FLOW, committed: str = "0") -> Planning:
    """The same candidates, and the score of `pdm_lane`."""
    return _continuing(_both(policy), SCORERS["pdm_lane"](), committed)


def constant() -> Planning:
    """Constant velocity along the present heading."""
    return _staged("constant", "progress")


def replay() -> Planning:
    """What the recorded driver of the ego did."""
    return _staged("replay", "progress")


def reckless() -> Planning:
    """Fast and heedless of everybody."""
    return _staged("reckless", "progress")


def heedless() -> Planning:
    """Along its lane at the speed limit, heedless of everybody."""
    return _staged("heedless", "progress")


MARGIN = 0.01
"""Of the score, which is 1 at most; our choice: less than a term that fails is worth."""


def _both(policy: str) -> Proposer:
    return Together((Learned(Path(policy)), EASY))


def _continuing(proposer: Proposer, scorer: Scorer, committed: str = "0") -> Planning:
    """One with several answers, which keeps to the one it has given."""
    planner = StagedPlanner(ROUTERS["lanes"](), proposer, scorer, IN_THE_NEXT_LANE)
    return replace(planner, keeping=Keeping(), margin=MARGIN, committed=float(committed))


def _staged(proposer: str, scorer: str, keep: Keep = ON_THE_LINE) -> Planning:
    return StagedPlanner(ROUTERS["lanes"](), PROPOSERS[proposer](), SCORERS[scorer](), keep)


Maker = Callable[..., Planning]
"""A function of a module: its name and its words are all that another process needs to call it."""


def _inline(maker: Maker, words: tuple[str, ...], host: Host) -> Planning:
    return maker(*words)


def _in_its_process(maker: Maker, words: tuple[str, ...], host: Host) -> Planning:
    factory = "\n".join((f"{maker.__module__}:{maker.__name__}", *words))
    return RemotePlanner(factory, Patience(host.deadline))


PLACES: dict[str, Callable[[Maker, tuple[str, ...], Host], Planning]] = {
    "inline": _inline,
    "process": _in_its_process,
}
"""By name; `process` survives a planner that hangs or dies."""


def hosted(maker: Maker, host: Host, *words: str) -> Planning:
    """A planner where the host says; words: what the maker takes."""
    return PLACES[host.place](maker, words, host)
