"""Read an XML file into elements that know their lines, bounded and without entities.

Parsed by expat piece by piece, so that a document is refused when it gets too large or too deep
and not after. DTDs are refused, and with them all entities and external references: only a DTD
declares them. Its own handlers take half the time of those of a SAX reader around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from drivestack.core.errors import InputError, UnsupportedError

from .files import read_chunks
from .places import LONGEST_NAME, LONGEST_SENTENCE, one_line

MAX_DEPTH = 32
"""OpenSCENARIO needs 25, CommonRoad 9."""

MAX_ELEMENTS = 150_000
"""The largest public recording has 78,000."""

LONGEST_TOKEN = 1 << 20
"""Bytes of a tag or a comment: while one is not at its end expat reads it anew with every piece."""

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
    reader = _Reader(str(path), most)
    try:
        for chunk in _counted(path, elements):
            reader.feed(chunk)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise InputError(f"{path}:{error.lineno}: broken XML: {said}") from None
    except (LookupError, ValueError):  # from Python, which expat asks for encodings it lacks
        line = reader.parser.CurrentLineNumber
        said = "an encoding that cannot be read; expected UTF-8"
        raise InputError(f"{path}:{line}: broken XML: {said}") from None
    if reader.root is None:
        raise InputError(f"{path}:1: broken XML: no element found")
    return reader.root


def _counted(path: Path, most: int) -> Sequence[bytes]:
    """The file's pieces; refuses too many elements before any is made, those in comments too."""
    chunks: list[bytes] = []
    count, last = 0, b""
    for chunk in read_chunks(path):
        both = last + chunk
        count += chunk.count(b"<") - sum(both.count(end) for end in (b"</", b"<!", b"<?"))
        if count > most:
            raise InputError(f"{path}: more than {most} XML elements")
        last = chunk[-1:]
        chunks.append(chunk)
    return chunks


class _Reader:
    """Builds the tree, and counts elements whose number is limited."""

    def __init__(self, file: str, most: Mapping[str, int]) -> None:
        self.root: Element | None = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._file = file
        self._open: list[Element] = []
        self._texts: list[str] = []
        self._written = 0
        self._left = dict(most)
        self._most = most
        self._fed = 0

    def feed(self, chunk: bytes) -> None:
        """One more piece of the file."""
        self.parser.Parse(chunk, False)
        self._fed += len(chunk)
        if self._fed - self.parser.CurrentByteIndex > LONGEST_TOKEN:
            self._refuse(f"a tag or comment of more than {LONGEST_TOKEN} bytes")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self._left:
            self._left[name] -= 1
            if self._left[name] < 0:
                self._refuse(f"more than {self._most[name]} elements '{name}'")
        if len(self._open) >= MAX_DEPTH:
            self._refuse(f"XML nested deeper than {MAX_DEPTH}")
        own = attributes or _NO_ATTRIBUTES
        element = Element(name, own, self._file, self.parser.CurrentLineNumber)
        if not self._open:
            self.root = element
        elif self._open[-1].children:
            self._open[-1].children.append(element)  # pyright: ignore[reportAttributeAccessIssue]
        else:
            self._open[-1].children = [element]
        self._open.append(element)
        self._texts.clear()
        self._written = 0

    def _characters(self, content: str) -> None:
        self._texts.append(content)
        self._written += len(content)
        if self._written > LONGEST_TOKEN:
            self._refuse(f"an element with more than {LONGEST_TOKEN} characters of text")

    def _end(self, name: str) -> None:
        element = self._open.pop()
        if not element.children:
            element.text = "".join(self._texts).strip()
        self._texts.clear()
        self._written = 0

    def _doctype(self, name: str, *declared: object) -> None:
        self._refuse("DTD in XML is not accepted")

    def _refuse(self, sentence: str) -> NoReturn:
        raise InputError(f"{self._file}:{self.parser.CurrentLineNumber}: {sentence}")
