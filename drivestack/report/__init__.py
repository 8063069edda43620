"""Reports of runs: one self-contained page each, and videos of episodes."""

from .writing import write as write
from .writing import write_one as write_one
