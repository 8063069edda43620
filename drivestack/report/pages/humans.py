"""What a safety layer would have done to recorded human drivers."""

from __future__ import annotations

from typing import Any

from .judgement import Judgement


def data(judged: Judgement) -> dict[str, Any]:
    """The facts as they are: rates, labels, the interventions that are hardest to excuse."""
    facts = judged.facts
    return {name: facts[name] for name in ("near_miss", "per_minutes", "layers", "command")}
