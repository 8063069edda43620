"""Lane-graph search, and the reference line and speed limits it implies."""

from .lane_router import LaneRouter

ROUTERS = {"lanes": LaneRouter}
