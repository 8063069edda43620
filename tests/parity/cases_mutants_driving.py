"""Mutants of lanes, the lane graph and the driver models (see `cases_mutants.py`)."""

from __future__ import annotations

from .cases_mutants_traffic import Substitutions

DRIVING: dict[str, Substitutions] = {
    "roads/lanes.py": (
        (
            "angles on arcs are not wrapped",
            "wrap_to_pi(math.atan2(dy, dx) - lane.start_phase)",
            "(math.atan2(dy, dx) - lane.start_phase)",
            "lanes.wrap_on_long_arc",
        ),
        (
            "sums of angles in another order",
            "(lane.turn * s / lane.radius + lane.start_phase) + math.pi / 2 * lane.turn",
            "lane.turn * s / lane.radius + (lane.start_phase + math.pi / 2 * lane.turn)",
            "lanes.overlapping_arcs",
        ),
        (
            "a sine lane's phase is forgotten",
            "lateral = lateral - lane.amplitude * math.sin(lane.pulsation * s + lane.phase)",
            "lateral = lateral - lane.amplitude * math.sin(lane.pulsation * s)",
            "lanes.sine_lane",
        ),
        (
            "margin excludes its bound",
            "abs(lateral) <= width_at(lane, points, s) / 2 + margin",
            "abs(lateral) < width_at(lane, points, s) / 2 + margin",
            "lanes.margin_reaches",
        ),
        (
            "a wider margin",
            "abs(lateral) <= width_at(lane, points, s) / 2 + margin",
            "abs(lateral) <= width_at(lane, points, s) / 2 + 1.1 * margin",
            "lanes.margin_just_misses",
        ),
        (
            "the first 5 m before a lane exclude their bound",
            "inside = -ends <= s and s < lane.length + ends",
            "inside = -ends < s and s < lane.length + ends",
            "lanes.start_is_included",
        ),
        (
            "the last 5 m behind a lane include their bound",
            "inside = -ends <= s and s < lane.length + ends",
            "inside = -ends <= s and s <= lane.length + ends",
            "lanes.end_is_excluded",
        ),
        (
            "forbidden lanes may be entered",
            "if lane.forbidden:",
            "if False:",
            "lanes.forbidden_lane",
        ),
        (
            "reach excludes its bound",
            "abs(lateral) <= 2 * width_at(lane, points, s)",
            "abs(lateral) < 2 * width_at(lane, points, s)",
            "lanes.reach_two_widths",
        ),
        (
            "reach is larger",
            "abs(lateral) <= 2 * width_at(lane, points, s)",
            "abs(lateral) <= 3 * width_at(lane, points, s)",
            "lanes.reach_no_farther",
        ),
        (
            "lanes may be entered before they begin",
            "inside = 0.0 <= s and s < lane.length + ends",
            "inside = -ends <= s and s < lane.length + ends",
            "lanes.reach_not_before_start",
        ),
        (
            "lanes may be entered only before they end",
            "inside = 0.0 <= s and s < lane.length + ends",
            "inside = 0.0 <= s and s < lane.length",
            "lanes.reach_past_end",
        ),
        (
            "lanes may be entered 5 m after they end",
            "inside = 0.0 <= s and s < lane.length + ends",
            "inside = 0.0 <= s and s <= lane.length + ends",
            "lanes.reach_not_past_end",
        ),
        (
            "one width for the whole lane",
            "if lane.widths_n > 0:",
            "if False:",
            "lanes.poly_width",
        ),
    ),
    "roads/polyline.py": (
        (
            "samples are scanned from the start",
            "index = n - 1 - step",
            "index = step",
            "lanes.poly_hairpin",
        ),
        (
            "headings one sample on",
            "return min(int(s), lane.samples_n - 1)",
            "return min(int(s) + 1, lane.samples_n - 1)",
            "lanes.poly_bend",
        ),
    ),
    "roads/build.py": (
        (
            "predecessors by the own length",
            '-float(lanes[before]["length"])',
            '-float(lane["length"])',
            "neighbours.predecessors_follow",
        ),
        (
            "the last lane where the number is missing",
            'lane_id if lane_id < road["lane_n"] else 0',
            'min(lane_id, road["lane_n"] - 1)',
            "neighbours.all_branches_lead",
        ),
    ),
    "roads/graph.py": (
        (
            "the planned lane wins over the closest",
            "if now.lane_n == road.lane_n and wanted >= 0:",
            "if 0 <= wanted < road.lane_n:",
            "routes.lane_count_overrides",
        ),
        (
            "always the closest lane",
            "if now.lane_n == road.lane_n and wanted >= 0:",
            "if False:",
            "routes.planned_lane",
        ),
        (
            "an open lane is the closest",
            "if wanted == _ANY:\n                wanted = row.id",
            "if wanted == _ANY:\n                wanted = -1",
            "routes.same_number",
        ),
        (
            "the last branch on ties",
            "if distance < best:\n            best = distance\n            chosen = candidate",
            "if distance <= best:\n            best = distance\n            chosen = candidate",
            "routes.first_branch_on_tie",
        ),
        (
            "branches by the car's own place",
            "x, y = position(row, points, s, 0.0)",
            "x, y = body.x, body.y",
            "routes.branch_by_centre_line",
        ),
        (
            "a route that goes on elsewhere is followed",
            "if ahead.start == now.end:",
            "if True:",
            "routes.mismatched_route",
        ),
        (
            "entries of a route are not dropped",
            "body.route_head += 1",
            "body.route_head += 0",
            "routes.used_up_route",
        ),
        (
            "lane 0 at a dead end",
            "best = math.inf\n    chosen = lane\n",
            "best = math.inf\n    chosen = now.lane_at\n",
            "routes.dead_end",
        ),
        (
            "the future stays on the route's head",
            "while k < body.route_n - 1 and s > lanes[lane].length:",
            "while False:",
            "right_of_way.along_route",
        ),
        (
            "the future takes lane 0 where the route leaves it open",
            "number = current.id",
            "number = 0",
            "right_of_way.lane_number_kept",
        ),
    ),
    "vehicle/idm.py": (
        (
            "reverse counts by its magnitude",
            "max(speed, 0.0) / abs(not_zero(target_speed))",
            "abs(speed) / abs(not_zero(target_speed))",
            "idm.reverse_counts_as_standing",
        ),
        (
            "target speed 0 means standing",
            "return 1e-2 if value >= 0.0 else -1e-2",
            "return 1e-9 if value >= 0.0 else -1e-9",
            "motion.creeping",
        ),
        (
            "the wanted gap is floored at 0",
            "return (distance_wanted + speed * time_wanted) + (speed * closing) / "
            "(2.0 * math.sqrt(comfort))",
            "return max(0.0, (distance_wanted + speed * time_wanted) + (speed * closing) / "
            "(2.0 * math.sqrt(comfort)))",
            "idm.very_fast_leader",
        ),
        (
            "a leader behind does not brake",
            "ratio = gap_wanted / not_zero(distance)",
            "ratio = max(0.0, gap_wanted / not_zero(distance))",
            "idm.leader_behind",
        ),
        (
            "closing speed is not projected",
            "closing = closing_x * cos_h + closing_y * sin_h",
            "closing = speed - front_speed",
            "idm.leader_across",
        ),
        (
            "a faster leader pulls a linear driver",
            "closing = min(front_speed - speed, 0.0)",
            "closing = front_speed - speed",
            "idm.linear",
        ),
        (
            "a linear driver's gap counts both ways",
            "gap = min(distance - (distance_wanted + max(speed, 0.0) * time_wanted), 0.0)",
            "gap = distance - (distance_wanted + max(speed, 0.0) * time_wanted)",
            "idm.linear_far_leader",
        ),
    ),
    "vehicle/steering.py": (
        (
            "steering divides by the magnitude of speed",
            "divisor = not_zero(speed)\n    lateral_speed",
            "divisor = abs(not_zero(speed))\n    lateral_speed",
            "motion.reverse_is_unstable",
        ),
        (
            "slip is not clipped",
            "slip = math.asin(clamp(length / 2.0 / divisor * rate, -1.0, 1.0))",
            "slip = math.asin(clamp(length / 2.0 / divisor * rate, -0.5, 0.5))",
            "motion.creeping",
        ),
        (
            "a linear driver's lateral gain over speed, not its square",
            "shift = -lateral * length / square",
            "shift = -lateral * length / divisor",
            "idm.linear_above_limit",
        ),
    ),
    "vehicle/bicycle.py": (
        (
            "speed has no upper limit",
            "if body.speed > slot.max_speed:",
            "if False:",
            "motion.soft_limits",
        ),
        (
            "nor a lower one",
            "elif body.speed < slot.min_speed:",
            "elif False:",
            "motion.soft_limits",
        ),
        (
            "the limit is hard",
            "body.speed += body.accel * slot.dt",
            "body.speed = min(body.speed + body.accel * slot.dt, max(body.speed, slot.max_speed))",
            "motion.soft_limits",
        ),
        (
            "a wreck keeps its wheels",
            "body.steer = 0.0\n",
            "body.steer = body.steer\n",
            "motion.wreck_coasts",
        ),
        (
            "an impact does not crash",
            "body.y += body.impact_y\n        body.crashed = True",
            "body.y += body.impact_y",
            "motion.impact_is_applied",
        ),
        (
            "an impact overrides the action at once",
            "clip_action(body, slot)\n    beta",
            "body.crashed = body.crashed or body.has_impact\n    clip_action(body, slot)\n    beta",
            "motion.impact_is_applied",
        ),
        (
            "headings are normalised",
            "((body.speed * math.sin(beta)) / (body.length / 2.0)) * slot.dt\n",
            "((body.speed * math.sin(beta)) / (body.length / 2.0)) * slot.dt\n"
            "    body.heading = (body.heading + math.pi) % (2.0 * math.pi) - math.pi\n",
            "motion.angles_grow",
        ),
        (
            "nothing stops at 0",
            "slot.dt\n    if slot.clamped:",
            "slot.dt\n    if False:",
            "motion.clamped_braking",
        ),
        (
            "tyres do not stop at 0",
            "sum_r\n    if slot.clamped:",
            "sum_r\n    if False:",
            "motion.clamped_tyres",
        ),
        (
            "an impact moves a car with tyres",
            "body.yaw_rate = min(max(body.yaw_rate, -slot.max_yaw_rate), slot.max_yaw_rate)",
            "body.x += body.impact_x if body.has_impact else 0.0",
            "motion.linear_tyres",
        ),
    ),
}
