"""The what-if check: futures of others, options of the ego, and when waiting costs too much."""
