"""Two runs on the same scenarios: paired differences, regressions, episodes that changed."""
