"""From an observation and a route to a plan: proposers, scorers, selection."""

from .proposers import PROPOSERS as PROPOSERS
from .scorers import SCORERS as SCORERS
