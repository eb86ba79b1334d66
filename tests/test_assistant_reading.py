"""What the assistant reads stays as it is, byte by byte; what it cannot read it says."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from simulacra.assistant.answers import Source, printable
from simulacra.assistant.documents import Unreadable
from simulacra.assistant.indexing import bring_in
from simulacra.assistant.passages import index
from simulacra.assistant.reading import LARGEST, read, walk
from simulacra.assistant.sentences import sentences
from simulacra.assistant.store import Store
from simulacra.core.errors import BadInput

TEXT = """# Spins

The Ising model has a transition at T = 2.269. It was solved by Onsager in 1944.

- Wolff flips clusters.
"""


def pdf(pages: list[str], locked: str = "") -> bytes:
    """A small PDF with a line of text a page."""
    import io

    pypdf = pytest.importorskip("pypdf", reason="the extra assistant is not installed")
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = pypdf.PdfWriter()
    font = DictionaryObject(
        {
            NameObject(k): NameObject(v)
            for k, v in (("/Type", "/Font"), ("/Subtype", "/Type1"), ("/BaseFont", "/Helvetica"))
        }
    )
    for text in pages:
        page = writer.add_blank_page(300, 300)
        if text:
            stream = DecodedStreamObject()
            stream.set_data(f"BT /F1 9 Tf 10 200 Td ({text}) Tj ET".encode())
            page[NameObject("/Contents")] = writer._add_object(stream)
            fonts = DictionaryObject({NameObject("/F1"): font})
            page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if locked:
        writer.encrypt(locked, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def notebook() -> bytes:
    cells = [
        {"cell_type": "markdown", "source": ["# Results\n", "The coverage of the draws is poor."]},
        {"cell_type": "code", "source": ["secret = 'this is code and is never quoted'"]},
    ]
    return json.dumps({"cells": cells}).encode()


CASES: dict[str, Callable[[], bytes]] = {
    "a.md": lambda: TEXT.encode(),
    "a.txt": lambda: TEXT.encode(),
    "crlf.md": lambda: TEXT.replace("\n", "\r\n").encode(),
    "bom.md": lambda: b"\xef\xbb\xbf" + TEXT.encode(),
    "wide.txt": lambda: "\ufeff".encode("utf-16-le") + TEXT.encode("utf-16-le"),
    "latin.txt": lambda: "Die Größe der Fläche ist bekannt. Wolff dreht Cluster um.".encode("cp1252"),
    "a.tex": lambda: (
        rb"\documentclass{article}\title{On spins}\begin{document}\section{One} Spins flip at random. % secret"
        b"\n"
        rb"They flip in clusters, too.\end{document}"
    ),
    "a.bib": lambda: b"@article{on44, title={Crystal statistics and a transition}, author={Lars Onsager}, year=1944}",
    "a.html": lambda: b"<title>T</title><script>steal()</script><p>Spins &amp; fields meet here.</p><style>p{}</style>",
    "a.ipynb": notebook,
    "a.py": lambda: b'"""Spins that flip in large clusters."""\nx = 1\n',
    "a.pdf": lambda: pdf(["Spins flip in large clusters.", "Fields are smooth on this page."]),
}


@pytest.mark.parametrize("name", CASES)
def test_every_sentence_stands_in_the_file_at_its_place(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(CASES[name]())
    indexed = index(read(path))
    assert indexed.spans
    for span in indexed.spans:
        source = Source.of(indexed.document, span)
        assert source.holds()
        assert source.place
    path.write_bytes(CASES[name]().replace(b"e", b"a") + b" ")
    assert not all(Source.of(indexed.document, span).holds() for span in indexed.spans), "a changed file is noticed"


def test_code_scripts_and_comments_are_never_quoted(tmp_path: Path) -> None:
    for name in ("a.ipynb", "a.html", "a.tex", "a.py"):
        path = tmp_path / name
        path.write_bytes(CASES[name]())
        indexed = index(read(path))
        quoted = " ".join(indexed.document.text[a:b] for a, b in indexed.spans)
        assert not any(word in quoted for word in ("secret", "steal", "documentclass", "x = 1")), name


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("locked.pdf", lambda: pdf(["Secret."], locked="key"), "encrypted"),
        ("scanned.pdf", lambda: pdf(["", ""]), "scanned"),
        ("broken.pdf", lambda: b"%PDF-1.4 nothing", "no readable PDF"),
        ("binary.txt", lambda: bytes(range(256)) * 9, "not a text"),
        ("empty.md", lambda: b" \n", "empty"),
        ("bad.ipynb", lambda: b"{", "no notebook"),
        ("bad.bib", lambda: b"nothing here", "no BibTeX entry"),
        ("half.txt", lambda: b"\xff\xfea\x00\x00\xd8b", "utf-16"),
    ],
)
def test_what_cannot_be_read_is_said_and_counted(
    name: str, data: Callable[[], bytes], why: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data())
    (tmp_path / "good.md").write_text(TEXT)
    with pytest.raises(Unreadable, match=why):
        read(tmp_path / name)
    stated = bring_in(Store(tmp_path / "x" / "library.sqlite"), [tmp_path])
    assert stated.read == 1 and list(stated.skipped) == [str(tmp_path / name)]


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(max(LARGEST + 1, 500 * 2**20))  # a hole: it takes no room on disk
    with pytest.raises(Unreadable, match="too large"):
        read(path)


def test_circles_of_links_end(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "note.md").write_text(TEXT)
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "self.md").symlink_to(tmp_path / "self.md")
    (tmp_path / "other.md").symlink_to(tmp_path / "a" / "note.md")
    assert len(list(walk([tmp_path]))) == 1


def test_paths_that_are_not_there_or_not_read_are_errors(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        list(walk([tmp_path / "none"]))
    (tmp_path / "a.exe").write_bytes(b"MZ")
    with pytest.raises(BadInput, match="not read"):
        list(walk([tmp_path / "a.exe"]))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One ends. Two ends! Three?", 3),
        ("By Eq. 3 and Fig. 2, e.g. T = 2.3, W. Lenz et al. Found it.", 1),
        ("# Head\nBody goes on\nover lines.\n\nNew paragraph", 3),
        ("- one item\n- two items\n1. three", 3),
        ("| a | row. Of | a |\n|---|---|---|\n| b | c | d |", 2),
        ("", 0),
        ("word " * 400, 3),
    ],
)
def test_sentences_end_where_readers_say_so(text: str, count: int) -> None:
    assert len(sentences(text)) == count


def test_spans_are_in_order_and_never_overlap() -> None:
    text = (Path(__file__).parents[1] / "LOG.md").read_text(encoding="utf-8")
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)


def test_what_is_shown_steers_no_terminal() -> None:
    assert "\x1b" not in printable("a\x1b[31m\x07red\u202e") and "\u202e" not in printable("\u202e")


def test_a_file_that_may_not_be_opened_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "closed.md"
    path.write_text(TEXT)

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", closed)
    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(Unreadable, match="cannot be opened"):
        read(path)
