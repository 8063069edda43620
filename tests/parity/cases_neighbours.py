"""Who is ahead and who behind (parity note, section 5)."""

from __future__ import annotations

from .cases_scene import Case


def equal_s_last_leads() -> Case:
    """Of two bodies at the same s ahead the last in the list is the leader."""
    case = Case(ticks=3)
    case.highway()
    case.car(0.0)
    case.car(40.0, -1.5, 15.0, "plain")
    case.car(40.0, 1.5, 5.0, "plain")
    return case


def equal_s_obstacle_leads() -> Case:
    """Obstacles come after all vehicles."""
    case = Case(ticks=3)
    case.highway()
    case.obstacle(100.0, -1.5)
    case.car(0.0)
    case.car(100.0, 1.5, 5.0, "plain")
    return case


def equal_s_first_follows() -> Case:
    """Of two bodies at the same s behind the first in the list is the follower."""
    case = Case(ticks=3)
    case.highway(2)
    case.car(100.0, target_speed=30.0, timer=1.5)
    case.car(125.0, 0.0, 10.0, "plain")
    case.car(80.0, 3.2, 8.0, lane_changes=False)
    case.car(80.0, 5.5, 28.0, lane_changes=False)
    return case


def equal_s_across_links() -> Case:
    """The tie rule looks at the list only, not at the road a body is on."""
    case = Case(ticks=2, connected=True)
    case.straight("ab", (0.0, 0.0), (50.0, 0.0))
    case.straight("bc", (50.0, 8.0), (150.0, 8.0))
    case.car(10.0, 0.0, 10.0)
    case.car(52.0, 8.0, 2.0, "plain")
    case.car(52.0, 0.0, 12.0, "plain")
    return case


def all_branches_lead() -> Case:
    """Leaders are looked for on all successors, on the lane with the same number, else on 0."""
    case = Case(ticks=4, connected=True)
    for number in range(3):
        case.straight("ab", (0.0, 4.0 * number), (60.0, 4.0 * number))
    for number in range(2):
        case.straight("bc", (60.0, 20.0 + 4.0 * number), (160.0, 20.0 + 4.0 * number))
    case.straight("bd", (60.0, 8.0), (160.0, 8.0))
    case.car(40.0, 8.0, lane_changes=False, route=["ab2", "bd"])
    case.car(130.0, 20.0, 5.0, "plain")  # bc, lane 0
    case.car(110.0, 24.0, 1.0, "plain")  # bc, lane 1: not looked at
    return case


def unconnected_sees_one_lane() -> Case:
    """Without connected lanes nothing is seen beyond the own lane's end."""
    case = Case(ticks=4)
    case.straight("ab", (0.0, 0.0), (60.0, 0.0))
    case.straight("bc", (60.0, 0.0), (160.0, 0.0))
    case.car(40.0)
    case.car(70.0, 0.0, 1.0, "plain")
    return case


def first_match_only() -> Case:
    """Where the way back lies on the way there, a body behind is not ahead as well."""
    case = Case(ticks=3, connected=True)
    case.straight("ab", (0.0, 0.0), (100.0, 0.0))
    case.straight("ba", (100.0, 0.0), (0.0, 0.0))
    case.car(30.0)
    case.car(10.0, 0.0, 20.0, "plain")
    return case


def first_match_only_behind() -> Case:
    """Nor is a body ahead also behind."""
    case = Case(ticks=3, connected=True)
    for y in (0.0, 4.0):
        case.straight("ab", (0.0, y), (100.0, y))
    for y in (0.0, 4.0):
        case.straight("ba", (100.0, y), (0.0, y))
    case.car(60.0, target_speed=30.0, timer=1.5)
    case.car(85.0, 0.0, 10.0, "plain")
    case.car(98.0, 4.0, 25.0, "plain")
    return case


def predecessors_follow() -> Case:
    """A follower on a predecessor road is placed by the length of that road."""
    case = Case(ticks=3, connected=True)
    for y in (0.0, 4.0):
        case.straight("ab", (-100.0, y), (0.0, y))
        case.straight("bc", (0.0, y), (200.0, y))
        case.straight("db", (-30.0, 40.0 + y), (0.0, y))
    case.car(20.0, target_speed=30.0, timer=1.5)
    case.car(45.0, 0.0, 10.0, "plain")
    case.car(-3.0, 8.0, 6.0, lane_changes=False)  # on db, 5 m before its end
    case.car(-10.0, 4.0, 29.0, lane_changes=False)  # on ab
    return case


def oncoming_leads() -> Case:
    """On coinciding lanes an oncoming car is a leader."""
    case = Case(ticks=6)
    case.straight("ab", (0.0, 0.0), (300.0, 0.0))
    case.straight("ba", (300.0, 0.0), (0.0, 0.0))
    case.car(100.0, lane_changes=False)
    case.car(170.0, 0.0, 15.0, heading=3.141592653589793, lane_changes=False)
    return case


def obstacle_leads() -> Case:
    """An obstacle is a standing leader."""
    case = Case(ticks=10)
    case.highway()
    case.car(0.0)
    case.obstacle(60.0, 0.5)
    return case


def obstacle_follows() -> Case:
    """An obstacle as follower brakes for nobody."""
    case = Case(ticks=3)
    case.highway(2)
    case.car(100.0, target_speed=30.0, timer=1.5)
    case.car(125.0, 0.0, 10.0, "plain")
    case.obstacle(94.0, 4.0)
    return case


def wreck_leads() -> Case:
    """A crashed car counts."""
    case = Case(ticks=10)
    case.highway()
    case.car(0.0)
    case.car(50.0, 1.0, 8.0, crashed=True)
    return case


CASES = (
    equal_s_last_leads,
    equal_s_obstacle_leads,
    equal_s_first_follows,
    equal_s_across_links,
    all_branches_lead,
    unconnected_sees_one_lane,
    first_match_only,
    first_match_only_behind,
    predecessors_follow,
    oncoming_leads,
    obstacle_leads,
    obstacle_follows,
    wreck_leads,
)
