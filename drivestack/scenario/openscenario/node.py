"""An element with the parameters in force, that knows what of it has been read.

Readers take what they know; `Node.finish` then refuses the first attribute or element that nobody
has asked for. So nothing of a file is skipped in silence: what has no effect here is left out by
name (`Node.leave`) and listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from drivestack.core.errors import UnsupportedError, nearest

from ..expressions import ExpressionError, Scope, Value
from ..xml_reader import Element
from .values import as_number, as_text, as_truth, as_whole, resolved

_Read = TypeVar("_Read")


class Node:
    """One element of a scenario.

    Attributes:
        element: as written. scope: parameters in force. notes: what was left out, of the document.
    """

    __slots__ = ("_asked", "_nodes", "element", "notes", "scope")

    def __init__(self, element: Element, scope: Scope, notes: list[str]) -> None:
        self.element = element
        self.scope = scope
        self.notes = notes
        self._asked: set[str] = set()
        self._nodes: dict[int, Node] = {}

    @property
    def place(self) -> str:
        """Where it stands: ``file:line``."""
        return f"{self.element.file}:{self.element.line}"

    def value(self, name: str, convert: Callable[[Value], _Read], default: _Read | None) -> _Read:
        """An attribute as `convert` makes it; without a default it must be there."""
        self._asked.add(name)
        text = self.element.attributes.get(name)
        if text is None:
            if default is None:
                raise self.element.problem(f"missing attribute '{name}'")
            return default
        try:
            return convert(resolved(self.element, text, self.scope))
        except ExpressionError as error:
            raise self.element.problem(f"{name}: {error}") from None

    def all(self, *tags: str) -> list[Node]:
        """The children of some names, in order."""
        found = [child for child in self.element.children if child.tag in tags]
        for child in found:
            self._nodes.setdefault(id(child), Node(child, self.scope, self.notes))
        return [self._nodes[id(child)] for child in found]

    def find(self, tag: str) -> Node | None:
        """The child of a name; two are refused."""
        found = self.all(tag)
        if len(found) > 1:
            raise found[1].element.problem(f"expected one '{tag}' in '{self.element.tag}'")
        return found[0] if found else None

    def need(self, tag: str) -> Node:
        """The child of a name, which must be there."""
        found = self.find(tag)
        if found is None:
            raise self.element.problem(f"missing element '{tag}'")
        return found

    def one_of(self, readers: Mapping[str, Callable[[Node], _Read]]) -> _Read:
        """The only child, read by the reader of its name.

        Raises:
            UnsupportedError: a child without a reader.
        """
        children = self.element.children
        if len(children) != 1:
            sentence = f"expected one of {', '.join(readers)}; found {len(children)}"
            raise self.element.problem(sentence)
        tag = children[0].tag
        if tag not in readers:
            raise _unsupported(self.element, children[0], readers)
        return readers[tag](self.need(tag))

    def leave(self, why: str, *names: str) -> None:
        """Attributes or children that are known and have no effect here, for a reason; children are
        noted."""
        for name in names:
            if name in self.element.attributes:
                self._asked.add(name)
            for child in self.element.children:
                if child.tag == name and id(child) not in self._nodes:
                    self._nodes[id(child)] = Node(child, self.scope, self.notes)
                    self._nodes[id(child)]._leave_all()
                    self.notes.append(f"{child.file}:{child.line}: {name}: {why}")

    def known(self, *names: str) -> None:
        """Attributes or children that were read elsewhere."""
        self._asked.update(names)
        for node in self.all(*names):
            node._leave_all()

    def adopt(self, element: Element, scope: Scope) -> Node:
        """A node that stands in for this one, such as a catalog's entry: finished with it."""
        node = Node(element, scope, self.notes)
        self._nodes[id(element)] = node
        return node

    def finish(self) -> None:
        """Refuse what nobody has asked for, here and below.

        Raises:
            UnsupportedError: it names the element or attribute and its line.
        """
        for name in self.element.attributes:
            if name not in self._asked and ":" not in name and name != "xmlns":
                raise self.element.unsupported(f"attribute '{name}' is not supported here")
        for child in self.element.children:
            if id(child) not in self._nodes:
                raise _unsupported(self.element, child, ())
        for node in self._nodes.values():
            node.finish()

    def _leave_all(self) -> None:
        self._asked.update(self.element.attributes)
        for node in self.all(*{child.tag for child in self.element.children}):
            node._leave_all()


def text(node: Node, name: str, default: str | None = None) -> str:
    """An attribute's text."""
    return node.value(name, as_text, default)


def real(node: Node, name: str, default: float | None = None) -> float:
    """An attribute's number."""
    return node.value(name, as_number, default)


def whole(node: Node, name: str, default: int | None = None) -> int:
    """An attribute's whole number."""
    return node.value(name, as_whole, default)


def truth(node: Node, name: str, default: bool | None = None) -> bool:
    """An attribute's truth."""
    return node.value(name, as_truth, default)


def choice(node: Node, name: str, valid: Iterable[str], default: str | None = None) -> str:
    """An attribute that is one of some words."""
    found, words = text(node, name, default), tuple(valid)
    if found not in words:
        near = nearest(found, words)
        raise node.element.problem(f"{name}: unknown word '{found[:40]}'; {near}")
    return found


def given(node: Node, name: str) -> bool:
    """Whether an attribute is there."""
    return name in node.element.attributes


def label(node: Node, name: str) -> str:
    """An attribute as written: nothing refers to it, and esmini's files put expressions there."""
    node.known(name)
    return node.element.attributes.get(name, "")


def note(node: Node, name: str, why: str) -> None:
    """Say that something of an element counts for nothing, or for something else."""
    node.notes.append(f"{node.place}: {name}: {why}")


def _unsupported(parent: Element, child: Element, known: Iterable[str]) -> UnsupportedError:
    near = f"; {nearest(child.tag, known)}" if tuple(known) else ""
    return child.unsupported(f"not supported in '{parent.tag}'{near}")
