"""The planner in the stack's own process: route, propose, score, select."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from drivestack.behavior.committed import Committing, committed_by
from drivestack.behavior.kept import Keeping
from drivestack.behavior.select import select
from drivestack.behavior.stop_lines import with_stop_lines
from drivestack.core.protocols import Proposer, Router, Scorer
from drivestack.core.rows import put_rows, take_rows
from drivestack.core.types import Bools, Candidates, Goal, Observation, Plan, Route, Scores
from drivestack.route.off_route import Keep, stale
from drivestack.safety.faults import Fault

from .contained import answered, contained, surviving
from .memory import Planned
from .timing import timed


@dataclass(frozen=True, slots=True, eq=False)
class StagedPlanner:
    """Stages that meet through records only.

    Attributes:
        keep: how long a route is kept. keeping: the plan in force is gone on with as candidate 0;
        None: nothing is kept. margin: of the score, by which another one has to be better.
        committed: for how long [s] the plan in force is driven before a new one acts.
    """

    router: Router
    proposer: Proposer
    scorer: Scorer
    keep: Keep
    keeping: Keeping | None = None
    margin: float = 0.0
    committed: float = 0.0

    def plan(
        self,
        observation: Observation,
        goal: Goal,
        route: Route,
        plan: Plan,
        faults: Bools,
        seconds: dict[str, float],
    ) -> tuple[Planned | None, NDArray[np.intp]]:
        """See `Planning`; a row for which a stage fails has no plan, the others have theirs."""
        every = np.arange(len(observation.tick))

        def act(rows: NDArray[np.intp]) -> Planned:
            if len(rows) == len(every):
                return self._planned(observation, goal, route, plan, seconds)
            seen, own = take_rows(observation, rows), take_rows(goal, rows)
            way, now = take_rows(route, rows), take_rows(plan, rows)
            return self._planned(seen, own, way, now, seconds)

        return surviving(act, every, faults)

    def _planned(
        self,
        seen: Observation,
        goal: Goal,
        route: Route,
        now: Plan,
        seconds: dict[str, float],
    ) -> Planned:
        """What the stages say.

        Raises:
            StageError: one of them has failed.
        """
        batch = len(seen.tick)
        with contained(Fault.ROUTER_FAILED), timed(seconds, "route"):
            route = rerouted(self.router, seen, goal, route, self.keep)
        with contained(Fault.PROPOSER_FAILED), timed(seconds, "propose"):
            held = with_stop_lines(seen, route)
            proposer = self._told(seen, route, now)
            candidates = answered(proposer.propose(held, route, goal), Candidates, batch)
            if self.keeping is not None:
                candidates = self.keeping.first(seen, route, now, candidates)
        with contained(Fault.SCORER_FAILED), timed(seconds, "score"):
            scores = answered(self.scorer.score(held, route, candidates), Scores, batch)
        with contained(Fault.SELECTION_FAILED), timed(seconds, "select"):
            plan = select(seen, candidates, scores, self.margin)
        return Planned(route, candidates, scores, plan)

    def _told(self, seen: Observation, route: Route, now: Plan) -> Proposer:
        """The proposer, told what the plan in force commits the cars to."""
        proposer, keeping = self.proposer, self.keeping
        if self.committed == 0.0 or keeping is None or not isinstance(proposer, Committing):
            return proposer
        kept = keeping.alone(seen, route, now, now.states.shape[1])
        return proposer.after(committed_by(seen, route, kept, self.committed))


def rerouted(router: Router, seen: Observation, goal: Goal, route: Route, keep: Keep) -> Route:
    """The route with the rows made anew that need it."""
    rows = np.flatnonzero(stale(seen, route, keep))
    if len(rows) == 0:
        return route
    part = router.route(take_rows(seen, rows), take_rows(goal, rows))
    part = answered(part, Route, len(rows))
    return part if len(rows) == len(route.spacing) else put_rows(route, rows, part)
