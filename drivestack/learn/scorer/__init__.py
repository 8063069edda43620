"""From what came of candidates in forked worlds to the scoring model of `behavior/appraiser.py`."""
