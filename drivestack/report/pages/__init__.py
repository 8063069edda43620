"""The pages of a report: what each shows, as plain data, and the script that draws it."""

from __future__ import annotations

from . import cases, compare, histograms, humans, interventions, overview, safety
from .both import Both
from .judgement import Judgement
from .look import Look, Page

PAGES: dict[str, Page[Look]] = {
    "overview": Page("Overview", overview.data),
    "histograms": Page("Histograms", histograms.data),
    "episodes": Page("Episodes", cases.data),
    "episode": Page("Replay", cases.nothing),
}
"""By name, in the order of the tabs; each is drawn by the script of the same name beside this."""

COMPARED: dict[str, Page[Both]] = {
    "compare": Page("Compare", compare.data),
    "pair": Page("Side by side", compare.nothing),
}
"""Likewise, of a comparison."""

JUDGED: dict[str, Page[Judgement]] = {
    "safety": Page("Safety layer", safety.data),
    "interventions": Page("Interventions", interventions.data),
}
"""Likewise, of a safety layer that was driven with and without."""

WATCHED: dict[str, Page[Judgement]] = {
    "humans": Page("Human drivers", humans.data),
    "interventions": Page("Interventions", interventions.data),
}
"""Likewise, of a safety layer in the shadow of recorded drivers."""
