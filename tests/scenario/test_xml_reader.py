from __future__ import annotations

from pathlib import Path

import pytest

from drivestack.core.errors import InputError
from drivestack.scenario.xml_reader import MAX_ELEMENTS, read_document
from tests.scenario.writing import document, write, write_gzip


def test_elements_know_their_lines_and_text(tmp_path: Path) -> None:
    root = read_document(write(tmp_path, "a.xml", '<a>\n <b id="3">\n  <c> 4 </c></b><b/>\n</a>'))
    assert (root.tag, root.line) == ("a", 1)
    first, second = root.all("b")
    assert (first.line, first.attributes["id"], second.line) == (2, "3", 3)
    assert root.need("b", "c").text == "4"
    assert root.find("b", "d") is None
    with pytest.raises(InputError, match=r"a\.xml:2: b 3: missing element 'd'"):
        root.need("b", "d")


BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
    + "]>\n<a>&l9;</a>"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "a.xml:2: DTD in XML is not accepted"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "DTD in XML is not accepted"),
        ("<a>\n<b>\n</a>", "a.xml:3: broken XML: mismatched tag"),
        ("<a>\n<b>", "a.xml:2: broken XML: no element found"),
        ("", "a.xml:1: broken XML: no element found"),
        ("just text", "a.xml:1: broken XML: syntax error"),
        ("<a>&none;</a>", "a.xml:1: broken XML: undefined entity"),
        ("<a>" * 40, "a.xml:1: XML nested deeper than 32"),
        ("<a>" + "<b/>" * (MAX_ELEMENTS + 1), f"more than {MAX_ELEMENTS} XML elements"),
    ],
    ids=lambda text: text[:12],
)
def test_refusals_are_one_sentence_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_document(write(tmp_path, "a.xml", text))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["foo", "hex", "gb2312", "shift_jis", "utf-32", "idna", "a" * 99])
def test_encodings_that_are_not_read(tmp_path: Path, name: str) -> None:
    text = f'<?xml version="1.0" encoding="{name}"?>\n<commonRoad/>'
    with pytest.raises(InputError, match=r"a\.xml:1: broken XML: .*encoding"):
        read_document(write(tmp_path, "a.xml", text))


def test_encodings_of_one_byte_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes('<?xml version="1.0" encoding="windows-1252"?><a b="é€"/>'.encode("cp1252"))
    assert read_document(path).attributes["b"] == "é€"


def test_truncated_recordings(tmp_path: Path) -> None:
    text = document("2020a")
    for part in (0.2, 0.5, 0.9):
        path = write(tmp_path, "a.xml", text[: int(len(text) * part)])
        with pytest.raises(InputError, match=r"a\.xml:\d+: broken XML"):
            read_document(path)


def test_a_gzip_bomb_is_refused(tmp_path: Path) -> None:
    blanks = b" " * (1 << 20)
    path = write_gzip(tmp_path, "a.xml.gz", [b"<a>", *[blanks] * 40, b"</a>"])
    with pytest.raises(InputError, match="bytes when decompressed"):
        read_document(path)
