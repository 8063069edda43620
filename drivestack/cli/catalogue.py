"""What there is to choose from: every registry by name."""

from __future__ import annotations

import json

from . import status


def catalogue() -> dict[str, list[str]]:
    """Names of scenes, backends, stacks and the stages they are made of."""
    from drivestack.behavior import PROPOSERS, SCORERS
    from drivestack.core.start import EgoKind, Physics, Traffic
    from drivestack.core.tables import Plant
    from drivestack.metrics.judge import COMPOSED, MEASURES
    from drivestack.motion import CONTROLLERS
    from drivestack.route import ROUTERS
    from drivestack.safety import CHECKS, GUARDS, MONITORS
    from drivestack.scenario.sources.highway_env_scenes import SCENES
    from drivestack.stack import PLACES, STACKS
    from drivestack.world import WORLDS

    return {
        "highway-env scenes": list(SCENES),
        "backends": list(WORLDS),
        "stacks": list(STACKS),
        "routers": list(ROUTERS),
        "proposers": list(PROPOSERS),
        "scorers": list(SCORERS),
        "controllers": list(CONTROLLERS),
        "planner places": list(PLACES),
        "safety guards": list(GUARDS),
        "safety checks": list(CHECKS),
        "safety monitors": list(MONITORS),
        "measures": [*MEASURES, *COMPOSED],
        "ego kinds": [kind.value for kind in EgoKind],
        "plants": [plant.name.lower() for plant in Plant],
        "physics": [physics.value for physics in Physics],
        "traffic": [traffic.value for traffic in Traffic],
    }


def show(schema: bool, as_json: bool) -> int:
    """Print the catalogue, or the JSON Schema of scenario files; returns the exit status."""
    if schema:
        from drivestack.scenario import json_schema

        print(json.dumps(json_schema(), indent=2))
        return status.OK
    found = catalogue()
    if as_json:
        print(json.dumps(found, indent=2))
        return status.OK
    for kind, names in found.items():
        print(f"{kind}: {', '.join(names)}")
    return status.OK
