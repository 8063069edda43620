"""Read an XML file into elements that know their lines, bounded and without entities.

Parsed by defusedxml's SAX reader piece by piece, so that a document is refused when it gets too
large or too deep and not after. DTDs, entities and external references are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml
from defusedxml import sax

from drivestack.core.errors import InputError, UnsupportedError

from .files import read_chunks
from .places import LONGEST_NAME, LONGEST_SENTENCE, one_line

MAX_DEPTH = 32
"""OpenSCENARIO needs 25, CommonRoad 9."""

MAX_ELEMENTS = 250_000
"""The largest public recording has 78,000."""

_NO_ATTRIBUTES: Mapping[str, str] = {}
_NO_LIMITS: Mapping[str, int] = {}


class Element:
    """One XML element."""

    __slots__ = ("attributes", "children", "file", "line", "tag", "text")

    def __init__(self, tag: str, attributes: Mapping[str, str], file: str, line: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.file = file
        self.line = line
        self.text = ""
        self.children: Sequence[Element] = ()

    def all(self, tag: str) -> Iterator[Element]:
        """The children of one name."""
        return (child for child in self.children if child.tag == tag)

    def find(self, *path: str) -> Element | None:
        """The first descendant along a path of names."""
        found: Element | None = self
        for tag in path:
            found = next(found.all(tag), None)
            if found is None:
                return None
        return found

    def need(self, *path: str) -> Element:
        """The first descendant along a path of names, which must be there."""
        found = self
        for tag in path:
            inner = next(found.all(tag), None)
            if inner is None:
                raise found.problem(f"missing element '{tag}'")
            found = inner
        return found

    def bare(self) -> Element:
        """The element without its children, to keep for error messages."""
        return Element(self.tag, self.attributes, self.file, self.line)

    def problem(self, sentence: str) -> InputError:
        """An error about this element: file, line, its name and id, and the sentence."""
        return InputError(self._at(sentence))

    def unsupported(self, sentence: str) -> UnsupportedError:
        """An error about something that is well-formed but not done here."""
        return UnsupportedError(self._at(sentence))

    def _at(self, sentence: str) -> str:
        name = f"{self.tag} {self.attributes['id']}" if "id" in self.attributes else self.tag
        name = one_line(name, LONGEST_NAME)
        return f"{self.file}:{self.line}: {name}: {one_line(sentence, LONGEST_SENTENCE)}"


def read_document(
    path: Path, most: Mapping[str, int] = _NO_LIMITS, elements: int = MAX_ELEMENTS
) -> Element:
    """The root element of an XML file, plain or gzip.

    Args:
        most: how many elements of some names there may be. elements: of all names.

    Raises:
        InputError: one sentence with file and line; too many are refused as they come.
    """
    parser = sax.make_parser()
    parser.forbid_dtd = True
    handler = _Handler(str(path), parser, most, elements)
    parser.setContentHandler(handler)
    try:
        for chunk in read_chunks(path):
            parser.feed(chunk)
        parser.close()
    except SAXParseException as error:
        line = error.getLineNumber() or 1
        raise InputError(f"{path}:{line}: broken XML: {error.getMessage()}") from None
    except defusedxml.DefusedXmlException as error:
        what = type(error).__name__.removesuffix("Forbidden")
        raise InputError(f"{path}:{handler.line()}: {what} in XML is not accepted") from None
    if handler.root is None:
        raise InputError(f"{path}:1: broken XML: no element found")
    return handler.root


class _Handler(ContentHandler):
    """Builds the tree and counts."""

    def __init__(self, file: str, locator: Locator, most: Mapping[str, int], elements: int) -> None:
        super().__init__()
        self.root: Element | None = None
        self._file = file
        self._locator = locator
        self._open: list[Element] = []
        self._texts: list[str] = []
        self._left = dict(most)
        self._most, self._elements = most, elements
        self._count = 0

    def line(self) -> int:
        """Where the parser is."""
        return self._locator.getLineNumber() or 1

    def startElement(self, name: str, attrs: AttributesImpl[str]) -> None:  # noqa: N802
        self._count += 1
        if self._count > self._elements:
            self._refuse(f"more than {self._elements} XML elements")
        if name in self._left:
            self._left[name] -= 1
            if self._left[name] < 0:
                self._refuse(f"more than {self._most[name]} elements '{name}'")
        if len(self._open) >= MAX_DEPTH:
            self._refuse(f"XML nested deeper than {MAX_DEPTH}")
        own = dict(attrs.items()) if len(attrs) else _NO_ATTRIBUTES
        element = Element(name, own, self._file, self.line())
        if not self._open:
            self.root = element
        elif self._open[-1].children:
            self._open[-1].children.append(element)  # pyright: ignore[reportAttributeAccessIssue]
        else:
            self._open[-1].children = [element]
        self._open.append(element)
        self._texts.clear()

    def _refuse(self, sentence: str) -> NoReturn:
        raise InputError(f"{self._file}:{self.line()}: {sentence}")

    def characters(self, content: str) -> None:
        self._texts.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        element = self._open.pop()
        if not element.children:
            element.text = "".join(self._texts).strip()
        self._texts.clear()
