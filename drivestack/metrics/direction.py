"""Which way of every measure is the better one: what a comparison of two runs goes by."""

from __future__ import annotations

from enum import StrEnum


class Better(StrEnum):
    """Whether more of a measure is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"
    """It says what happened, not how well."""


DIRECTIONS: dict[str, Better] = {
    **dict.fromkeys(
        (
            # scores and what they are made of: 1 is best
            "no_at_fault_collision",
            "no_at_fault_collision_navsim",
            "drivable_area",
            "drivable_area_strict",
            "driving_direction",
            "traffic_lights",
            "ego_progress",
            "ego_progress_pdms",
            "ego_progress_epdms",
            "making_progress",
            "ttc_within_bound",
            "ttc_projected",
            "speed_limit",
            "comfort",
            "history_comfort",
            "extended_comfort",
            "lane_keeping",
            "nuplan_cls_1",
            "pdms_1",
            "epdms_1",
            "goal_reached",
            "route_progress_m",
            # time and space that were left
            "min_ttc_s",
            "min_headway_m",
            "min_thw_s",
            "min_wttc_s",
            "min_distance_m",
        ),
        Better.HIGHER,
    ),
    **dict.fromkeys(
        (
            "contact",
            "crashed",
            "at_fault",
            "frozen",
            "frozen_s",
            # what a conflict took, or would have taken
            "tet_s",
            "tit_s2",
            "max_drac",
            "max_btn",
            "cpi",
            "max_a_lat_req",
            "max_stn",
            "log_ade_m",
            "log_fde_m",
        ),
        Better.LOWER,
    ),
    **dict.fromkeys(
        (
            "has_goal",
            "lane_change_s",
            # who misses his exit drives farther, and who speeds drives faster
            "progress_m",
            "mean_speed",
            # a monitor that nobody has to obey may fail for ever
            "checks_failed",
        ),
        Better.NEITHER,
    ),
}
"""Every measure and composed score, by name."""
