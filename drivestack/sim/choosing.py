"""Single scenarios of a queue, by id: they keep their numbers, and no other is driven."""

from __future__ import annotations

import contextlib
import difflib
import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from drivestack.core.errors import InputError
from drivestack.scenario.expand import case_at, name_at
from drivestack.scenario.resolve import may_be_several, resolve

from .queue import Pick, Queue, Source

_MOST_COMPARED = 10_000
"""Ids of a file's scenario that a wrong one is compared with: a second's work."""


def only(queue: Queue, ids: Sequence[str]) -> Queue:
    """The queue with these scenarios alone.

    Args:
        ids: of episodes, such as ``cut-in/speed=10@1#0``.

    Raises:
        InputError: the first of them that is not in the queue, with the nearest that is.
    """
    found: dict[str, Pick] = {}
    heads = {_head(name) for name in ids}
    for pick in _picks(queue, heads):
        name = _name(queue, pick)
        if name in ids:
            found[name] = pick
            if len(found) == len(set(ids)):
                break
    for name in ids:
        if name not in found:
            raise InputError(f"--only: no scenario '{name:.200}'; {_nearest(queue, name)}")
    return replace(queue, chosen=tuple(sorted(found.values(), key=lambda pick: pick.number)))


def _head(name: str) -> str:
    """The scenario's own id: what comes before what varies, version and seed."""
    return re.split("[/:@#]", name, maxsplit=1)[0]


def _picks(queue: Queue, heads: set[str]) -> Iterator[Pick]:
    """All that a scenario with one of these ids stands for."""
    for pick, _ in queue.picks():
        document = queue.sources[pick.file].documents()[pick.document]
        if document.scenario.id in heads:
            yield pick


def _name(queue: Queue, pick: Pick) -> str:
    names = _names(queue.sources[pick.file], pick.document, pick.combination)
    return names[pick.place]


@functools.lru_cache(1)
def _names(source: Source, document: int, combination: int) -> Sequence[str]:
    """Ids of the first states of a case; one that cannot be made is one, under the case's id."""
    whole = source.documents()[document]
    if may_be_several(whole):
        with contextlib.suppress(Exception):
            return [start.scenario for start in resolve(case_at(whole, combination))]
    return [name_at(whole, combination)[0]]


def _nearest(queue: Queue, name: str) -> str:
    """A clause naming the id that is most alike, in the scenario whose own id is."""
    documents = itertools.chain(*(source.documents() for source in queue.sources))
    heads = {document.scenario.id for document in documents}
    near = difflib.get_close_matches(_head(name), heads, n=1, cutoff=0.0)
    names = [
        _name(queue, pick) for pick in itertools.islice(_picks(queue, {*near}), _MOST_COMPARED)
    ]
    best = difflib.get_close_matches(name, names, n=1, cutoff=0.0)
    return f"did you mean '{best[0]}'?" if best else "every combination is excluded"
