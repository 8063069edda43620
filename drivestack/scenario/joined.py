"""Union-find over lane ends: those that meet become one node of the lane graph."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

_End = TypeVar("_End", bound=Hashable)


class Joined(Generic[_End]):
    """Sets of ends that meet; the least end by `order` names its set."""

    def __init__(self, order: Callable[[_End], Any]) -> None:
        self._order = order
        self._parent: dict[_End, _End] = {}

    def root(self, end: _End) -> _End:
        """The end that names the set which holds an end."""
        above = self._parent.get(end, end)
        while above != end:
            self._parent[end] = self._parent.get(above, above)
            end, above = above, self._parent.get(above, above)
        return end

    def join(self, one: _End, other: _End) -> None:
        """Put two ends into one set."""
        first, second = sorted((self.root(one), self.root(other)), key=self._order)
        self._parent[second] = first
