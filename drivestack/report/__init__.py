"""Reports of runs: one self-contained page each, pages of comparisons, and videos of episodes."""

from .compared import write_comparison as write_comparison
from .writing import write as write
from .writing import write_one as write_one
