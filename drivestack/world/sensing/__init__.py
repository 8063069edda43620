"""From the true `Scene` to the stack's `Observation`."""

from .memory import Memory, fresh, reset_rows
from .mount import UNUSED, Mount
from .sense import sense

__all__ = ["UNUSED", "Memory", "Mount", "fresh", "reset_rows", "sense"]
